"""What an act would change is said before it is done."""

from datetime import date

import pytest

from support.queries.assets.effects import effects_of_moving, effects_of_replacing, effects_of_retiring
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import installed_press, press, registered
from tests.support.factories import CoverFactory, CoverScopeFactory, VisitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return AccountFactory(name="Acme", key="acme", zone="Europe/Amsterdam")


@pytest.fixture
def beta():
    return AccountFactory(name="Beta", key="beta")


def has(told, words):
    return any(words in sentence for sentence in told)


def test_a_move_says_what_goes_along_and_what_doesnt(acme, beta, at):
    goes, stays = registered(acme, press()), registered(acme, press(key="other", warranty_transferable=False))
    assert has(effects_of_moving(goes, to=beta, at=at), "goes along, through 31 December 2026 (Amsterdam).")
    assert has(effects_of_moving(stays, to=beta, at=at), "it ends with the move instead of lasting through 31 December")


def test_a_move_says_what_becomes_of_a_warranty_that_hasnt_begun(acme, beta, at):
    waits = registered(acme, installed_press())
    never = registered(acme, installed_press(key="other", warranty_transferable=False))
    bare = registered(acme, press(warranty_months=None, borne=None))
    assert has(effects_of_moving(waits, to=beta, at=at), "It goes on waiting there.")
    assert has(effects_of_moving(never, to=beta, at=at), "so it never will.")
    assert has(effects_of_moving(bare, to=beta, at=at), "It has no warranty that could go along.")


def test_covers_and_visits_that_name_it_are_told(acme, beta, at):
    asset = registered(acme, press())
    cover = CoverFactory(account=acme, name="Maintenance")
    CoverScopeFactory(cover=cover, kind="asset", asset=asset, product=None)
    VisitFactory(cover=cover, account=acme, asset=asset, from_on=date(2026, 5, 1), through_on=date(2026, 5, 30))
    for told, words in (
        (effects_of_moving(asset, to=beta, at=at), "“Maintenance” of Acme names it and doesn’t reach it there."),
        (effects_of_replacing(asset, at=at), "“Maintenance” names it, and will name the new one too."),
        (effects_of_replacing(asset, at=at), "1 maintenance visit still to come will be to the new one."),
        (effects_of_retiring(asset, at=at), "“Maintenance” names it, and has one thing less to cover."),
        (effects_of_retiring(asset, at=at), "1 maintenance visit still to come would be to it"),
    ):
        assert has(told, words), words


def test_without_warranty_left_a_replacement_says_so(acme, at):
    bare = registered(acme, press(warranty_months=None, borne=None))
    assert has(effects_of_replacing(bare, at=at), "the new one comes without")
