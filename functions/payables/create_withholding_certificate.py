"""Certify tax that was withheld."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.payables import (
    BillCertified,
    NewWithholdingCertificate,
    NothingWithheld,
    SupplierCreditCertified,
    SupplierPaymentCertified,
    WithholdingCertificate,
    WithholdingIssued,
    certificates,
)


@operation(
    "POST /api/v1/withholding-certificates",
    emits=[WithholdingIssued, SupplierPaymentCertified, BillCertified, SupplierCreditCertified],
    problems=[UnknownReference, NothingWithheld],
)
def create_withholding_certificate(new: NewWithholdingCertificate, context: Context) -> WithholdingCertificate:
    """Certify to a supplier what was withheld from payments and bills of a period, each once."""
    return certificates.issue(new, context)
