"""The pre-traffic hook: CodeDeploy asks it about every function whose version changes."""

from bigledger.kernel import hook
from bigledger.kernel.deployment import Target
from bigledger.platform import deployments


@hook
def check_deployment(target: Target) -> None:
    """Let a new version take traffic only when it starts, reaches the database, and the schema has what it uses."""
    deployments.check(target)
