"""List the feature flags."""

from bigledger.kernel import Context, Page, operation
from bigledger.platform import FeatureFlag, feature_flags


@operation("GET /api/v1/feature-flags", tenant="installation")
def list_feature_flags(context: Context) -> Page[FeatureFlag]:
    """List every feature flag with its meaning, whether it is on for the caller, and why.

    The operator's key is told the settings of the installation.
    """
    return feature_flags.list_all(context)
