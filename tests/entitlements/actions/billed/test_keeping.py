"""A difference that two people decided to keep: left out of what is followed, as long as the billing says the same."""

import pytest

from catalog.models import Rollout
from entitlements.actions.billed.drift import look as compare
from entitlements.actions.billed.findings import PERMISSION, keep_ours
from entitlements.actions.billed.following import Followed, follow
from entitlements.domain.billed.told import Billed
from entitlements.models import Account, BillingFinding, Subscription, SubscriptionItem
from entitlements.queries.billed.findings import asked_second, keeping_asked, mendable
from journal.actions import approvals
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent
from tests.entitlements.billing import BEA, BY, Shop, asked, bought, holds, look, says, shop, verbs
from tests.entitlements.domain.billed.told import ENDED, day, item
from tests.entitlements.factories import BillingFindingFactory
from tests.journal.factories import person

pytestmark = pytest.mark.django_db
THREE, FIVE = says(item(quantity=3)), says(item(quantity=5))


@pytest.fixture
def there(db: None) -> Shop:
    return shop()


@pytest.fixture
def ada(db: None) -> Actor:
    return person("Ada", PERMISSION)


@pytest.fixture
def bob(db: None) -> Actor:
    return person("Bob", PERMISSION)


def here(quantity: int) -> None:
    """What the desk has, put otherwise behind everybody's back."""
    SubscriptionItem.objects.filter(ends_at=None).update(quantity=quantity)


def compared(there: Shop, said: Billed, *, after: float = 0, ticket: int | None = None) -> BillingFinding | None:
    ticket = ticket or asked(there, said)
    return compare(connection=there.connection, billed=said, customer=BEA, ticket=ticket, by=BY, at=day(after))


def differing(there: Shop) -> BillingFinding:
    """Three are billed, and five are here."""
    look(there, THREE)
    here(5)
    found = compared(there, THREE)
    assert found is not None
    return found


def kept(there: Shop, ada: Actor, bob: Actor) -> BillingFinding:
    row = differing(there)
    asked_for = keep_ours(finding=row, reason="Agreed on the phone", by=ada, at=day(0))
    assert isinstance(asked_for, Approval)
    approvals.approve(approval=asked_for, by=bob, at=day(0))
    row.refresh_from_db()
    return row


# Found ------------------------------------------------------------------------------------------------------------
def test_what_differs_is_found_side_by_side_and_nothing_changes(there: Shop) -> None:
    row = differing(there)
    (line,) = row.evidence["lines"]
    assert (line["about"], line["theirs"], line["ours"]) == ("Team", "3 × Team, by the month", "5 × Team, by the month")
    assert row.evidence["steps"] == [line["step"]]
    assert row.words == "Team: 3 × Team, by the month where it is billed, 5 × Team, by the month here"
    assert (row.account, holds()) == (bought().account, ["5 × team"])


def test_found_again_nothing_is_written(there: Shop) -> None:
    row = differing(there)
    before = (AuditEvent.objects.count(), row.history.count())
    assert compared(there, THREE, after=0.1) == row
    assert (AuditEvent.objects.count(), row.history.count()) == before


def test_what_differs_no_more_is_mended(there: Shop) -> None:
    row = differing(there)
    here(3)
    assert compared(there, THREE) is None
    row.refresh_from_db()
    assert row.state == "mended"


def test_what_was_asked_before_something_newer_was_followed_says_nothing(there: Shop) -> None:
    look(there, THREE)
    early = asked(there, FIVE)
    look(there, THREE)
    assert compared(there, FIVE, ticket=early) is None
    assert not BillingFinding.objects.exists()


def test_what_the_desk_never_heard_of_is_found(there: Shop) -> None:
    row = compared(there, THREE)
    assert row is not None
    assert row.evidence["lines"][0]["ours"] == "Nothing"
    assert not Subscription.objects.exists()
    assert not Account.objects.exists()


def test_what_is_not_there_any_more_is_said_to_be_gone(there: Shop) -> None:
    look(there, THREE)
    gone = says(state=ENDED)
    row = compare(
        connection=there.connection, billed=gone, customer=BEA, ticket=asked(there, gone), by=BY, at=day(0), gone=True
    )
    assert row is not None
    assert row.evidence["gone"]
    assert "not there any more" in row.words
    assert not mendable(there.connection).exists()


# Kept -------------------------------------------------------------------------------------------------------------
def test_it_is_open_until_a_second_person_says_yes(there: Shop, ada: Actor, bob: Actor) -> None:
    row = differing(there)
    request = keep_ours(finding=row, reason="Agreed", by=ada, at=day(0))
    assert keeping_asked(row) == request
    with pytest.raises(NotAllowed):
        approvals.approve(approval=request, by=ada, at=day(0))
    with pytest.raises(Refusal, match="waits for a second person"):
        keep_ours(finding=row, reason="Agreed", by=bob, at=day(0))
    assert not mendable(there.connection).exists()
    row.refresh_from_db()
    assert row.state == "open"


def test_kept_it_is_left_out_whatever_comes(there: Shop, ada: Actor, bob: Actor) -> None:
    row = kept(there, ada, bob)
    assert (row.state, row.reason, row.settled_by) == ("kept", "Agreed on the phone", "Bob")
    before = verbs()
    assert look(there, THREE, at=day(1)).words == "Nothing differed"
    assert compared(there, THREE, after=2) is None
    assert (holds(), verbs()) == (["5 × team"], before)


