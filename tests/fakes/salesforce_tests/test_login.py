"""Logging in, each way that we offer, and every reason for being turned away."""

from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from tests.fakes.salesforce import Counterpart, Settings, founding, salesforce_counterpart
from tests.fakes.salesforce.access import key_pair

FLOWS = ["jwt", "app", "password", "soap"]


def _why(refused: pytest.ExceptionInfo[SalesforceAuthenticationFailed]) -> tuple[Any, Any]:
    return refused.value.code, refused.value.auth_message


@pytest.mark.parametrize("flow", FLOWS)
def test_each_way_in(fake: Counterpart, flow: str) -> None:
    sf = fake.client(flow)
    assert sf.query("SELECT COUNT() FROM User")["totalSize"] == 2
    assert sf.sf_instance == "demo-dev-ed.my.salesforce.com"


def test_a_trusted_network_needs_no_token(fake: Counterpart) -> None:
    with pytest.raises(SalesforceAuthenticationFailed):
        fake.client("network")
    fake.settings.trusted_network = True
    assert fake.client("network").query("SELECT Id FROM Organization")["totalSize"] == 1


@pytest.mark.parametrize("flow", FLOWS)
def test_who_one_is(fake: Counterpart, flow: str) -> None:
    who = fake.client(flow).oauth2("userinfo")
    assert (who["preferred_username"], who["organization_id"]) == (founding.INTEGRATION, fake.state.org["Id"])


def test_the_identity_that_a_token_comes_with(fake: Counterpart) -> None:
    session, app = fake.session(), fake.state.access
    form, keys = {"grant_type": "client_credentials"}, (app.consumer_key, app.consumer_secret)
    granted = session.post(f"https://{fake.state.host}/services/oauth2/token", form, auth=keys).json()
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    assert session.get(granted["id"], headers=bearer).json()["username"] == founding.INTEGRATION
    assert session.get(granted["id"], headers={"Authorization": "Bearer x"}).text == "Bad_OAuth_Token"
    versions = session.get(f"{granted['instance_url']}/services/data").json()
    assert versions[-1]["url"] == f"/services/data/v{versions[-1]['version']}"


def test_another_key_signs_nothing(fake: Counterpart) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        fake.client("jwt", privatekey=key_pair("another")[0])
    assert _why(refused) == ("invalid_grant", "invalid assertion")


def test_an_unknown_app(fake: Counterpart) -> None:
    for flow in ("jwt", "app"):
        with pytest.raises(SalesforceAuthenticationFailed) as refused:
            fake.client(flow, consumer_key="3MVG9other")
        assert _why(refused) == ("invalid_client_id", "client identifier invalid")


def test_a_user_who_never_approved_the_app(fake: Counterpart) -> None:
    fake.state.access.approved.clear()
    with (
        pytest.warns(UserWarning, match="authorize this\n    application first"),
        pytest.raises(SalesforceAuthenticationFailed) as refused,
    ):
        fake.client("jwt")
    assert _why(refused) == ("invalid_grant", "user hasn't approved this consumer")


def test_a_sandbox_has_an_audience_of_its_own() -> None:
    with salesforce_counterpart(settings=Settings(sandbox=True)) as fake:
        assert fake.client("jwt").is_sandbox() is True
        with pytest.raises(SalesforceAuthenticationFailed) as refused:
            fake.client("jwt", domain="login")
        assert _why(refused) == ("invalid_grant", "audience is invalid")


def test_a_newer_app_is_known_at_the_orgs_own_domain_only(fake: Counterpart) -> None:
    fake.settings.external_client_app = True
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        fake.client("jwt")
    assert _why(refused)[0] == "app_not_found"
    assert fake.client("jwt", domain=fake.settings.domain).limits()


@pytest.mark.parametrize(("ahead", "why"), [(-600, "too far in the future"), (600, "has expired")])
def test_an_assertion_is_good_for_minutes_by_the_orgs_clock(fake: Counterpart, ahead: int, why: str) -> None:
    fake.skew(ahead)
    with pytest.raises(SalesforceAuthenticationFailed, match=why):
        fake.client("jwt")


