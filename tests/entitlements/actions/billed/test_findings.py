"""What a person has to look at: noted once, seen again, mended by itself, kept by somebody."""

from datetime import datetime, timedelta

import pytest

from entitlements.actions.billed.findings import keep_ours, note, settle_gone
from entitlements.actions.billed.work import Noted
from entitlements.domain.billed.findings import FindingKind, FindingState
from entitlements.models import BillingFinding
from journal.actions.deeds import begin
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed, Refusal, Stale
from journal.models import Connection
from tests.entitlements.billing import BY, NOW, verbs
from tests.entitlements.domain.billed.told import day
from tests.entitlements.factories import BillingFindingFactory
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db
DRIFT = Noted(FindingKind.DRIFT, "", "Theirs is Pro, ours is Team", {"theirs": "Pro", "ours": "Team"})
REFUSED = Noted(FindingKind.REFUSED, "", "The account is closed", {"ours": "The account is closed"})
LATER = timedelta(minutes=5)


@pytest.fixture
def there(db: None) -> Connection:
    return ConnectionFactory()


def found(there: Connection, noted: Noted = DRIFT, *, at: datetime = NOW) -> BillingFinding:
    deed = begin(by=SYSTEM, at=at)
    return note(noted, connection=there, billing_id="sub_1", account=None, deed=deed)


def test_the_same_is_found_once(there: Connection) -> None:
    first = found(there)
    assert found(there, at=NOW + LATER) == first
    assert (first.first_at, first.last_at, first.state) == (NOW, NOW, "open")
    assert (first.history.count(), verbs()) == (1, ["billing_finding:open"])


def test_it_is_said_that_it_is_still_so(there: Connection) -> None:
    found(there)
    again = found(there, at=day(2))
    assert (again.first_at, again.last_at) == (NOW, day(2))


def test_what_it_says_may_change(there: Connection) -> None:
    found(there)
    again = found(there, Noted(FindingKind.DRIFT, "", "Theirs is Free", {"theirs": "Free"}), at=NOW + LATER)
    assert (BillingFinding.objects.count(), again.words, again.last_at) == (1, "Theirs is Free", NOW + LATER)


def test_what_is_found_no_more_is_mended(there: Connection) -> None:
    first = found(there)
    told = {"connection": there, "billing_id": "sub_1", "deed": begin(by=SYSTEM, at=day(1))}
    settle_gone(kinds=[FindingKind.DRIFT], still=[DRIFT], **told)
    settle_gone(kinds=[FindingKind.UNLINKED], still=[], **told)
    first.refresh_from_db()
    assert first.state == FindingState.OPEN
    settle_gone(kinds=[FindingKind.DRIFT], still=[], **told)
    first.refresh_from_db()
    assert (first.state, first.settled_at, first.settled_by) == ("mended", day(1), "The desk")


def test_found_again_after_it_was_mended_it_is_another(there: Connection) -> None:
    first = found(there)
    settle_gone(
        connection=there, billing_id="sub_1", kinds=[DRIFT.kind], still=[], deed=begin(by=SYSTEM, at=day(1))
    )  # fmt: skip
    assert found(there, at=day(2)).pk != first.pk


def test_what_somebody_keeps_is_not_found_again_while_it_is_the_same(there: Connection) -> None:
    first = keep_ours(finding=found(there, REFUSED), reason="A courtesy", by=SYSTEM, at=NOW)
    assert isinstance(first, BillingFinding)
    assert (first.state, first.reason, verbs()[-1]) == ("kept", "A courtesy", "billing_finding:keep")
    assert found(there, REFUSED, at=day(9)) == first
    assert found(there, Noted(FindingKind.REFUSED, "", "Something else"), at=day(10)).pk != first.pk


def test_only_whoever_may_keeps_and_only_what_is_open(there: Connection) -> None:
    told = {"finding": found(there, REFUSED), "reason": "A courtesy", "at": NOW}
    with pytest.raises(NotAllowed):
        keep_ours(**told, by=BY)
    with pytest.raises(Refusal, match="Say why"):
        keep_ours(**{**told, "reason": " "}, by=SYSTEM)
    keep_ours(**told, by=SYSTEM)
    with pytest.raises(Stale):
        keep_ours(**told, by=SYSTEM)


@pytest.mark.parametrize("kind", [FindingKind.UNLINKED, FindingKind.DOUBTFUL])
def test_what_gives_nothing_can_not_be_kept_but_is_mended(kind: FindingKind) -> None:
    with pytest.raises(Refusal, match="It is paid for and gives nothing"):
        keep_ours(finding=BillingFindingFactory(kind=kind), reason="Never mind", by=SYSTEM, at=NOW)
