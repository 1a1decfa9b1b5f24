"""Cases under covers: named at the opening, chosen by hand, bettered by a new one, and never silently replaced."""

from typing import Any

import pytest

from entitlements.models import Account
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from support.actions.assets.held import UnknownProduct
from support.actions.cases.about import CoverNotApplying, ForeignAsset, UnknownAsset, UnknownCover
from support.actions.cases.bettering import better_tiers
from support.actions.cases.choosing import choose_cover
from support.actions.cases.handling import CaseCancelled
from support.actions.cases.opening import set_account
from support.api.cases.render import render_case
from support.domain.case_events import CaseState, EventKind
from support.domain.cover_terms import Aspect
from support.models import Case, Cover, SlaPolicyVersion, Warranty
from support.queries.cases.anew import anew
from support.queries.cases.choosing import is_by_choice, shown_cover
from support.queries.cases.promising import about_case
from support.queries.covering import covering
from tests.conftest import actor
from tests.entitlements.factories import ContactFactory, ContractFactory, ContractVersionFactory
from tests.support.alarms import alarmed, in_force, promise
from tests.support.casework import NOW, OPENED, clock, happened, holder, hour, opened
from tests.support.factories import (
    AssetFactory,
    AssetMoveFactory,
    CaseFactory,
    CasePromiseFactory,
    CoverFactory,
    CoverScopeFactory,
    ProductFactory,
    WarrantyFactory,
)
from tests.support.world import kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Account:
    """It holds `standard`: first responses within 30, 120 and 240 minutes. `priority` promises half of it."""
    account = alarmed([])
    in_force(promise({"first_response": (15, 60, 120)}, tier="priority"))
    return account


def agreed(account: Account, tier: str = "priority", **told: Any) -> Cover:
    return CoverFactory(**{"account": account, "name": "Maintenance", "tier": tier, "recorded_at": OPENED, **told})


def key(cover: Cover | Warranty) -> str:
    return f"{type(cover).__name__.lower()}:{cover.pk}"


def chosen(case: Case, cover: str, *, at: Any = NOW, reason: str = "They said so", **told: Any) -> Case:
    return choose_cover(case=case, cover=cover, reason=reason, by=SYSTEM, at=at, **told)


def covered(case: Case) -> tuple[str, str]:
    last = case.promises.latest("starts_at", "pk")
    case.refresh_from_db()
    return case.tier, last.covered_by


def test_the_better_of_two_covers_promises(acme: Account) -> None:
    cover = agreed(acme)
    case = opened(acme)
    promise = case.promises.get()
    assert (case.tier, promise.covered_by, promise.cover_name) == ("priority", key(cover), "Maintenance")
    assert promise.why == (
        "Priority support promises a first response for Urgent, High and Low. "
        "Covered by Maintenance (cover agreed with the customer). It is the most generous of those that apply. "
        "Not Standard: Maintenance is more generous."
    )
    assert clock(case, "first_response").due_at == hour(1)


def test_without_covers_the_words_are_those_of_the_tier(acme: Account) -> None:
    promise = opened(acme).promises.get()
    assert (promise.covered_by, promise.cover_name) == ("tier", "Standard")
    assert promise.why == "Standard support promises a first response for Urgent, High and Low."


def test_uncovered_is_a_state_that_says_what_would_have_covered(acme: Account) -> None:
    bare = holder("bare", tier="community")
    agreed(bare, ends_at=OPENED)
    case = opened(bare)
    promise = case.promises.get()
    assert (case.tier, promise.covered_by, promise.policy_version, case.clocks.count()) == ("", "", None, 0)
    assert promise.why.endswith("Not Maintenance: It lasted until 2 March 2026 10:00.")


def test_a_tier_for_which_nothing_is_promised_gives_way(acme: Account) -> None:
    agreed(acme, tier="priority_plus", priority=1)  # the best by its rank, but without a policy
    assert covered(opened(acme)) == ("standard", "tier")


@pytest.mark.parametrize(
    ("state", "covers"), [("draft", False), ("requested", False), ("discarded", False), ("signed", True)]
)
def test_a_contract_covers_once_it_is_signed(acme: Account, state: str, covers: bool) -> None:
    contract = ContractFactory(account=acme, key="C-12")
    version = ContractVersionFactory(contract=contract)
    if state == "signed":
        version.effective_at = version.term_starts_at = version.signed_at = hour(-48)
        version.signed_by = "Finn"
    version.state = state
    kept(version)
    agreed(acme, contract=contract, line=1)
    case = opened(acme)
    assert case.tier == ("priority" if covers else "standard")
    if not covers:
        assert "Not Maintenance: Contract C-12 is not signed." in case.promises.get().why


