"""Was true at T, believed at T, answered at T: three questions, three answers."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from entitlements.actions.accounts import open_account
from entitlements.actions.overrides import revoke
from entitlements.domain.facts import Mode, Standing
from entitlements.models import Account, AccountStanding
from entitlements.queries.story.three_answers import ThreeAnswers, three_answers
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import SYSTEM
from tests.conftest import actor
from tests.entitlements.factories import AnswerGivenFactory, overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> Catalog:
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    """Team since ten days."""
    acme = account()
    subscribed(acme, world.team)
    return acme


def asked(acme: Account, feature: str = "storage", **when: object) -> ThreeAnswers:
    [line] = three_answers(account=acme, at=when.get("at", AT), feature=feature)
    return line


def told(acme: Account, words: str, *, by: str = "Shop", at=AT - HOUR, feature: str = "storage") -> None:
    AnswerGivenFactory(account=acme, told=by, told_at=at, answers={feature: {"text": words}})


def test_where_nothing_was_put_right_true_and_believed_are_one(acme: Account) -> None:
    line = asked(acme)
    assert (line.true, line.believed, line.answered, line.cause) == ("100 GB", "100 GB", (), None)
    assert not line.differs


def recorded_late(acme: Account, *, starts_at: datetime, at: datetime) -> None:
    """The account was suspended from an earlier moment on, as somebody finds out later."""
    deed = begin(by=actor("finance"), at=at)
    row = AccountStanding(account=acme, standing=Standing.SUSPENDED, starts_at=starts_at, reason="Fraud")
    record(deed, "account:suspend", subject=keep(row, deed=deed), account_key=acme.key, reason="Fraud", label="Acme")


def test_what_was_recorded_after_it_began_was_true_but_not_believed(acme: Account) -> None:
    recorded_late(acme, starts_at=AT - DAY, at=AT + 2 * DAY)
    line = asked(acme)
    assert (line.true, line.believed, line.differs) == ("not included", "100 GB", True)
    assert line.cause is not None
    assert (line.cause.words, line.cause.who, line.cause.reason) == ("Suspend account: Acme", "Finance Person", "Fraud")


def test_of_many_acts_since_the_one_that_put_it_right_is_named(acme: Account, world: Catalog) -> None:
    for days in range(1, 6):
        overridden(acme, world.seats, Mode.ADD, Decimal(1), at=AT + days * DAY)
    recorded_late(acme, starts_at=AT - DAY, at=AT + 6 * DAY)
    for days in range(7, 12):
        overridden(acme, world.seats, Mode.ADD, Decimal(1), at=AT + days * DAY)
    causes = {line.feature: line.cause for line in three_answers(account=acme, at=AT)}
    assert {cause.at for cause in causes.values() if cause} == {AT + 6 * DAY}
    assert len([cause for cause in causes.values() if cause]) == 4


def test_an_account_recorded_later_was_not_known_and_its_opening_put_it_right(world: Catalog) -> None:
    later = open_account(key="late", name="Late", zone="UTC", by=SYSTEM, at=AT + DAY)
    line = asked(later)
    assert (line.true, line.believed) == ("not included", None)
    assert line.put_right_later
    assert line.cause is not None
    assert (line.cause.words, line.cause.who) == ("Open account: Late", "The desk")


def test_the_act_that_changed_a_day_to_come_is_named(acme: Account, world: Catalog) -> None:
    override = overridden(acme, world.storage, Mode.ADD, 20 * GB, at=AT - 5 * DAY)
    noon = AT + 3 * DAY
    revoke(override=override, reason="Fell through", by=SYSTEM, at=AT)
    assert asked(acme, at=AT - DAY).true == "120 GB"
    assert not asked(acme, at=noon).differs  # recorded before the moment, so it was believed by then


def test_what_each_key_was_told_last_stands_with_since_when(acme: Account) -> None:
    told(acme, "1 GB", at=AT - 3 * DAY)
    told(acme, "100 GB", at=AT - DAY)
    told(acme, "5 GB", at=AT + DAY)
    told(acme, "1 GB", by="Portal", at=AT - 2 * DAY)
    line = asked(acme)
    assert [(given.told, given.words, given.told_at) for given in line.answered] == [
        ("Portal", "1 GB", AT - 2 * DAY),
        ("Shop", "100 GB", AT - DAY),
    ]
    assert [given.told for given in line.told_otherwise] == ["Portal"]
    assert line.differs


def test_the_newest_answer_that_speaks_of_the_feature_counts(acme: Account) -> None:
    told(acme, "100 GB", at=AT - 2 * DAY)
    told(acme, "10", feature="seats", at=AT - DAY)
    assert [given.words for given in asked(acme).answered] == ["100 GB"]
    assert asked(acme, "sso").answered == ()


def test_what_differs_comes_first_and_else_the_order_is_the_sheets(acme: Account) -> None:
    told(acme, "off", feature="sso")
    assert [line.feature for line in three_answers(account=acme, at=AT)] == ["sso", "storage", "seats", "tier"]


def test_a_feature_nobody_knows_has_no_line(acme: Account) -> None:
    assert three_answers(account=acme, at=AT, feature="nothing") == ()