def test_what_else_is_said_is_followed_all_the_same(there: Shop, ada: Actor, bob: Actor) -> None:
    kept(there, ada, bob)
    look(there, says(item(quantity=3), item("extra", id="si_2")), at=day(1))
    assert holds(day(1)) == ["5 × team", "1 × extra"]


def test_what_is_said_otherwise_counts_again_and_the_decision_is_gone(there: Shop, ada: Actor, bob: Actor) -> None:
    row = kept(there, ada, bob)
    look(there, says(item(quantity=4)), at=day(1))
    row.refresh_from_db()
    assert (holds(day(1)), row.state) == (["4 × team"], "gone")
    look(there, THREE, at=day(2))
    assert holds(day(2)) == ["3 × team"]


def test_what_is_said_otherwise_is_found_again(there: Shop, ada: Actor, bob: Actor) -> None:
    row = kept(there, ada, bob)
    again = compared(there, says(item(quantity=4)), after=1)
    row.refresh_from_db()
    assert again is not None
    assert again.pk != row.pk
    assert (row.state, holds(day(1))) == ("gone", ["5 × team"])


def test_once_it_differs_no_more_it_is_gone(there: Shop, ada: Actor, bob: Actor) -> None:
    row = kept(there, ada, bob)
    look(there, FIVE, at=day(1))
    row.refresh_from_db()
    assert (row.state, verbs()[-1]) == ("gone", "billing_finding:settle")


def test_it_may_be_taken_after_all(there: Shop, ada: Actor, bob: Actor) -> None:
    row = kept(there, ada, bob)
    took: Followed = follow(
        connection=there.connection, billed=THREE, customer=BEA, ticket=asked(there, THREE), by=BY, at=day(1),
        despite_kept=True,
    )  # fmt: skip
    row.refresh_from_db()
    assert (took.words, row.state, holds(day(1))) == ("Changed: 5 × Team → 3 × Team", "mended", ["3 × team"])


def test_what_never_began_is_kept_from_beginning(there: Shop, ada: Actor, bob: Actor) -> None:
    row = compared(there, THREE)
    assert row is not None
    approvals.approve(approval=keep_ours(finding=row, reason="A test", by=ada, at=day(0)), by=bob, at=day(0))
    look(there, THREE, at=day(1))
    assert not Subscription.objects.exists()
    look(there, FIVE, at=day(2))
    assert holds(day(2)) == ["5 × team"]


# Not decided, or decided otherwise --------------------------------------------------------------------------------
@pytest.mark.parametrize("no", [approvals.reject, approvals.withdraw])
def test_refused_or_withdrawn_it_is_open_and_may_be_asked_again(
    there: Shop, ada: Actor, bob: Actor, no: object
) -> None:
    row = differing(there)
    request = keep_ours(finding=row, reason="Agreed", by=ada, at=day(0))
    no(approval=request, by=bob if no is approvals.reject else ada, at=day(0))  # type: ignore[operator]
    row.refresh_from_db()
    assert (row.state, keeping_asked(row), asked_second(row)) == ("open", None, request)
    assert isinstance(keep_ours(finding=row, reason="Agreed", by=ada, at=day(0)), Approval)


def test_what_was_mended_meanwhile_is_kept_by_nobody(there: Shop, ada: Actor, bob: Actor) -> None:
    request = keep_ours(finding=differing(there), reason="Agreed", by=ada, at=day(0))
    look(there, THREE, at=day(1))
    assert holds(day(1)) == ["3 × team"]
    with pytest.raises(Stale):
        approvals.approve(approval=request, by=bob, at=day(1))


def test_what_differs_otherwise_by_now_is_asked_anew(there: Shop, ada: Actor, bob: Actor) -> None:
    request = keep_ours(finding=differing(there), reason="Agreed", by=ada, at=day(0))
    compared(there, says(item(quantity=7)))
    with pytest.raises(Refusal, match="something else by now"):
        approvals.approve(approval=request, by=bob, at=day(1))


# Sold again -------------------------------------------------------------------------------------------------------
@pytest.fixture
def not_sold(there: Shop) -> BillingFinding:
    version(there, "retired")
    look(there, says(item("pro")), at=day(1))
    return BillingFinding.objects.get(kind="not_sold")


def version(there: Shop, state: str) -> None:
    row = Rollout.objects.get(version__plan=there.pro).version
    row.state, row.retired_at = state, day(0) if state == "retired" else None
    keep(row, deed=begin(by=SYSTEM, at=day(0)))


def test_what_is_sold_again_is_mended_by_the_next_look(there: Shop, not_sold: BillingFinding) -> None:
    assert compared(there, says(item("pro")), after=2) is None
    not_sold.refresh_from_db()
    assert not_sold.state == "open"
    version(there, "published")
    compared(there, says(item("pro")), after=2)
    not_sold.refresh_from_db()
    assert not_sold.state == "mended"


def test_what_is_not_billed_any_more_is_gone(there: Shop, not_sold: BillingFinding) -> None:
    look(there, says(item("team", id="si_2")), at=day(2))
    look(there, says(item("team", id="si_2")), at=day(3))
    not_sold.refresh_from_db()
    assert not_sold.state == "gone"


def test_what_the_desk_couldnt_follow_is_never_said_to_agree(there: Shop) -> None:
    row = differing(there)
    refused = BillingFindingFactory(
        connection=there.connection, billing_id=row.billing_id, kind="refused", about="", words="The account is closed."
    )
    assert compared(there, THREE, after=0.1) == refused
    here(3)
    assert compared(there, THREE, after=0.2) is None