def test_who_asks_is_found_among_the_contacts(acme: Account) -> None:
    cover = agreed(acme)
    CoverScopeFactory(
        cover=cover, kind="contact", product=None, contact=ContactFactory(account=acme, email="Jo@acme.example")
    )
    assert opened(acme, requester="JO@acme.example").tier == "priority"
    assert opened(acme, requester="ana@acme.example").tier == "standard"


def test_a_device_brings_its_product_and_its_warranty(acme: Account) -> None:
    asset = AssetFactory(account=acme, serial="SN-1")
    warranty = WarrantyFactory(asset=asset, tier="priority")
    case = opened(acme, asset=" sn 1 ")
    assert (case.asset, case.product) == (asset, asset.product)
    assert covered(case) == ("priority", key(warranty))
    told = AuditEvent.objects.get(verb="case:open").changes
    assert told["asset"] == [None, str(asset)]


def test_of_one_serial_number_the_customer_s_own_device_is_meant(acme: Account) -> None:
    AssetFactory(serial="SN-1")
    own = AssetFactory(account=acme, serial="SN-1")
    assert opened(acme, asset="SN-1").asset == own
    twin = AssetFactory(account=acme, serial="SN-1")
    with pytest.raises(UnknownAsset, match=f"Name the product before it: .*{twin.product.key}:SN-1"):
        opened(acme, asset="SN-1")
    assert opened(acme, asset=f"{twin.product.key}:SN-1").asset == twin
    assert opened(acme, asset="SN-1", product=twin.product.key).asset == twin


def test_who_had_the_device_at_the_opening_may_ask_about_it(acme: Account) -> None:
    asset = AssetFactory(serial="SN-1", held_since=hour(5))
    AssetMoveFactory(asset=asset, from_account=acme, at=hour(5))
    assert opened(acme, asset="SN-1").asset == asset
    with pytest.raises(ForeignAsset):
        opened(acme, asset="SN-1", opened_at=hour(6))


@pytest.mark.parametrize(
    ("told", "refusal", "field", "words"),
    [
        ({"product": "nothing"}, UnknownProduct, "product", "No product has the key 'nothing'"),
        ({"asset": "SN-404"}, UnknownAsset, "asset", "No equipment has the serial number 'SN-404'"),
        ({"asset": "pump:SN-404"}, UnknownAsset, "asset", "Look at the plate"),
        ({"asset": "SN-9"}, ForeignAsset, "asset", "is not Acme’s"),
        ({"asset": "SN-1", "product": "fan"}, Invalid, "product", "Leave the product out"),
        ({"cover": "cover:999999"}, UnknownCover, "cover", "There are: tier \\(Standard\\)"),
        ({"cover": "Gold"}, UnknownCover, "cover", "has no cover 'Gold'"),
    ],
)
def test_what_is_named_and_isn_t_there_is_refused_at_its_field(
    acme: Account, told: dict[str, str], refusal: type[Invalid], field: str, words: str
) -> None:
    AssetFactory(serial="SN-9")
    AssetFactory(account=acme, serial="SN-1")
    ProductFactory(key="fan")
    with pytest.raises(refusal, match=words) as caught:
        opened(acme, **told)
    assert caught.value.field == field
    assert not Case.objects.exists()


def test_another_customer_s_name_is_not_given_away(acme: Account) -> None:
    AssetFactory(serial="SN-9", account=holder("bolt"))
    with pytest.raises(ForeignAsset) as caught:
        opened(acme, asset="SN-9")
    assert "bolt" not in caught.value.message.lower()


def test_a_cover_may_be_named_at_the_opening(acme: Account) -> None:
    agreed(acme)
    case = opened(acme, cover="tier")
    assert (case.chosen_cover, covered(case)) == ("tier", ("standard", "tier"))
    over = agreed(acme, name="Over", ends_at=OPENED)
    with pytest.raises(CoverNotApplying, match="Over doesn’t apply") as caught:
        opened(acme, cover=key(over))
    assert caught.value.field == "cover"
    with pytest.raises(CoverNotApplying, match="Nobody knows yet whose"):
        opened(None, cover="tier")