def test_an_assertion_without_a_signature(fake: Counterpart) -> None:
    soon = int(datetime.now(UTC).timestamp()) + 60
    claims = {"iss": fake.state.access.consumer_key, "sub": founding.INTEGRATION, "exp": soon}
    bare = jwt.encode(claims | {"aud": "https://login.salesforce.com"}, "", algorithm="none")
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": bare}
    answer = fake.session().post("https://login.salesforce.com/services/oauth2/token", form)
    assert (answer.status_code, answer.json()["error_description"]) == (400, "invalid assertion")


def test_client_credentials_need_the_right_secret(fake: Counterpart) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        fake.client("app", consumer_secret="guessed")
    assert _why(refused) == ("invalid_client", "invalid client credentials")


def test_client_credentials_at_the_orgs_own_domain_only(fake: Counterpart) -> None:
    access = fake.state.access
    answer = fake.session().post(
        "https://login.salesforce.com/services/oauth2/token",
        {"grant_type": "client_credentials"},
        auth=(access.consumer_key, access.consumer_secret),
    )
    assert answer.json() == {"error": "invalid_grant", "error_description": "request not supported on this domain"}


def test_client_credentials_of_nobody(fake: Counterpart) -> None:
    fake.state.access.run_as = ""
    with pytest.raises(SalesforceAuthenticationFailed, match="no client credentials user enabled"):
        fake.client("app")


def test_a_wrong_password(fake: Counterpart) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        fake.client("password", password="guessed")
    assert _why(refused) == ("invalid_grant", "authentication failure")
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        fake.client("soap", password="guessed")
    assert _why(refused)[0] == "INVALID_LOGIN"


def test_too_many_wrong_passwords_lock_the_user_out(fake: Counterpart) -> None:
    fake.settings.lock_after = 3
    for _ in range(3):
        with pytest.raises(SalesforceAuthenticationFailed):
            fake.client("soap", password="guessed")
    with pytest.raises(SalesforceAuthenticationFailed):
        fake.client("soap")


def test_soap_login_ends_with_version_64(fake: Counterpart) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        fake.client("soap", version="65.0")
    assert _why(refused)[0] == "UNSUPPORTED_API_VERSION"


def test_an_inactive_user(fake: Counterpart) -> None:
    sf = fake.client("jwt")
    fake.edit(fake.state.access.run_as, IsActive=False)
    for flow in FLOWS:
        with pytest.raises(SalesforceAuthenticationFailed):
            fake.client(flow)
    with pytest.raises(SalesforceAuthenticationFailed):
        sf.query("SELECT Id FROM User")


def test_a_session_ends_when_nobody_uses_it(fake: Counterpart) -> None:
    sf = fake.client("jwt")
    fake.advance(minutes=100)
    sf.limits()
    fake.advance(minutes=100)
    fake.requests.clear()
    sf.limits()  # used in between: still good
    assert [asked.status for asked in fake.requests] == [200]
    fake.advance(minutes=121)
    fake.requests.clear()
    sf.limits()
    assert [asked.status for asked in fake.requests] == [401, 200, 200]  # refused, logged in again, answered


def test_a_revoked_token(fake: Counterpart) -> None:
    logged_in = fake.client("jwt")
    answer = fake.session().post(
        f"https://{fake.state.host}/services/oauth2/revoke", data={"token": logged_in.session_id}
    )
    assert answer.status_code == 200
    url = f"https://{fake.state.host}"
    direct = fake.client("jwt", session_id=logged_in.session_id, instance_url=url, username=None)
    with pytest.raises(SalesforceExpiredSession):
        direct.limits()


def test_parameters_that_no_way_in_has(fake: Counterpart) -> None:
    answer = fake.session().post(
        "https://login.salesforce.com/services/oauth2/token", {"grant_type": "client_credentials", "scope": "api"}
    )
    assert answer.json()["error"] == "invalid_request"
    answer = fake.session().post("https://login.salesforce.com/services/oauth2/token", {"grant_type": "device"})
    assert answer.json()["error"] == "unsupported_grant_type"


def test_nothing_else_is_reached(fake: Counterpart) -> None:
    with pytest.raises(ValueError, match=r"example\.com is none of Salesforce's names"):
        fake.session().get("https://example.com/")
