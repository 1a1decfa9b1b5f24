import pytest

from journal import reverts
from journal.domain.refusal import Refusal
from journal.models import AuditEvent
from tests.journal.admin.pages import text, told, url
from tests.journal.factories import AuditEventFactory, AuditSealFactory, person

VIEW, REVERT = "journal.view_auditevent", "journal.manage_staff"
reverted: list[str] = []


def take_back(*, event, by, at):
    if event.reason == "final":
        raise Refusal("This can no longer be taken back.")
    reverted.append(event.subject_label)


reverts.register("lamp:light", reverts.Inverse("Put the lamp out", permission=REVERT, act=take_back))


@pytest.fixture(autouse=True)
def nothing_reverted():
    reverted.clear()


def test_events_read_as_sentences(signed_in):
    AuditEventFactory(verb="lamp:light", label="Lamp 7", by=person("Grace"), account_key="acme", reason="It was dark")
    shown = text(signed_in(VIEW).get(url("auditevent_changelist")))
    for words in ("Grace", "Light lamp", "Lamp 7", "acme", "It was dark"):
        assert words in shown


@pytest.mark.parametrize(
    "query",
    [
        "actor=staff:Grace",
        "verb=lamp:light",
        "account_key__exact=acme",
        "q=acme",
        "at__year=2025",
        "subject_type=staff",
    ],
)
def test_events_are_found_by_who_what_account_and_day(signed_in, query):
    from datetime import UTC, datetime

    wanted = AuditEventFactory(
        verb="lamp:light", by=person("Grace"), account_key="acme", at=datetime(2025, 5, 5, tzinfo=UTC)
    )
    AuditEventFactory(verb="lamp:smash", by=person("Eve"), account_key="other")
    found = signed_in(VIEW).get(f"{url('auditevent_changelist')}?{query}").context["cl"].queryset
    assert wanted in found
    assert len(found) == (2 if query.startswith("subject_type") else 1)


def test_an_event_tells_what_changed(signed_in):
    event = AuditEventFactory(changes={"seat_count": [None, 5], "sso": [True, False], "roles": [["a", "b"], []]})
    shown = text(signed_in(VIEW).get(url("auditevent_change", event.pk)))
    for words in ("seat count: nothing → 5", "sso: yes → no", "roles: a, b → nothing"):
        assert words in shown


def test_nothing_writes_an_event(signed_in):
    page, event = signed_in(VIEW, REVERT), AuditEventFactory()
    for address in (url("auditevent_add"), url("auditevent_change", event.pk), url("auditevent_delete", event.pk)):
        assert page.post(address, {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.count() == 1


def test_what_has_an_inverse_is_reverted_after_a_question(signed_in):
    page, event = signed_in(VIEW, REVERT), AuditEventFactory(verb="lamp:light", label="Lamp 7")
    assert "Put the lamp out" in text(page.get(url("auditevent_change", event.pk)))
    assert "Nothing is erased" in text(page.get(url("auditevent_revert", event.pk)))
    assert reverted == []
    assert told(page.post(url("auditevent_revert", event.pk))) == ["Done. It stands in the audit as a new event."]
    assert reverted == ["Lamp 7"]


def test_a_revert_that_is_refused_says_why(signed_in):
    event = AuditEventFactory(verb="lamp:light", reason="final")
    shown = text(signed_in(VIEW, REVERT).post(url("auditevent_revert", event.pk)))
    assert "can no longer be taken back" in shown


def test_what_has_no_inverse_has_no_such_page(signed_in):
    event = AuditEventFactory(verb="lamp:smash")
    assert signed_in(VIEW, REVERT).get(url("auditevent_revert", event.pk)).status_code == 404


def test_only_who_may_reverts(signed_in):
    page, event = signed_in(VIEW), AuditEventFactory(verb="lamp:light")
    assert "Put the lamp out" not in text(page.get(url("auditevent_change", event.pk)))
    assert page.post(url("auditevent_revert", event.pk)).status_code == 403


def test_who_may_not_look_sees_nothing(signed_in):
    page, event = signed_in(REVERT), AuditEventFactory()
    for address in (
        url("auditevent_changelist"),
        url("auditevent_change", event.pk),
        url("auditevent_revert", event.pk),
    ):
        assert page.get(address).status_code == 403


def test_a_verb_has_one_inverse():
    with pytest.raises(ValueError, match="inverse already"):
        reverts.register("lamp:light", reverts.Inverse("Other", permission=REVERT, act=take_back))


def test_the_list_costs_no_more_with_more_events(signed_in, django_assert_max_num_queries):
    page = signed_in(VIEW)
    for _ in range(30):
        AuditEventFactory()
    with django_assert_max_num_queries(16):
        page.get(url("auditevent_changelist"))


def test_seals_are_shown(signed_in):
    seal = AuditSealFactory()
    assert seal.digest in text(signed_in("journal.view_auditseal").get(url("auditseal_changelist")))
