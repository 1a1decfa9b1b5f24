"""What the engine says of a ticket: a block rests on the channel or the balance alone, and words say what people call it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.models import Feature
from entitlements.domain.facts import Mode, Standing
from entitlements.models import Account, Override
from entitlements.models.override import OverrideState
from support.domain.case_events import Channel
from support.domain.cover_terms import AtZero
from support.domain.intake.outcomes import Outcome, Reason
from support.models import Allowance
from support.queries.covering import About
from support.queries.intake.deciding import Decided, Told, decided
from support.queries.intake.settings import intake_settings
from support.queries.intake.standing import engine_of
from tests.entitlements.factories import AccountFactory, AccountStandingFactory, ContactFactory
from tests.support.casework import NOW
from tests.support.counting_world import incidents, sold
from tests.support.factories import AssetFactory, CoverFactory, CoverScopeFactory, TeamFactory, WarrantyFactory
from tests.support.intake_world import a_route
from tests.support.ticket_world import grant, meant, read, ticket_world, told
from tests.support.world import kept

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BLOCK, HOLD, SUGGEST, ACCEPT = Outcome.BLOCK, Outcome.HOLD, Outcome.SUGGEST, Outcome.ACCEPT


@pytest.fixture
def poor(db: None) -> Account:
    """Who is owed nothing by what it holds."""
    ticket_world()
    return Account.objects.get(key="poor")


def found(account: Account, *, at: datetime = NOW, given: str = "", **more: Any) -> Decided:
    ticket: Told = told(account, **{"requester": f"jo@{account.key}.example", **more})
    what = meant(given=given) if given else meant(exports=0.95)
    return decided(ticket, read(what), settings=intake_settings(), at=at)


def what(account: Account, **more: Any) -> tuple[Outcome, Reason]:
    decision = found(account, **more).decision
    return decision.outcome, decision.reason


class TestTheChannel:
    def test_where_nobody_owes_help_it_is_blocked(self, poor: Account) -> None:
        assert what(poor) == (BLOCK, Reason.NOT_COVERED)

    @pytest.mark.parametrize(("channel", "outcome"), [(Channel.EMAIL, ACCEPT), (Channel.PHONE, BLOCK)])
    def test_one_that_isn_t_sold_is_blocked_and_those_that_are_are_named(
        self, poor: Account, channel: Channel, outcome: Outcome
    ) -> None:
        CoverFactory(account=poor, tier="standard", channels=["email"])
        grant(poor, Feature.objects.get(key="exports"))
        decision = found(poor, channel=channel).decision
        assert decision.outcome is outcome
        assert decision.channels == (() if outcome is ACCEPT else ("E-mail",))

    def test_the_covers_of_a_parent_reach_its_child_accounts_alone(self, poor: Account) -> None:
        child = AccountFactory(key="child", parent=poor)
        CoverFactory(account=poor, tier="standard", children=True)
        grant(child, Feature.objects.get(key="exports"))
        assert what(child)[0] is ACCEPT
        AccountStandingFactory(account=poor, standing=Standing.SUSPENDED, starts_at=NOW - DAY)
        assert what(child) == (HOLD, Reason.UNSURE)


class TestWhatWasn_tNamed:
    """Help that may be owed isn't refused because a mail doesn't say by which device, or who writes it isn't on file."""

    @pytest.mark.parametrize("kind", ["asset", "product"])
    def test_a_device_or_its_kind(self, poor: Account, kind: str) -> None:
        asset = AssetFactory(account=poor, serial="SN-1")
        of = {"product": None, "asset": asset} if kind == "asset" else {"product": asset.product}
        CoverScopeFactory(cover=CoverFactory(account=poor, name="Care", tier="standard"), kind=kind, **of)
        decision = found(poor).decision
        assert (decision.outcome, decision.reason) == (HOLD, Reason.UNSURE)
        assert "Care" in decision.words

    @pytest.mark.parametrize("requester", ["", "nobody@poor.example", "bo@poor.example"])
    def test_who_asks(self, poor: Account, requester: str) -> None:
        ann, _ = (ContactFactory(account=poor, email=f"{name}@poor.example") for name in ("ann", "bo"))
        cover = CoverFactory(account=poor, name="Care", tier="standard")
        CoverScopeFactory(cover=cover, kind="contact", product=None, contact=ann)
        grant(poor, Feature.objects.get(key="exports"))
        assert what(poor, requester="ann@poor.example")[0] is ACCEPT
        assert what(poor, requester=requester) == (HOLD, Reason.UNSURE)

    def test_the_channel_of_such_a_cover_is_exact_all_the_same(self, poor: Account) -> None:
        asset = AssetFactory(account=poor, serial="SN-1")
        cover = CoverFactory(account=poor, tier="standard", channels=["phone"])
        CoverScopeFactory(cover=cover, kind="asset", product=None, asset=asset)
        assert what(poor, channel=Channel.EMAIL) == (BLOCK, Reason.NOT_COVERED)
        assert what(poor, channel=Channel.PHONE) == (HOLD, Reason.UNSURE)

    @pytest.mark.parametrize(
        ("tier", "ended", "outcome"), [("standard", 0, HOLD), ("", 0, BLOCK), ("standard", 1, BLOCK)]
    )
    def test_a_device_under_a_warranty_that_comes_with_support(
        self, poor: Account, tier: str, ended: int, outcome: Outcome
    ) -> None:
        ends = {"ends_at": NOW - DAY, "through_on": (NOW - 2 * DAY).date()} if ended else {}
        WarrantyFactory(asset=AssetFactory(account=poor), tier=tier, **ends)
        assert what(poor)[0] is outcome


