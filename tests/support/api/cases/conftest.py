import pytest

from tests.support.api.cases.calling import Caller


@pytest.fixture
def caller(db: None) -> Caller:
    return Caller("cases:read", "cases:write")
