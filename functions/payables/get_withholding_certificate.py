"""Read one withholding certificate."""

from bigledger.kernel import Context, operation
from bigledger.payables import WithholdingCertificate, WithholdingCertificateReference, certificates


@operation("GET /api/v1/withholding-certificates/{id}")
def get_withholding_certificate(reference: WithholdingCertificateReference, context: Context) -> WithholdingCertificate:
    """Read a certificate by its id or number, with the payments that it tells of."""
    return certificates.get(reference, context)
