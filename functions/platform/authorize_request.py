"""The authorizer: the gateway asks it who is calling."""

from bigledger.kernel import Identity, authorizer
from bigledger.platform import identify


@authorizer
def authorize_request(credential: str) -> Identity:
    """Turn an API key, a token of the user pool or the operator's key into a tenant, an actor and permissions."""
    return identify(credential)
