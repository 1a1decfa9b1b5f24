import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from journal import scopes
from journal.models import ApiKey, AuditEvent
from journal.queries.api_keys import authenticate_cached
from tests.journal.admin.pages import text, told, url
from tests.journal.factories import EPOCH, ApiKeyFactory, AuditEventFactory

VIEW, ISSUE, AUDIT = "journal.view_apikey", "journal.issue_api_key", "journal.view_auditevent"
scopes.register("things:read", words="Read things")
scopes.register("things:write", words="Make things")
FORM = {"name": "Web shop", "scopes": ["things:read"], "expires_at_0": "", "expires_at_1": "", "rate_limit": ""}
WHY = {"reason": "It leaked."}


def one(key):
    return url("apikey_change", key.pk)


def test_a_key_is_shown_once_when_it_is_issued(signed_in):
    page = signed_in(VIEW, ISSUE)
    response = page.post(url("apikey_add"), FORM | {"rate_limit": "60"})
    plain = re.search(r'id="plain-key"[^>]*>(ed_[^<]+)<', text(response)).group(1)
    live = authenticate_cached(plain, now=now().timestamp())
    assert (live.name, live.rate_limit) == ("Web shop", 60)
    assert "shown this once" in text(response)
    assert "no-store" in response["Cache-Control"]
    for address in (url("apikey_changelist"), one(ApiKey.objects.get())):
        assert plain not in text(page.get(address))


def test_the_line_to_try_a_key_with_works(signed_in, client, settings):
    response = signed_in(VIEW, ISSUE).post(url("apikey_add"), FORM)
    line = re.search(r"Bearer (ed_\S+)&quot; (\S+)<", text(response))
    answer = client.get(line[2].removeprefix(settings.DESK_URL), headers={"Authorization": f"Bearer {line[1]}"})
    assert (answer.status_code, answer.json()["name"], answer.json()["scopes"]) == (200, "Web shop", ["things:read"])


def test_what_a_key_may_be_used_for_is_chosen_in_words_by_group(signed_in):
    form = text(signed_in(VIEW, ISSUE).get(url("apikey_add")))
    reading, writing = form.index(scopes.READING), form.index(scopes.WRITING)
    assert reading < form.index("Read things") < writing < form.index("Make things")


def test_a_key_that_would_have_expired_is_refused_beside_the_field(signed_in):
    response = signed_in(VIEW, ISSUE).post(
        url("apikey_add"), FORM | {"expires_at_0": "2020-01-01", "expires_at_1": "00:00"}
    )
    assert "expired already" in str(response.context["adminform"].form.errors["expires_at"])
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("wrong", [{"scopes": []}, {"scopes": ["everything"]}, {"name": ""}, {"rate_limit": "0"}])
def test_a_key_without_a_name_a_known_use_or_a_sane_limit_is_refused(signed_in, wrong):
    assert signed_in(VIEW, ISSUE).post(url("apikey_add"), FORM | wrong).context["errors"]
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_after_a_question_with_the_reason(signed_in):
    key, page = ApiKeyFactory(), signed_in(VIEW, ISSUE)
    assert "stops working" in text(page.get(url("apikey_revoke", key.pk)))
    assert told(page.post(url("apikey_revoke", key.pk), WHY)) == ["The key was revoked. It no longer works."]
    assert "Revoked" in text(page.get(url("apikey_changelist")))
    assert "It leaked." in text(page.get(one(key)))
    assert AuditEvent.objects.get().verb == "api_key:revoke"


def test_a_key_is_not_revoked_without_a_reason(signed_in):
    key = ApiKeyFactory()
    assert "This field is required" in text(signed_in(VIEW, ISSUE).post(url("apikey_revoke", key.pk), {"reason": " "}))
    assert not ApiKey.objects.filter(revoked_at__isnull=False).exists()


