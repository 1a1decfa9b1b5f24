"""What covers an account, read off the rows: dates, contracts, families, equipment, prepaid help, and how often it reads."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from entitlements.domain.facts import Standing
from entitlements.models import Account, Contract, ContractVersion
from support.domain.case_events import Channel
from support.domain.cover_terms import Aspect, Counts
from support.models import Asset, Cover, Warranty
from support.queries.cases.promising import about_case
from support.queries.covering import About, covering
from tests.entitlements.factories import (
    AccountFactory,
    AccountStandingFactory,
    ContactFactory,
    ContractFactory,
    ContractLineFactory,
    ContractVersionFactory,
)
from tests.support.casework import OPENED, holder, hour, policy, severities
from tests.support.counting_world import a_case, holds, incidents, plan_of_incidents, sold
from tests.support.factories import (
    AssetFactory,
    AssetMoveFactory,
    CoverFactory,
    CoverScopeFactory,
    LocationFactory,
    WarrantyFactory,
)
from tests.support.world import START, kept

pytestmark = pytest.mark.django_db
AT, LATER = OPENED, hour(4)


@pytest.fixture
def acme() -> Account:
    """It holds `standard`, for which something is promised, in UTC."""
    severities()
    policy()
    return holder(zone="UTC")


def why(account: Account, row: Cover | Warranty, *, at: Any = AT, **about: Any) -> str:
    """Why it takes no part; empty: it does."""
    choice = covering(account, at=at, about=About(**about)).choice
    found = choice.candidate(f"{type(row).__name__.lower()}:{row.pk}")
    assert found is not None
    return "" if found.kept else found.reason


def bearer(account: Account, aspect: Aspect = Aspect.LABOUR, *, at: Any = AT, **about: Any) -> str:
    winner = covering(account, at=at, about=About(**about)).choice.winners.get(aspect)
    return "nobody" if winner is None else winner.name


def signed(contract: Contract, number: int, *, at: Any, lines: tuple[int, ...] = (), **line: Any) -> ContractVersion:
    version = ContractVersionFactory(contract=contract, number=number, zone="UTC")
    for one in lines:
        ContractLineFactory(version=version, number=one, **line)
    version.state, version.signed_by = "signed", "Finn"
    version.effective_at = version.term_starts_at = version.signed_at = at
    return kept(version)


def test_an_account_s_own_covers_and_what_it_holds(acme: Account) -> None:
    cover = CoverFactory(account=acme, name="Maintenance", tier="priority")
    CoverFactory()
    found = covering(acme, at=AT)
    assert [one.cover.key for one in found.choice.candidates] == ["tier", f"cover:{cover.pk}"]
    assert found.choice.promising is not None
    assert found.choice.promising.name == "Standard"  # nothing is promised for `priority`
    assert set(found.policies) == {"standard"}


class TestDates:
    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({}, ""),
            ({"starts_at": hour(1)}, "It begins later, on 2 March 2026 10:00."),
            ({"ends_at": hour(1)}, ""),
            ({"ends_at": AT}, "It lasted until 2 March 2026 09:00."),
            (
                {"ends_at": AT, "ended_early_at": START, "end_reason": "They moved out."},
                "It lasted until 2 March 2026 09:00: They moved out.",
            ),
        ],
    )
    def test_its_own(self, acme: Account, told: dict[str, Any], words: str) -> None:
        assert why(acme, CoverFactory(account=acme, **told)) == words

    def test_an_amended_one_names_what_goes_on_from_there(self, acme: Account) -> None:
        old = CoverFactory(account=acme, ends_at=AT)
        new = CoverFactory(account=acme, name="New terms", starts_at=AT, follows=old)
        assert why(acme, old) == "It lasted until 2 March 2026 09:00; New terms goes on from there."
        assert (why(acme, new), why(acme, new, at=hour(-1))) == ("", "It begins later, on 2 March 2026 09:00.")
        assert why(acme, old, at=hour(-1)) == ""


class TestContracts:
    @pytest.fixture
    def contract(self, acme: Account) -> Contract:
        return ContractFactory(account=acme, key="C-12")

    def test_an_unsigned_one_covers_nothing(self, acme: Account, contract: Contract) -> None:
        cover = CoverFactory(account=acme, contract=contract)
        assert why(acme, cover) == "Contract C-12 is not signed."
        ContractVersionFactory(contract=contract)
        assert why(acme, cover) == "Contract C-12 is not signed."

    def test_it_covers_from_the_day_it_takes_effect(self, acme: Account, contract: Contract) -> None:
        signed(contract, 1, at=hour(1))
        cover = CoverFactory(account=acme, contract=contract)
        assert why(acme, cover) == "It begins later, on 2 March 2026 10:00."
        assert why(acme, cover, at=hour(1)) == ""

    def test_a_draft_of_an_amendment_changes_nothing(self, acme: Account, contract: Contract) -> None:
        signed(contract, 1, at=START)
        ContractVersionFactory(contract=contract, number=2)
        assert why(acme, CoverFactory(account=acme, contract=contract)) == ""

    def test_it_ends_with_its_contract_also_by_notice(self, acme: Account, contract: Contract) -> None:
        signed(contract, 1, at=START)
        contract.ends_at, contract.notice_at, contract.notice_by = hour(15), hour(-200), "Acme"
        kept(contract)
        cover = CoverFactory(account=acme, contract=contract, ends_at=hour(900))
        assert why(acme, cover) == ""
        assert why(acme, cover, at=hour(15)) == "It lasted through 2 March 2026, with contract C-12."

    def test_one_whose_contract_ended_before_it_began_never_came_into_force(
        self, acme: Account, contract: Contract
    ) -> None:
        signed(contract, 1, at=START)
        contract.ends_at = START
        kept(contract)
        cover = CoverFactory(account=acme, contract=contract, starts_at=hour(-5))
        assert why(acme, cover) == "It never came into force, with contract C-12."

    def test_it_ends_with_its_line(self, acme: Account, contract: Contract) -> None:
        signed(contract, 1, at=START, lines=(1, 2))
        signed(contract, 2, at=hour(1), lines=(1,))
        stays, goes = (CoverFactory(account=acme, contract=contract, line=line) for line in (1, 2))
        assert (why(acme, stays, at=hour(1)), why(acme, goes)) == ("", "")
        assert why(acme, goes, at=hour(1)) == "It lasted until 2 March 2026 10:00, with line 2 of contract C-12."

    def test_a_line_may_be_added_later_and_last_through_a_day(self, acme: Account, contract: Contract) -> None:
        signed(contract, 1, at=START)
        signed(contract, 2, at=hour(1), lines=(3,), through_on=date(2026, 3, 5))
        cover = CoverFactory(account=acme, contract=contract, line=3)
        assert why(acme, cover) == "It begins later, on 2 March 2026 10:00."
        assert why(acme, cover, at=hour(1)) == ""
        assert why(acme, cover, at=hour(200)) == "It lasted through 5 March 2026, with line 3 of contract C-12."

    def test_a_line_begins_on_its_own_day(self, acme: Account, contract: Contract) -> None:
        signed(contract, 1, at=START, lines=(1,), starts_on=date(2026, 3, 4))
        cover = CoverFactory(account=acme, contract=contract, line=1)
        assert why(acme, cover) == "It begins later, on 4 March 2026."

    def test_a_line_that_only_the_document_has_is_a_note(self, acme: Account, contract: Contract) -> None:
        signed(contract, 1, at=START, lines=(1,))
        assert why(acme, CoverFactory(account=acme, contract=contract, line=7)) == ""


class TestFamilies:
    @pytest.fixture
    def above(self, acme: Account) -> Account:
        """The parent of the parent."""
        top = AccountFactory(name="Top")
        acme.parent = AccountFactory(parent=top)
        kept(acme)
        return top

    def test_a_cover_reaches_children_of_children_where_it_says_so(self, acme: Account, above: Account) -> None:
        CoverFactory(account=above, name="Own")
        assert bearer(acme) == "nobody"
        CoverFactory(account=above, name="All", children=True)
        assert bearer(acme) == "All"

    @pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.CLOSED])
    def test_it_doesn_t_while_who_agreed_it_is_not_open(
        self, acme: Account, above: Account, standing: Standing
    ) -> None:
        cover = CoverFactory(account=above, children=True)
        AccountStandingFactory(account=above, standing=standing, starts_at=hour(-1))
        assert why(acme, cover) == f"Top, which agreed it, is {standing}."
        assert why(acme, cover, at=hour(-2)) == ""
        AccountStandingFactory(account=above, standing=Standing.OPEN, starts_at=hour(1))
        assert why(acme, cover, at=hour(1)) == ""

    def test_a_child_s_cover_is_no_cover_of_its_parent(self, acme: Account, above: Account) -> None:
        CoverFactory(account=acme, children=True)
        assert bearer(above) == "nobody"

    def test_where_the_account_itself_isn_t_open_nothing_that_was_agreed_covers(
        self, acme: Account, above: Account
    ) -> None:
        own, reaching = CoverFactory(account=acme), CoverFactory(account=above, children=True)
        AccountStandingFactory(account=acme, standing=Standing.SUSPENDED, starts_at=hour(-1))
        assert why(acme, own) == "The account is suspended, and support was not kept for it."
        assert why(acme, reaching) == "The account is suspended, and support was not kept for it."


class TestEquipment:
    @pytest.fixture
    def asset(self, acme: Account) -> Asset:
        return AssetFactory(account=acme, serial="SN-1", location=LocationFactory(account=acme))

    def test_its_warranty_covers_it_and_nothing_else(self, acme: Account, asset: Asset) -> None:
        WarrantyFactory(asset=asset)
        assert bearer(acme, Aspect.PARTS, asset=asset) == "Maker’s warranty"
        assert bearer(acme, Aspect.PARTS) == "nobody"
        assert bearer(acme, Aspect.PARTS, asset=AssetFactory(account=acme)) == "nobody"

    @pytest.mark.parametrize(
        ("told", "words"),
        [
            ({"ends_at": AT}, "It lasted until 2 March 2026 09:00."),
            ({"starts_at": hour(1)}, "It begins later, on 2 March 2026 10:00."),
            (
                {"voided_at": hour(-1), "voided_by": "Ada", "void_reason": "Opened by the customer."},
                "It lasted until 2 March 2026 08:00: Opened by the customer.",
            ),
        ],
    )
    def test_why_a_warranty_is_over(self, acme: Account, asset: Asset, told: dict[str, Any], words: str) -> None:
        assert why(acme, WarrantyFactory(asset=asset, **told), asset=asset) == words

    def test_a_retired_one_has_none_any_more(self, acme: Account, asset: Asset) -> None:
        warranty = WarrantyFactory(asset=asset)
        asset.retired_at, asset.retire_reason = hour(-1), "Replaced"
        kept(asset)
        said = why(acme, warranty, asset=asset)
        assert said == f"It lasted until 2 March 2026 08:00, when {asset} was taken out of service."
        assert why(acme, warranty, asset=asset, at=hour(-2)) == ""

    def test_it_goes_along_with_the_equipment(self, acme: Account, asset: Asset) -> None:
        bolt, warranty = AccountFactory(zone="UTC"), WarrantyFactory(asset=asset)
        _moved(asset, to=bolt)
        assert why(bolt, warranty, asset=asset) == ""
        assert why(acme, warranty, asset=asset) == "It is on equipment that another account has."
        # Before that it was theirs.
        assert why(acme, warranty, asset=asset, at=hour(-2)) == ""
        assert why(bolt, warranty, asset=asset, at=hour(-2)) == "It is on equipment that another account has."

    def test_unless_it_was_for_the_first_customer_alone(self, acme: Account, asset: Asset) -> None:
        bolt, warranty = AccountFactory(zone="UTC"), WarrantyFactory(asset=asset, transferable=False)
        _moved(asset, to=bolt)
        said = "It lasted until 2 March 2026 08:00, when the equipment went to another customer."
        assert why(bolt, warranty, asset=asset) == said
        theirs = WarrantyFactory(asset=asset, transferable=False, recorded_at=AT)
        assert why(bolt, theirs, asset=asset) == ""

    def test_a_cover_of_its_place_and_of_its_kind_reaches_it(self, acme: Account, asset: Asset) -> None:
        place, kind = CoverFactory(account=acme), CoverFactory(account=acme)
        CoverScopeFactory(cover=place, kind="location", product=None, location=asset.location)
        CoverScopeFactory(cover=kind, product=asset.product)
        assert (why(acme, place, asset=asset), why(acme, kind, asset=asset)) == ("", "")
        assert bearer(acme, asset=asset) == place.name
        assert why(acme, kind, product=asset.product_id) == ""
        assert why(acme, place, product=asset.product_id) == (
            f"It reaches {asset.location.name} only, and where the equipment stands was not named."
        )

    def test_many_things_are_said_in_a_few_words(self, acme: Account) -> None:
        cover = CoverFactory(account=acme)
        for name in "edcba":
            contact = ContactFactory(account=acme, name=f"Mx {name}")
            CoverScopeFactory(cover=cover, kind="contact", product=None, contact=contact)
        assert why(acme, cover).startswith("It reaches Mx a, Mx b, Mx c, 2 more only, and none of")


def _moved(asset: Asset, *, to: Account) -> None:
    AssetMoveFactory(asset=asset, from_account=asset.account, to_account=to, at=hour(-1))
    asset.account, asset.held_since, asset.location = to, hour(-1), None
    kept(asset)


class TestPrepaid:
    def test_what_is_left_covers_by_itself(self, acme: Account) -> None:
        bare, allowance = holder("bare", tier="community"), incidents(default_tier="standard")
        sold(bare, allowance, 2)
        found = covering(bare, at=LATER)
        assert found.choice.promising is not None
        assert (found.choice.promising.key, found.prepaid[0].left.amount) == (f"balance:{allowance.pk}", Decimal(2))

    @pytest.mark.parametrize("at_zero", ["block", "overdraw"])
    def test_used_up_it_doesn_t_even_where_it_may_be_overdrawn(self, acme: Account, at_zero: str) -> None:
        bare, allowance = holder("bare", tier="community"), incidents(default_tier="standard", at_zero=at_zero)
        sold(bare, allowance, 1)
        case = a_case(bare)
        assert case.promises.latest("pk").covered_by == f"balance:{allowance.pk}"
        choice = covering(bare, at=LATER).choice
        assert choice.promising is None
        assert {one.reason for one in choice.candidates if not one.kept} == {"Nothing is left of Incidents."}
        # The case that took the last one is still covered by it.
        assert covering(bare, at=LATER, about=about_case(case)).choice.promising is not None

    def test_an_account_that_never_had_any_isn_t_asked_about_it(self, acme: Account) -> None:
        incidents(default_tier="standard")
        assert covering(acme, at=AT).prepaid == ()

    def test_what_counts_on_it_loses_with_the_last_one(self, acme: Account) -> None:
        sold(acme, incidents(), 1)
        counted, free = CoverFactory(account=acme, counted=True), CoverFactory(account=acme)
        assert (why(acme, counted, at=LATER), why(acme, free, at=LATER)) == ("", "")
        a_case(acme)
        said = "Nothing is left of Incidents."
        assert (why(acme, counted, at=LATER), why(acme, free, at=LATER)) == (said, "")
        tier = covering(acme, at=LATER).choice.candidate("tier")
        assert tier is not None
        assert (tier.kept, tier.reason) == (False, said)

    def test_one_that_may_be_overdrawn_goes_on(self, acme: Account) -> None:
        sold(acme, incidents(at_zero="overdraw"), 1)
        a_case(acme)
        assert covering(acme, at=LATER).choice.promising is not None

    def test_hours_are_not_counted_by_cases(self, acme: Account) -> None:
        sold(acme, incidents(counts=Counts.TIME), 1, expires_at=LATER)
        assert why(acme, CoverFactory(account=acme, counted=True), at=LATER) == ""

    def test_no_more_is_left_for_a_channel_than_its_part(self, acme: Account) -> None:
        allowance = incidents(channels=True)
        holds(acme, plan_of_incidents(allowance.feature, 10, {Channel.PHONE: 1, Channel.EMAIL: 10}))
        a_case(acme, channel=Channel.PHONE)
        (phone,) = covering(acme, at=LATER, about=About(channel="phone")).prepaid
        (email,) = covering(acme, at=LATER, about=About(channel="email")).prepaid
        assert (phone.left.name, phone.left.amount) == ("Incidents for phone", Decimal(0))
        assert (email.left.name, email.left.amount) == ("Incidents", Decimal(9))
        assert covering(acme, at=LATER, about=About(channel="phone")).choice.promising is None


class TestReads:
    def test_who_has_nothing_costs_little(self, acme: Account, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(18):
            covering(acme, at=AT)

    def test_they_don_t_grow_with_what_there_is(self, acme: Account, django_assert_max_num_queries: Any) -> None:
        asset = AssetFactory(account=acme)
        for number in range(6):
            contract = ContractFactory(account=acme)
            signed(contract, 1, at=START, lines=(1,))
            cover = CoverFactory(account=acme, contract=contract, line=1)
            CoverScopeFactory(cover=cover, kind="asset", product=None, asset=asset)
            CoverScopeFactory(cover=cover, kind="contact", product=None, contact=ContactFactory(account=acme))
            WarrantyFactory(asset=asset, name=f"Warranty {number}")
        with django_assert_max_num_queries(23):
            assert len(covering(acme, at=AT, about=About(asset=asset)).choice.candidates) == 13