def test_a_cover_is_chosen_by_hand_for_a_reason(acme: Account) -> None:
    cover = agreed(acme)
    case = opened(acme)
    given = chosen(case, "tier", instead_of="")
    assert (given.chosen_cover, covered(case)) == ("tier", ("standard", "tier"))
    assert case.promises.latest("pk").why.endswith("“They said so”")
    told = AuditEvent.objects.get(verb="case:choose_cover").changes
    assert told["chosen_cover"] == [None, "tier"]
    assert (told["reason"], told["tier"]) == ([None, "They said so"], ["priority", "standard"])
    assert clock(case, "first_response").due_at == hour(2)
    back = chosen(case, "")
    assert (back.chosen_cover, covered(case)) == ("", ("priority", key(cover)))


def test_a_choice_for_repairs_leaves_the_promise_alone(acme: Account) -> None:
    repairs = agreed(acme, tier="")
    case = opened(acme)
    chosen(case, key(repairs))
    assert (case.promises.count(), covered(case)) == (1, ("standard", "tier"))
    assert shown_cover(case, at=NOW).choice.winners["labour"].key == key(repairs)


def test_one_that_applied_at_the_opening_may_be_chosen_and_one_that_applies_now(acme: Account) -> None:
    case = opened(acme)
    then = agreed(acme, name="Then", ends_at=hour(1))
    later = agreed(acme, name="Later", starts_at=hour(5))
    chosen(case, key(then))
    assert covered(case) == ("priority", key(then))
    chosen(case, key(later))
    assert covered(case) == ("priority", key(later))


def test_what_was_chosen_and_ended_is_said_and_kept(acme: Account) -> None:
    cover = agreed(acme, tier="standard", starts_at=hour(5))
    case = opened(acme)
    chosen(case, key(cover))
    cover.ends_at = hour(12)
    kept(cover)
    agreed(acme, name="Better", recorded_at=hour(13))
    assert better_tiers(at=hour(24)) == 0
    assert covered(case) == ("standard", key(cover))
    case.refresh_from_db()
    assert "Maintenance was chosen for this case, and doesn’t apply." in shown_cover(case, at=hour(24)).missed


@pytest.mark.parametrize(
    ("told", "refusal", "words"),
    [
        ({"cover": "cover:999999"}, UnknownCover, "has no cover"),
        ({"cover": ""}, Refusal, "No cover is chosen; nothing was changed"),
        ({"cover": "tier", "reason": " "}, Invalid, "Say why"),
        ({"cover": "tier", "reason": "x" * 501}, Invalid, "501"),
        ({"cover": "tier", "instead_of": "cover:3"}, Stale, "Someone else changed this"),
    ],
)
def test_a_choice_that_can_t_be_is_refused(
    acme: Account, told: dict[str, str], refusal: type[Refusal], words: str
) -> None:
    case = opened(acme)
    with pytest.raises(refusal, match=words):
        chosen(case, **told)
    assert case.promises.count() == 1


def test_nothing_is_chosen_for_nobody_s_case_for_a_cancelled_one_or_without_the_role(acme: Account) -> None:
    with pytest.raises(CoverNotApplying, match="whose case"):
        chosen(opened(None), "tier")
    case = opened(acme)
    with pytest.raises(NotAllowed):
        choose_cover(case=case, cover="tier", reason="Why", by=actor("sales"), at=NOW)
    happened(case, EventKind.STATE, hour(1), CaseState.CANCELLED)
    with pytest.raises(CaseCancelled):
        chosen(case, "tier")


def test_given_to_another_account_it_is_judged_by_that_one_s_covers(acme: Account) -> None:
    case = opened(acme, cover="tier")
    bolt = holder("bolt")
    cover = agreed(bolt)
    given = set_account(case=case, account=bolt, by=SYSTEM, at=NOW)
    assert given.chosen_cover == "tier"
    assert covered(case) == ("standard", "tier")
    chosen(case, "")
    assert covered(case) == ("priority", key(cover))


def test_recomputed_it_is_still_said_who_covers_it(acme: Account) -> None:
    made = anew(opened(acme).promises.get(), at=NOW, country="NL")
    assert (made.covered_by, made.cover_name) == ("tier", "Standard")