def test_a_limit_is_set_and_lifted(signed_in):
    key, page = ApiKeyFactory(), signed_in(VIEW, ISSUE)
    assert "6,000, as every key" in text(page.get(one(key)))
    page.post(url("apikey_limit", key.pk), {"rate_limit": "1200"})
    assert "1,200" in text(page.get(one(key)))
    page.post(url("apikey_limit", key.pk), {"rate_limit": ""})
    assert ApiKey.objects.get().rate_limit is None


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "100000001"])
def test_a_limit_beyond_reason_is_refused_in_words(signed_in, wrong):
    response = signed_in(VIEW, ISSUE).post(url("apikey_limit", ApiKeyFactory(rate_limit=5).pk), {"rate_limit": wrong})
    assert "Write a whole number from 1 to 100,000,000." in text(response)
    assert ApiKey.objects.get().rate_limit == 5


def test_the_list_is_narrowed_by_where_keys_stand(signed_in):
    old, late = now() - timedelta(days=91), now() - timedelta(days=1)
    ApiKeyFactory(name="Busy", last_used_at=late, created_at=old)
    ApiKeyFactory(name="Idle", last_used_at=old, created_at=old)
    ApiKeyFactory(name="Never", created_at=old)
    ApiKeyFactory(name="New", created_at=late)
    ApiKeyFactory(name="Over", expires_at=late, created_at=old)
    ApiKeyFactory(name="Lost", revoked_at=late, expires_at=late, created_at=old)
    page = signed_in(VIEW)

    def listed(place):
        rows = page.get(url("apikey_changelist"), {"place": place}).context["cl"].result_list
        return {key.name for key in rows}

    assert listed("live") == {"Busy", "Idle", "Never", "New"}
    assert listed("unused") == {"Idle", "Never"}
    assert (listed("expired"), listed("revoked")) == ({"Over"}, {"Lost"})
    assert len(listed("nonsense")) == 6


def test_the_page_of_a_key_tells_what_it_did_lately_and_leads_to_all_of_it(signed_in):
    key = ApiKeyFactory(created_at=EPOCH)
    AuditEventFactory(by=key.as_actor(), verb="parcel:send", account_key="acme")
    AuditEventFactory(verb="parcel:lose")
    page = text(signed_in(VIEW, AUDIT).get(one(key)))
    assert "Send parcel" in page
    assert "Lose parcel" not in page
    assert f"{url('auditevent_changelist')}?actor=key:{key.prefix}" in page


def test_who_may_not_read_the_audit_sees_no_deeds(signed_in):
    key = ApiKeyFactory()
    AuditEventFactory(by=key.as_actor(), verb="parcel:send")
    assert "Send parcel" not in text(signed_in(VIEW).get(one(key)))


def test_a_key_unused_for_long_is_said_to_be(signed_in):
    assert "Unused for 90 days" in text(signed_in(VIEW).get(one(ApiKeyFactory(created_at=now() - timedelta(days=91)))))
    assert "Unused for 90 days" not in text(signed_in(VIEW).get(one(ApiKeyFactory(created_at=now()))))


def test_the_list_names_two_uses_and_counts_the_rest(signed_in):
    ApiKeyFactory(scopes=["things:read", "things:write", "unknown:write"])
    assert "Read things; Make things; and 1 more" in text(signed_in(VIEW).get(url("apikey_changelist")))


def test_who_may_only_look_neither_issues_nor_limits_nor_revokes(signed_in):
    key, page = ApiKeyFactory(), signed_in(VIEW)
    assert "Revoke this key" not in text(page.get(one(key)))
    assert page.post(url("apikey_add"), FORM).status_code == 403
    for name in ("limit", "revoke"):
        assert page.get(url(f"apikey_{name}", key.pk)).status_code == 403
        assert page.post(url(f"apikey_{name}", key.pk), WHY | {"rate_limit": "1"}).status_code == 403
    assert page.post(one(key), {"scopes": ["x"]}).status_code == 403
