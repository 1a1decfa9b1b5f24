"""Which programs asked about an account."""

import pytest

from entitlements.queries.story.asking import Asker, askers_of
from tests.entitlements.factories import AnswerGivenFactory
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db


def test_the_latest_told_comes_first_with_how_many_answers() -> None:
    acme = account()
    for told, days in (("Shop", 3), ("Shop", 2), ("App", 1)):
        AnswerGivenFactory(account=acme, told=told, told_at=AT - days * DAY)
    assert askers_of(account=acme) == (Asker("App", AT - DAY, 1), Asker("Shop", AT - 2 * DAY, 2))


def test_what_was_told_about_another_account_is_left_out() -> None:
    AnswerGivenFactory(account=account("other"))
    assert askers_of(account=account()) == ()
