"""Set a feature flag."""

from bigledger.kernel import Context, InvalidRequest, NotFound, StaleVersion, operation
from bigledger.platform import FeatureFlag, FeatureFlagChanged, FlagNotOpen, SetFlag, feature_flags


@operation(
    "PUT /api/v1/feature-flags/{key}",
    tenant="installation",
    emits=[FeatureFlagChanged],
    problems=[NotFound, FlagNotOpen, InvalidRequest, StaleVersion],
)
def set_feature_flag(new: SetFlag, context: Context) -> FeatureFlag:
    """Turn a feature flag on or off, for a share of the tenants, between two instants.

    A raised share keeps whom it had. The operator's key sets it for the installation, a tenant's key for the tenant,
    if it is open to tenants.
    """
    return feature_flags.set_flag(new, context)
