"""What is to be done for what is had here to be what the billing says a customer has."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.billed.features import (
    DecidedFeatures,
    FeatureDrift,
    FeatureHere,
    HeldFeature,
    decide_features,
    may_be_missing,
    unknown_of,
)
from entitlements.domain.billed.findings import FindingKind
from entitlements.domain.billed.told import BilledFeatures, BilledFeatureTold

SSO = FeatureHere("sso", "Single sign-on", is_gate=True, by_billing=False, granted=False)
AUDIT = FeatureHere("audit", "Audit log", is_gate=True, by_billing=True, granted=False)
SEATS = FeatureHere("seats", "Seats", is_gate=False, by_billing=False, granted=False)
NOTHING = DecidedFeatures(renamed={})


def told(*keys: str, carried: tuple[str, ...] = ()) -> BilledFeatures:
    features = tuple(BilledFeatureTold(f"ent_{key}", f"feat_{key}", key, key) for key in keys)
    return BilledFeatures("acme", False, "cus_1", features, frozenset(carried))


def stranger(name: str, number: int = 1) -> BilledFeatureTold:
    return BilledFeatureTold(f"ent_{number}", f"feat_{number}", name)


def held(*keys: str) -> dict[str, HeldFeature]:
    return {key: HeldFeature(number, f"ent_{key}") for number, key in enumerate(keys, 1)}


def here(*some: FeatureHere) -> dict[str, FeatureHere]:
    return {one.key: one for one in some}


def opened(decided: DecidedFeatures) -> list[str]:
    return [one.key for one in decided.opens]


def test_what_is_told_anew_is_opened() -> None:
    assert opened(decide_features(told("audit"), {}, here(AUDIT))) == ["audit"]


def test_what_is_had_already_is_left() -> None:
    assert decide_features(told("audit"), held("audit"), here(AUDIT)) == NOTHING


def test_what_is_told_no_more_ends() -> None:
    assert decide_features(told(), held("audit"), here(AUDIT)).ends == (1,)


def test_nothing_told_ends_all() -> None:
    assert decide_features(told(), held("audit", "sso"), here(AUDIT, SSO)).ends == (1, 2)


def test_a_feature_that_the_plans_give_is_opened_too_for_the_day_on_which_the_billing_decides() -> None:
    assert opened(decide_features(told("sso"), {}, here(SSO))) == ["sso"]


def test_only_gates_are_opened() -> None:
    assert opened(decide_features(told("seats"), {}, here(SEATS))) == []


def test_what_is_no_gate_any_more_is_closed() -> None:
    assert decide_features(told("seats"), held("seats"), here(SEATS)).ends == (1,)


def test_told_twice_it_counts_once() -> None:
    twice = told("audit", "audit")
    assert opened(decide_features(twice, {}, here(AUDIT))) == ["audit"]


def test_had_by_another_name_the_row_bears_the_new_one() -> None:
    former = {"audit": HeldFeature(7, "ent_former")}
    assert decide_features(told("audit"), former, here(AUDIT)).renamed == {7: "ent_audit"}


def test_rows_are_opened_in_one_order_whatever_the_order_told() -> None:
    both = here(AUDIT, SSO)
    assert opened(decide_features(told("sso", "audit"), {}, both)) == opened(
        decide_features(told("audit", "sso"), {}, both)
    )


def test_what_nobody_knows_is_said_once_and_gives_nothing() -> None:
    said = replace(told("audit"), features=(stranger("theirs"), stranger("theirs", 2), stranger("a")))
    decided = decide_features(said, {}, here(AUDIT))
    assert ([one.lookup_key for one in decided.unknown], decided.opens) == (["a", "theirs"], ())


def test_without_a_lookup_key_it_is_known_by_its_id() -> None:
    said = replace(told(), features=(BilledFeatureTold("ent_1", "feat_9", ""),))
    assert [one.feature for one in unknown_of(said)] == ["feat_9"]


def test_theirs_and_not_ours_differs() -> None:
    decided = decide_features(told("sso"), {}, here(SSO))
    assert decided.drifts == (FeatureDrift("sso", "Single sign-on", theirs=True),)


def test_of_amounts_it_is_told_as_well() -> None:
    assert decide_features(told("seats"), {}, here(SEATS)).drifts[0].key == "seats"


def test_had_by_both_nothing_differs() -> None:
    ours = replace(SSO, granted=True)
    assert decide_features(told("sso"), held("sso"), here(ours)).drifts == ()


@pytest.mark.parametrize("carried", [("feat_sso",), ("sso",), ("other", "sso")])
def test_ours_and_not_theirs_differs_where_what_is_billed_carries_it(carried: tuple[str, ...]) -> None:
    ours = replace(SSO, granted=True, called=frozenset({"feat_sso", "sso"}))
    decided = decide_features(told(carried=carried), {}, here(ours))
    assert decided.drifts == (FeatureDrift("sso", "Single sign-on", theirs=False),)


def test_what_the_billing_never_sold_isnt_missing_there() -> None:
    ours = replace(SSO, granted=True, called=frozenset({"feat_sso", "sso"}))
    assert decide_features(told(carried=("feat_audit",)), {}, here(ours)).drifts == ()


def test_a_feature_without_a_name_there_isnt_missing_there() -> None:
    ours = replace(SSO, granted=True)
    assert decide_features(told(carried=("sso",)), {}, here(ours)).drifts == ()
    assert not may_be_missing(ours, told=False)


@pytest.mark.parametrize("keys", [(), ("audit",)])
@pytest.mark.parametrize("granted", [False, True])
def test_about_what_the_billing_decides_nothing_differs(keys: tuple[str, ...], granted: bool) -> None:
    ours = replace(AUDIT, granted=granted, called=frozenset({"audit"}))
    assert decide_features(told(*keys, carried=("audit",)), {}, here(ours)).drifts == ()


def test_what_a_suspended_account_lacks_is_no_difference() -> None:
    assert decide_features(told("sso"), {}, here(replace(SSO, silenced=True))).drifts == ()


def test_a_difference_says_both_sides() -> None:
    theirs = FeatureDrift("sso", "Single sign-on", theirs=True)
    assert theirs.words == "Single sign-on: the billing says the customer has it, here the account doesn’t have it"
    assert replace(theirs, theirs=False).sides == ("doesn’t have it", "has it")


def test_a_finding_about_a_feature_says_so() -> None:
    kind = FindingKind.UNLINKED
    assert kind.words_about("feature:theirs") == "A feature that stands for nothing here"
    assert (kind.words_about("price_1"), kind.to_do_about("price_1")) == (kind.words, kind.to_do)
    assert FindingKind.DOUBTFUL.words_about("feature:x") == FindingKind.DOUBTFUL.words


KEYS = st.sets(st.sampled_from(["a", "b", "c", "d"]))


@given(st.lists(KEYS, min_size=1, max_size=6))
def test_followed_there_is_nothing_left_to_do(sayings: list[set[str]]) -> None:
    """Whatever is told in turn: what is held in the end is what was told last, and deciding again does nothing."""
    known = here(*(FeatureHere(key, key, is_gate=True, by_billing=True, granted=False) for key in "abcd"))
    rows: dict[str, HeldFeature] = {}
    for number, keys in enumerate(sayings):
        decided = decide_features(told(*keys), rows, known)
        rows = {key: one for key, one in rows.items() if one.row not in decided.ends}
        rows |= {one.key: HeldFeature(100 * number + place, one.billing_id) for place, one in enumerate(decided.opens)}
        assert decide_features(told(*keys), rows, known) == NOTHING
    assert set(rows) == sayings[-1]
