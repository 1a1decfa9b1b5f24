import re

import pytest
from django.utils.timezone import now

from journal import scopes
from journal.models import ApiKey, AuditEvent
from journal.queries.api_keys import authenticate
from tests.journal.admin.pages import text, told, url
from tests.journal.factories import ApiKeyFactory

VIEW, ISSUE = "journal.view_apikey", "journal.issue_api_key"
scopes.register("things:read", words="Read things")
FORM = {"name": "Web shop", "scopes": ["things:read"], "expires_at_0": "", "expires_at_1": ""}


def test_a_key_is_shown_once_when_it_is_issued(signed_in):
    page = signed_in(VIEW, ISSUE)
    assert "Read things" in text(page.get(url("apikey_add")))
    response = page.post(url("apikey_add"), FORM)
    plain = re.search(r'id="plain-key">(ed_[^<]+)<', text(response)).group(1)
    assert authenticate(plain, at=now()).name == "Web shop"
    assert "no-store" in response["Cache-Control"]
    for address in (url("apikey_changelist"), url("apikey_change", ApiKey.objects.get().pk)):
        assert plain not in text(page.get(address))


def test_a_key_that_would_have_expired_is_refused_beside_the_field(signed_in):
    response = signed_in(VIEW, ISSUE).post(
        url("apikey_add"), FORM | {"expires_at_0": "2020-01-01", "expires_at_1": "00:00"}
    )
    assert "expired already" in str(response.context["adminform"].form.errors["expires_at"])
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("wrong", [{"scopes": []}, {"scopes": ["everything"]}, {"name": ""}])
def test_a_key_without_a_name_or_a_known_use_is_refused(signed_in, wrong):
    assert signed_in(VIEW, ISSUE).post(url("apikey_add"), FORM | wrong).context["errors"]
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_after_a_question(signed_in):
    key, page = ApiKeyFactory(), signed_in(VIEW, ISSUE)
    assert "stops working this second" in text(page.get(url("apikey_revoke", key.pk)))
    assert told(page.post(url("apikey_revoke", key.pk))) == ["The key was revoked. It no longer works."]
    assert "Revoked" in text(page.get(url("apikey_changelist")))
    assert AuditEvent.objects.get().verb == "api_key:revoke"


def test_who_may_only_look_neither_issues_nor_revokes(signed_in):
    key, page = ApiKeyFactory(), signed_in(VIEW)
    assert page.post(url("apikey_add"), FORM).status_code == 403
    assert page.post(url("apikey_revoke", key.pk)).status_code == 403
    assert page.post(url("apikey_change", key.pk), {"scopes": ["x"]}).status_code == 403