class TestBettering:
    def test_a_new_cover_reaches_open_cases(self, acme: Account) -> None:
        case = opened(acme)
        cover = agreed(acme, recorded_at=hour(12))
        assert better_tiers(at=hour(13)) == 1
        assert covered(case) == ("priority", key(cover))
        assert AuditEvent.objects.get(verb="case:better_tier").changes["covered_by"] == [None, key(cover)]
        assert better_tiers(at=hour(14)) == 0

    def test_so_does_one_that_begins_later_and_not_before(self, acme: Account) -> None:
        case = opened(acme)
        agreed(acme, starts_at=hour(20))
        assert better_tiers(at=hour(19)) == 0
        assert better_tiers(at=hour(20)) == 1
        assert covered(case)[0] == "priority"

    def test_so_does_one_of_a_parent_of_the_parent(self, acme: Account) -> None:
        top = holder("top")
        middle = holder("middle", parent=top)
        acme.parent = middle
        kept(acme)
        case = opened(acme)
        agreed(top, recorded_at=hour(12))
        assert better_tiers(at=hour(13)) == 0
        Cover.objects.update(children=True)
        assert better_tiers(at=hour(13)) == 1
        assert covered(case)[0] == "priority"

    def test_so_does_the_signing_of_its_contract(self, acme: Account) -> None:
        contract = ContractFactory(account=acme)
        version = ContractVersionFactory(contract=contract)
        agreed(acme, contract=contract, recorded_at=hour(-1))
        opened(acme)
        assert better_tiers(at=hour(12)) == 0
        version.state, version.signed_by = "signed", "Finn"
        version.effective_at = version.term_starts_at = hour(-24)
        version.signed_at = hour(13)
        kept(version)
        assert better_tiers(at=hour(13)) == 1

    def test_so_does_a_warranty_of_the_device(self, acme: Account) -> None:
        asset = AssetFactory(account=acme, serial="SN-1")
        case, other = opened(acme, asset="SN-1"), opened(acme)
        WarrantyFactory(asset=asset, tier="priority", recorded_at=hour(12))
        assert better_tiers(at=hour(13)) == 1
        assert (covered(case)[0], covered(other)[0]) == ("priority", "standard")

    def test_a_lesser_one_and_one_for_others_do_not(self, acme: Account) -> None:
        in_force(promise({"first_response": (15, 60, 120)}, tier="email"))
        opened(acme)
        agreed(acme, tier="email", recorded_at=hour(12))
        CoverScopeFactory(cover=agreed(acme, recorded_at=hour(12)))
        assert better_tiers(at=hour(13)) == 0

    def test_a_choice_is_never_replaced(self, acme: Account) -> None:
        case = opened(acme, cover="tier")
        agreed(acme, recorded_at=hour(12))
        assert better_tiers(at=hour(13)) == 0
        assert covered(case) == ("standard", "tier")


READS = 54


def test_for_who_has_neither_covers_nor_prepaid_help_opening_costs_little_more(
    acme: Account, django_assert_max_num_queries: Any
) -> None:
    opened(acme)
    with django_assert_max_num_queries(READS):
        opened(acme, subject="Another", requester="jo@acme.example")


def amended(cover: Cover, at: Any, **said: Any) -> Cover:
    """What goes on from it from that instant on."""
    cover.ends_at = at
    kept(cover)
    return agreed(cover.account, starts_at=at, follows=cover, **said)


def test_a_choice_goes_along_with_what_its_cover_becomes(acme: Account) -> None:
    first = agreed(acme, tier="standard", labour=50, priority=None)
    case = opened(acme)
    chosen(case, key(first), at=hour(1))
    better = amended(first, hour(8), tier="priority", labour=80)
    assert better_tiers(at=NOW) == 1
    assert covered(case) == ("priority", key(better))
    assert case.chosen_cover == key(first)
    found = covering(acme, at=NOW, about=about_case(case)).choice
    assert (found.missed, found.borne(Aspect.LABOUR)) == ("", 80)
    assert is_by_choice(case)
    chosen(case, "")  # so that taking it back promises what the case would have without
    assert covered(case)[1] == key(better)


def test_what_was_called_off_is_nobody_s_candidate(acme: Account) -> None:
    agreed(acme, name="Off", starts_at=hour(50), ends_at=hour(50), ended_early_at=OPENED, end_reason="Not wanted")
    case = opened(acme)
    assert "Off" not in case.promises.get().why
    assert [one.cover.name for one in shown_cover(case, at=NOW).candidates] == ["Standard"]


def test_what_was_promised_before_covers_were_kept_rests_on_the_tier_that_was_held(acme: Account) -> None:
    case = CaseFactory(account=acme, tier="standard", opened_at=OPENED)
    version = SlaPolicyVersion.objects.get(policy__tier="standard")
    CasePromiseFactory(case=case, starts_at=OPENED, policy_version=version)
    shown, out = shown_cover(case, at=NOW), render_case(case, at=NOW)
    assert (shown.covered_by, shown.cover_name) == (out.covered_by, out.cover_name) == ("tier", version.policy.name)
    bare = CasePromiseFactory(case=CaseFactory(account=acme))
    assert shown_cover(bare.case, at=NOW).covered_by == ""
