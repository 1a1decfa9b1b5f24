import pytest

from tests.journal.factories import StaffFactory


@pytest.fixture
def signed_in(client, db):
    """signed_in("app.permission", …) -> a browser of someone with just these permissions."""

    def sign_in(*permissions):
        client.force_login(StaffFactory(permissions=permissions))
        return client

    return sign_in
