"""Looking at an override again: keeping it until a day, laying it to rest, asking the owner."""

from datetime import date
from typing import Any

import pytest

from entitlements.actions.override_reviews import ask_owner, keep
from entitlements.actions.overrides import revoke
from entitlements.models import Override
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import token_of
from entitlements.queries.review.queue import review_queue
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent, Notice, Staff
from tests.entitlements.factories import OverrideFactory
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db
LATER = date(2026, 5, 31)


@pytest.fixture
def ann(db: None) -> Staff:
    return Staff.objects.create_user("ann", email="ann@desk.example", first_name="Ann", zone="America/New_York")


@pytest.fixture
def override(ann: Staff) -> Override:
    """In force without an end for 200 days, and due for review."""
    held_by = account("acme", owner=ann)
    return OverrideFactory(account=held_by, starts_at=AT - 200 * DAY, ends_at=None, review_on=AT.date())


def kept(override: Override, **asked: Any) -> Override:
    return keep(**{"override": override, "review_on": LATER, "reason": "Still in talks", "at": AT, **asked})


def test_it_is_kept_until_a_day_and_leaves_the_queue(override: Override, sales: Actor) -> None:
    assert len(review_queue(at=AT).lines) == 1
    assert kept(override, by=sales).review_on == LATER
    assert review_queue(at=AT).lines == ()
    event = AuditEvent.objects.get(verb="override:keep")
    assert (event.reason, event.account_key) == ("Still in talks", "acme")
    assert event.changes == {"review_on": ["2026-03-02", "2026-05-31"]}


def test_on_that_day_it_is_looked_at_again(override: Override, finance: Actor) -> None:
    kept(override, by=finance)
    assert len(review_queue(at=AT + 91 * DAY).lines) == 1


def test_what_has_ended_is_laid_to_rest_without_a_day(override: Override, sales: Actor) -> None:
    over = OverrideFactory(account=override.account, starts_at=AT - 9 * DAY, ends_at=AT - DAY)
    kept(over, by=sales, review_on=None)
    assert [line.override for line in review_queue(at=AT).lines] == [override]
    assert Override.objects.get(pk=over.pk).review_on is None


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (None, "until which day"),
        (date(2026, 3, 2), "come already"),
        (date(2027, 3, 3), "within 365 days"),
    ],
)
def test_the_day_lies_ahead_and_within_a_year(override: Override, sales: Actor, day: date | None, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        kept(override, by=sales, review_on=day)
    assert refused.value.field == "review_on"
    assert not AuditEvent.objects.filter(verb="override:keep").exists()


def test_a_year_ahead_is_the_furthest(override: Override, sales: Actor) -> None:
    assert kept(override, by=sales, review_on=date(2027, 3, 2)).review_on == date(2027, 3, 2)


def test_it_is_kept_for_a_reason(override: Override, sales: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        kept(override, by=sales, reason=" ")
    assert refused.value.field == "reason"


def test_only_who_may_grant_or_revoke_reviews(override: Override, auditor: Actor, support_agent: Actor) -> None:
    for by in (auditor, support_agent):
        with pytest.raises(NotAllowed):
            kept(override, by=by)
        with pytest.raises(NotAllowed):
            ask_owner(override=override, note="Why?", by=by, at=AT)


def test_what_somebody_changed_meanwhile_is_looked_at_again(override: Override, sales: Actor) -> None:
    seen = token_of(override)
    kept(override, by=sales)
    with pytest.raises(Stale):
        kept(override, by=sales, seen=seen)


def test_what_somebody_revoked_or_nobody_approved_is_not_kept(override: Override, sales: Actor) -> None:
    waiting = OverrideFactory(account=override.account, state=OverrideState.REQUESTED, approved_at=None, approved_by="")
    revoke(override=override, reason="Over", by=SYSTEM, at=AT)
    for one in (override, waiting):
        with pytest.raises(Stale):
            kept(one, by=sales)


def test_the_owner_is_asked_by_e_mail(override: Override, sales: Actor) -> None:
    ask_owner(override=override, note="Until when?", by=sales, at=AT)
    notice = Notice.objects.get()
    assert (notice.recipient, notice.account_key) == ("ann@desk.example", "acme")
    assert notice.subject == f"Acme: is {override.feature} still needed?"
    assert "Until when?" in notice.body
    assert "/account/acme/overrides/" in notice.body
    assert AuditEvent.objects.get(verb="override:ask_owner").reason == "Until when?"


def test_the_owner_is_asked_once_a_day(override: Override, sales: Actor) -> None:
    ask_owner(override=override, note="Until when?", by=sales, at=AT)
    with pytest.raises(Refusal, match="asked about this today"):
        ask_owner(override=override, note="Well?", by=sales, at=AT + DAY / 4)
    ask_owner(override=override, note="Well?", by=sales, at=AT + DAY)
    assert Notice.objects.count() == 2


def test_nobody_asks_without_a_question(override: Override, sales: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        ask_owner(override=override, note="", by=sales, at=AT)
    assert refused.value.field == "note"


def test_nobody_asks_themselves(override: Override, ann: Staff, sales: Actor) -> None:
    by = Actor(kind=sales.kind, key=f"staff:{ann.pk}", name="Ann", permissions=sales.permissions)
    with pytest.raises(Refusal, match="yourself"):
        ask_owner(override=override, note="Why?", by=by, at=AT)


def test_an_owner_who_left_can_t_be_asked(override: Override, ann: Staff, sales: Actor) -> None:
    Staff.objects.filter(pk=ann.pk).update(is_active=False)
    with pytest.raises(Refusal, match="Nobody looks after Acme"):
        ask_owner(override=override, note="Why?", by=sales, at=AT)
