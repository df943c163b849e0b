"""Documents that wait for approval."""

import pytest

from tests.support.api import Api
from tests.workflow.claims import Claims


@pytest.fixture
def claims(api: Api) -> Claims:
    """A tenant with claims."""
    return Claims(api)
