"""A tenant with nothing in it: the kernel is held without any module."""

import pytest

from bigledger.kernel.clock import Clock
from tests.support.api import Api
from tests.support.bare import bare_tenant


@pytest.fixture
def tenant(owner_url: str, clock: Clock) -> Api:
    """A bare tenant."""
    return bare_tenant()


@pytest.fixture
def other(tenant: Api) -> Api:
    """Another bare tenant."""
    return bare_tenant("Other")