class TestStandings:
    @pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.CLOSED])
    @pytest.mark.parametrize("given", ["", "exports", "sso"])
    def test_who_is_suspended_or_gone_is_a_person_s_to_answer(self, standing: Standing, given: str) -> None:
        acme = ticket_world()
        AccountStandingFactory(account=acme, standing=standing, starts_at=NOW - DAY)
        decision = found(acme, given=given).decision
        assert (decision.outcome, decision.reason) == (HOLD, Reason.UNSURE)
        assert str(standing) in decision.words

    def test_help_that_begins_later_isn_t_refused_before(self, poor: Account) -> None:
        CoverFactory(account=poor, name="Care", tier="standard", starts_at=NOW + DAY)
        decision = found(poor).decision
        assert (decision.outcome, decision.reason) == (HOLD, Reason.UNSURE)
        assert "Care" in decision.words
        assert "3 March 2026" in decision.words

    def test_help_that_ended_is_over(self, poor: Account) -> None:
        CoverFactory(account=poor, tier="standard", ends_at=NOW - DAY)
        assert what(poor) == (BLOCK, Reason.NOT_COVERED)

    @pytest.mark.parametrize("given", ["", "sso"])
    def test_a_feature_that_begins_later_isn_t_refused_before(self, given: str) -> None:
        acme = ticket_world()
        lent(acme, Feature.objects.get(key="sso"), starts_at=NOW + DAY, ends_at=NOW + 30 * DAY)
        ticket = read(meant(given=given) if given else meant(sso=0.95))
        decision = decided(told(acme), ticket, settings=intake_settings(), at=NOW).decision
        assert (decision.outcome, decision.reason) == (HOLD, Reason.UNSURE)
        assert "3 March 2026" in decision.words


def lent(account: Account, feature: Feature, **when: Any) -> Override:
    return kept(
        Override(
            account=account, feature=feature, mode=Mode.REPLACE, reason="For a test", state=OverrideState.APPROVED,
            requested_at=NOW, requested_by="Ana", approved_at=NOW, approved_by="Bo", **when,
        )
    )  # fmt: skip


class TestBalances:
    @pytest.mark.parametrize(
        ("left", "at_zero", "follows"),
        [
            (1, AtZero.BLOCK, (ACCEPT, Reason.COVERED)),
            (0, AtZero.BLOCK, (BLOCK, Reason.NOTHING_LEFT)),
            (0, AtZero.OVERDRAW, (ACCEPT, Reason.COVERED)),
        ],
    )
    def test_at_exactly_zero_one_that_blocks_blocks(
        self, left: int, at_zero: AtZero, follows: tuple[Outcome, Reason]
    ) -> None:
        acme = ticket_world()
        used_up(acme, incidents(at_zero=at_zero), but=left)
        assert what(acme) == follows

    def test_a_balance_blocks_only_where_it_alone_stands_in_the_way(self, poor: Account) -> None:
        """By phone nobody owed help while there was some left: nothing that is bought more of would give it."""
        used_up(poor, incidents())
        CoverFactory(account=poor, tier="standard", channels=["email"], counted=True)
        assert what(poor, channel=Channel.EMAIL) == (BLOCK, Reason.NOTHING_LEFT)
        assert what(poor, channel=Channel.PHONE) == (BLOCK, Reason.NOT_COVERED)

    def test_what_may_be_covered_otherwise_isn_t_blocked_by_a_balance(self) -> None:
        acme = ticket_world()
        used_up(acme, incidents())
        cover = CoverFactory(account=acme, name="Care", tier="standard")
        CoverScopeFactory(cover=cover, kind="asset", product=None, asset=AssetFactory(account=acme))
        assert what(acme) == (HOLD, Reason.UNSURE)


def used_up(account: Account, allowance: Allowance, *, but: int = 0) -> None:
    sold(account, allowance, 1, at=NOW - 30 * DAY, expires_at=NOW - DAY)
    if but:
        sold(account, allowance, but, at=NOW - 20 * DAY)


class TestWords:
    def test_an_override_is_called_what_people_call_it(self) -> None:
        acme, sso = ticket_world(), Feature.objects.get(key="sso")
        lent(acme, sso, starts_at=NOW - DAY, ends_at=datetime(2029, 12, 31, 23, tzinfo=UTC))
        engine = engine_of(acme, about=About(channel="email"), channel=Channel.EMAIL, features=["sso"], at=NOW)
        assert engine.features["sso"].why == "by an override, through 31 December 2029 (Amsterdam)"
        assert "#" not in found(acme, given="sso").decision.words


class TestRoutes:
    def test_what_is_blocked_goes_to_nobody(self) -> None:
        acme = ticket_world()
        a_route(team=TeamFactory(key="desk"))
        assert found(acme, given="exports").decision.team == "desk"
        assert found(acme, given="sso").decision.outcome is BLOCK
        assert found(acme, given="sso").decision.team == ""

    def test_a_feature_s_route_is_taken_where_that_feature_is_accepted(self) -> None:
        acme = ticket_world()
        sso = Feature.objects.get(key="sso")
        a_route(team=TeamFactory(key="desk"), position=1)
        a_route(team=TeamFactory(key="identity"), feature=sso, position=2)
        several = read(meant(exports=0.95), meant(given="sso"))
        decision = decided(told(acme), several, settings=intake_settings(), at=NOW).decision
        assert (decision.outcome, decision.team) == (ACCEPT, "desk")
