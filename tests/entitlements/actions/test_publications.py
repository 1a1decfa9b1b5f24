"""Publishing with its impact in sight: alone where nobody loses, with a second person where somebody does."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from catalog.actions.drafts import discard_draft
from catalog.actions.terms import set_term
from catalog.domain.rollouts import Audience
from catalog.models import PlanVersion, Rollout
from entitlements.actions import publications
from entitlements.actions.publications import Off, release, request_publication
from entitlements.models import Account
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent, Job
from tests.catalog.factories import publish_now
from tests.conftest import actor
from tests.entitlements.publishing import a_draft, asked_for, counted
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(db: None) -> Catalog:
    return catalog()


@pytest.fixture
def acme(sold: Catalog) -> Account:
    """Acme has Team, since ten days ago."""
    found = account()
    subscribed(found, sold.team)
    return found


@pytest.fixture
def second(db: None) -> Actor:
    return actor("finance", "Second Person")


def publish(version: PlanVersion, *, by: Actor, at: datetime = AT, **more: Any) -> Any:
    publication = asked_for(version)
    given = {"seen": counted(version, publication).figures, "reason": "Agreed"} | more
    return release(version=version, publication=publication, by=by, at=at, **given)


def ask(version: PlanVersion, *, by: Actor, at: datetime = AT, **more: Any) -> Approval:
    publication = asked_for(version, **{k: more.pop(k) for k in ("audience", "effective_at") if k in more})
    given = {"counted": counted(version, publication), "reason": "It costs too much"} | more
    return request_publication(version=version, publication=publication, by=by, at=at, **given)


def test_what_only_gives_is_published_at_once(sold: Catalog, acme: Account, finance: Actor) -> None:
    rollout = publish(a_draft(sold, storage=200 * GB), by=finance)
    assert isinstance(rollout, Rollout)
    assert value(acme, "storage", AT) == 200 * GB


def test_what_takes_away_is_not_published_by_one_person(sold: Catalog, acme: Account, finance: Actor) -> None:
    with pytest.raises(Refusal, match="a second person has to approve it"):
        publish(a_draft(sold, sso=None), by=finance)


def test_published_with_other_figures_than_were_read_is_refused(sold: Catalog, acme: Account, finance: Actor) -> None:
    draft = a_draft(sold, storage=200 * GB)
    seen = counted(draft, asked_for(draft)).figures
    subscribed(account("bravo"), sold.team)
    with pytest.raises(Off, match=r"Then: 1 account: 1 gains\. Now: 2 accounts: 2 gain"):
        publish(draft, by=finance, seen=seen)
    assert not Rollout.objects.filter(version=draft).exists()


def test_sales_publish_nothing(sold: Catalog, acme: Account, sales: Actor) -> None:
    draft = a_draft(sold, storage=200 * GB)
    with pytest.raises(NotAllowed):
        publish(draft, by=sales)
    with pytest.raises(NotAllowed):
        ask(draft, by=sales)


def test_a_second_person_approves_and_it_takes_effect(
    sold: Catalog, acme: Account, finance: Actor, second: Actor
) -> None:
    request = ask(draft := a_draft(sold, sso=None), by=finance)
    assert value(acme, "sso", AT) is True
    approvals.approve(approval=request, by=second, at=AT + DAY)
    assert value(acme, "sso", AT + DAY) is None
    assert Rollout.objects.get(version=draft).approval == request
    assert AuditEvent.objects.get(verb="plan:publish", subject_key=str(draft.pk)).reason == "It costs too much"


def test_the_request_says_what_is_lost_by_how_many(sold: Catalog, acme: Account, finance: Actor) -> None:
    request = ask(a_draft(sold, sso=None), by=finance)
    assert "Publish Team v2. Everybody who holds Team gets it now." in request.summary
    assert "1 account: 1 loses Single sign-on, counted on 2 March 2026 09:00 (UTC)." in request.summary
    assert "Team: Single sign-on is removed" in request.summary
    assert request.payload["impact"]["lose"] == 1


def test_nobody_approves_their_own_request(sold: Catalog, acme: Account, finance: Actor) -> None:
    request = ask(a_draft(sold, sso=None), by=finance)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=request, by=finance, at=AT)


def test_sales_approve_no_publication(sold: Catalog, acme: Account, finance: Actor, sales: Actor) -> None:
    with pytest.raises(NotAllowed):
        approvals.approve(approval=ask(a_draft(sold, sso=None), by=finance), by=sales, at=AT)


def test_approved_with_another_impact_is_refused_and_goes_on_waiting(
    sold: Catalog, acme: Account, finance: Actor, second: Actor
) -> None:
    request = ask(a_draft(sold, sso=None), by=finance)
    subscribed(account("bravo"), sold.team)
    with pytest.raises(Off, match=r"Then: 1 account: 1 loses\. Now: 2 accounts: 2 lose"):
        approvals.approve(approval=request, by=second, at=AT)
    request.refresh_from_db()
    assert request.state == Approval.State.PENDING


def test_a_second_request_waits_for_the_first(sold: Catalog, acme: Account, finance: Actor, second: Actor) -> None:
    draft = a_draft(sold, sso=None)
    ask(draft, by=finance)
    with pytest.raises(Refusal, match="has asked for this already"):
        ask(draft, by=second)


def test_after_a_rejected_request_one_can_ask_again(
    sold: Catalog, acme: Account, finance: Actor, second: Actor
) -> None:
    draft = a_draft(sold, sso=None)
    approvals.reject(approval=ask(draft, by=finance), by=second, at=AT)
    assert ask(draft, by=finance).state == Approval.State.PENDING


def test_a_draft_edited_after_the_request_is_not_what_was_asked_for(
    sold: Catalog, acme: Account, finance: Actor, second: Actor
) -> None:
    request = ask(draft := a_draft(sold, sso=None), by=finance)
    set_term(version=draft, feature=sold.storage, reading="1 GB", edits=draft.edits, by=SYSTEM, at=AT)
    with pytest.raises(Stale, match="was edited after this was asked for"):
        approvals.approve(approval=request, by=second, at=AT)


def test_a_date_that_has_passed_before_it_was_approved_is_refused(
    sold: Catalog, acme: Account, finance: Actor, second: Actor
) -> None:
    request = ask(a_draft(sold, sso=None), by=finance, audience=Audience.ON_DATE, effective_at=AT + DAY)
    with pytest.raises(Refusal, match="has passed"):
        approvals.approve(approval=request, by=second, at=AT + 2 * DAY)


def test_taking_away_without_a_reason_is_refused(sold: Catalog, acme: Account, finance: Actor) -> None:
    with pytest.raises(Invalid, match="Say why"):
        ask(a_draft(sold, sso=None), by=finance, reason="  ")


def test_a_stale_draft_is_not_asked_for(sold: Catalog, acme: Account, finance: Actor) -> None:
    draft = a_draft(sold, sso=None)
    publication = asked_for(draft, edits=draft.edits + 1)
    with pytest.raises(Stale):
        request_publication(
            version=draft, publication=publication, counted=counted(draft, publication), reason="x", by=finance, at=AT
        )


def test_the_number_of_many_losers_has_to_be_typed(
    sold: Catalog, acme: Account, finance: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publications, "TYPED_BEYOND", 0)
    draft = a_draft(sold, sso=None)
    for wrong in (None, 2):
        with pytest.raises(Invalid, match="Type 1"):
            ask(draft, by=finance, confirmed=wrong)
    assert ask(draft, by=finance, confirmed=1).state == Approval.State.PENDING


def test_going_back_to_the_former_version_takes_a_second_person_too(
    sold: Catalog, acme: Account, finance: Actor, second: Actor
) -> None:
    publish_now(a_draft(sold, storage=200 * GB), at=AT - DAY)
    first = sold.team.versions.get(number=1)
    request = ask(first, by=finance)
    assert request.summary.startswith("Move customers to Team v1. Everybody who holds Team gets it now.")
    approvals.approve(approval=request, by=second, at=AT)
    assert value(acme, "storage", AT) == 100 * GB


def test_a_discarded_draft_leaves_nothing_to_approve(
    sold: Catalog, acme: Account, finance: Actor, second: Actor
) -> None:
    request = ask(draft := a_draft(sold, sso=None), by=finance)
    discard_draft(version=draft, edits=draft.edits, by=SYSTEM, at=AT)
    with pytest.raises(Stale, match="discarded"):
        approvals.approve(approval=request, by=second, at=AT)


def test_figures_made_up_by_the_sender_are_found_out(sold: Catalog, acme: Account, finance: Actor) -> None:
    draft = a_draft(sold, sso=None)
    publication = asked_for(draft)
    told = counted(draft, publication)
    made_up = replace(told, figures=replace(told.figures, lose=0, gain=1))
    with pytest.raises(Off):
        request_publication(
            version=draft, publication=publication, counted=made_up, reason="Harmless", by=finance, at=AT
        )
    assert not Job.objects.exists()
