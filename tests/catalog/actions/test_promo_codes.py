"""Making promotional codes one by one and by the hundred, changing and stopping them."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest

from catalog.actions.promo_codes import CodeTerms, create_campaign, create_code, edit_code, stop_code
from catalog.domain.values import UNLIMITED
from catalog.models import Plan, PromoCode
from catalog.models.offer import Gift
from catalog.queries.promotions import find_code, redeemed, say_gift, say_use
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    MarketFactory,
    PlanFactory,
    RolesFactory,
    StorageFactory,
    TierFactory,
    published_version,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
GB = Decimal(10**9)


def sold(plan: Plan | None = None) -> Plan:
    return published_version(plan=plan or PlanFactory(name="Pro")).plan


def trial(**more: Any) -> CodeTerms:
    return CodeTerms(**({"gives": Gift.TRIAL, "days": 30, "plan": sold()} | more))


def more_storage(**more: Any) -> CodeTerms:
    feature = StorageFactory(name="Storage")
    told = {"gives": Gift.OVERRIDE, "days": 14, "feature": feature, "mode": "add", "value": 20 * GB, "typed_unit": "GB"}
    return CodeTerms(**(told | more))


def made(by: Actor, at: datetime, terms: CodeTerms, code: str = "spring 26") -> PromoCode:
    return create_code(code=code, name="Spring", terms=terms, by=by, at=at)


def test_a_trial_is_kept_under_its_spelling_and_found_by_any(finance: Actor, at: datetime) -> None:
    code = made(finance, at, trial())
    assert (code.code, say_gift(code)) == ("SPRING-26", "30 days of Pro to try")
    assert find_code(" Spring26 ") == code
    assert find_code("spring-27") is None
    assert find_code("") is None
    changes = AuditEvent.objects.get(verb="promo_code:create").changes
    assert changes == {"gives": [None, "30 days of Pro to try"]}


def test_an_add_on_comes_in_a_quantity(finance: Actor, at: datetime) -> None:
    terms = CodeTerms(gives=Gift.ADD_ON, days=1, plan=sold(AddOnFactory(name="IPv4")), quantity=2)
    assert say_gift(made(finance, at, terms)) == "2 × IPv4 for 1 day"


def test_an_override_is_said_in_the_words_of_its_feature(finance: Actor, at: datetime) -> None:
    assert say_gift(made(finance, at, more_storage())) == "Storage: 20 GB more for 14 days"


def override(feature: Any, mode: str, value: Any) -> CodeTerms:
    return CodeTerms(gives=Gift.OVERRIDE, days=7, feature=feature, mode=mode, value=value)


def test_every_kind_of_feature_can_be_given(finance: Actor, at: datetime) -> None:
    given = [
        (override(FeatureFactory(name="SSO"), "replace", True), "SSO: on for 7 days"),
        (override(StorageFactory(name="Disk"), "at_least", UNLIMITED), "Disk: at least Unlimited for 7 days"),
        (override(StorageFactory(name="Files"), "at_least", 5 * GB), "Files: at least 5 GB for 7 days"),
        (override(TierFactory(name="Tier"), "at_least", "smart"), "Tier: at least Smart for 7 days"),
        (override(RolesFactory(name="Roles"), "add", frozenset({"owner"})), "Roles: Owner more for 7 days"),
    ]
    codes = [made(finance, at, terms, code=f"CODE-{number}") for number, (terms, _) in enumerate(given)]
    assert [say_gift(code) for code in codes] == [words for _, words in given]


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"days": 0}, "days", "1 to 3,660 days"),
        ({"days": 4000}, "days", "1 to 3,660 days"),
        ({"max_per_account": 0}, "max_per_account", "at least once"),
        ({"max_redemptions": 0}, "max_redemptions", "at least once"),
        ({"plan": None}, "plan", "say which"),
        ({"ends_at": "yesterday"}, "ends_at", "over already"),
    ],
)
def test_terms_that_cannot_be_are_refused(
    finance: Actor, at: datetime, more: dict[str, Any], field: str, words: str
) -> None:
    more = {name: at - DAY if value == "yesterday" else value for name, value in more.items()}
    with pytest.raises(Invalid, match=words) as refused:
        made(finance, at, trial(**more))
    assert refused.value.field == field
    assert not PromoCode.objects.exists()


def test_its_last_day_comes_after_its_first(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="before the first day"):
        made(finance, at, trial(starts_at=at + 2 * DAY, ends_at=at + DAY))


@pytest.mark.parametrize(
    ("gives", "factory", "words"),
    [(Gift.TRIAL, AddOnFactory, "trial is of a plan"), (Gift.ADD_ON, PlanFactory, "Choose an add-on")],
)
def test_a_trial_is_of_a_plan_and_an_add_on_an_add_on(
    finance: Actor, at: datetime, gives: Gift, factory: Any, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        made(finance, at, CodeTerms(gives=gives, days=5, plan=sold(factory())))


def test_what_is_not_on_sale_by_then_is_not_promised(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="not on sale by then"):
        made(finance, at, trial(plan=PlanFactory()))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"feature": None}, "feature"),
        ({"mode": "deny"}, "mode"),
        ({"mode": "at_most"}, "mode"),
        ({"mode": ""}, "mode"),
        ({"value": None}, "value"),
        ({"value": "smart"}, "value"),
        ({"value": Decimal(0)}, "value"),
        ({"value": -GB}, "value"),
    ],
)
def test_a_code_gives_and_never_takes(finance: Actor, at: datetime, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        made(finance, at, more_storage(**more))
    assert refused.value.field == field


@pytest.mark.parametrize("typed", ["ab", "--", "é", "x" * 41])
def test_a_code_must_be_sayable(finance: Actor, at: datetime, typed: str) -> None:
    with pytest.raises(Invalid, match="can't be a code"):
        made(finance, at, trial(), code=typed)


def test_two_spellings_of_one_code_are_one(finance: Actor, at: datetime) -> None:
    terms = trial()
    made(finance, at, terms, code="SPRING-26")
    with pytest.raises(Invalid, match="a code SPRING-26 already"):
        made(finance, at, terms, code="spring26")


def test_a_change_is_told_in_words(finance: Actor, at: datetime) -> None:
    terms = trial()
    code = made(finance, at, terms)
    market = MarketFactory(name="Europe")
    edit_code(code=code, name="Spring sale", terms=replace(terms, days=14, market=market), by=finance, at=at + DAY)
    assert AuditEvent.objects.get(verb="promo_code:edit").changes == {
        "name": ["Spring", "Spring sale"],
        "gives": ["30 days of Pro to try", "14 days of Pro to try"],
        "market": ["everywhere", "Europe"],
    }


def test_unchanged_it_is_not_written(finance: Actor, at: datetime) -> None:
    terms = trial()
    code = made(finance, at, terms)
    edit_code(code=code, name="Spring", terms=terms, by=finance, at=at + DAY)
    assert code.history.count() == 1


def test_stopped_it_stays_with_its_reason(finance: Actor, at: datetime) -> None:
    code = stop_code(code=made(finance, at, trial()), reason="Leaked", by=finance, at=at + DAY)
    assert code.stopped_at == at + DAY
    assert AuditEvent.objects.get(verb="promo_code:stop").reason == "Leaked"
    with pytest.raises(Refusal, match="stopped already"):
        stop_code(code=code, reason="Again", by=finance, at=at + 2 * DAY)


def test_stopping_needs_a_reason(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="Say why"):
        stop_code(code=made(finance, at, trial()), reason="", by=finance, at=at + DAY)


def campaign(by: Actor, at: datetime, number: int = 20, **more: Any) -> list[PromoCode]:
    told = {"campaign": "Fair 26", "name": "Fair", "begins_with": "FAIR", "number": number, "by": by, "at": at} | more
    return create_campaign(terms=told.pop("terms", None) or trial(max_redemptions=1), **told)


def test_a_campaign_makes_as_many_different_codes_as_asked_for(finance: Actor, at: datetime) -> None:
    made_codes = campaign(finance, at, number=200)
    assert len({code.code_key for code in made_codes}) == 200 == PromoCode.objects.filter(campaign="Fair 26").count()
    assert all(code.code.startswith("FAIR-") for code in made_codes)
    assert PromoCode.history.count() == 200
    assert AuditEvent.objects.get(verb="promo_campaign:create").changes["codes"] == [None, 200]


def test_what_was_drawn_before_is_drawn_again(finance: Actor, at: datetime) -> None:
    letters = iter("A" * 8 + "A" * 8 + "B" * 8)
    first, second = campaign(finance, at, number=2, draw=lambda _: next(letters))
    assert (first.code, second.code) == ("FAIR-AAAA-AAAA", "FAIR-BBBB-BBBB")


def test_a_code_that_stands_is_never_made_twice(finance: Actor, at: datetime) -> None:
    terms = trial()
    made(finance, at, terms, code="FAIR-AAAA-AAAA")
    letters = cycle("A" * 8 + "C" * 8)
    only = campaign(finance, at, number=1, terms=terms, draw=lambda _: next(letters))
    assert [code.code for code in only] == ["FAIR-CCCC-CCCC"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"number": 0}, "number"),
        ({"number": 5001}, "number"),
        ({"campaign": " "}, "campaign"),
        ({"begins_with": "x" * 31}, "begins_with"),
    ],
)
def test_a_campaign_that_cannot_be_is_refused(finance: Actor, at: datetime, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        campaign(finance, at, **more)
    assert refused.value.field == field
    assert not PromoCode.objects.exists()


def test_a_campaign_bears_its_name_alone(finance: Actor, at: datetime) -> None:
    terms = trial()
    campaign(finance, at, number=1, terms=terms)
    with pytest.raises(Invalid, match="a campaign Fair 26 already"):
        campaign(finance, at, number=1, terms=terms)


def test_use_is_said_against_the_limit(finance: Actor, at: datetime) -> None:
    code = made(finance, at, trial(max_redemptions=100))
    assert say_use(code, used=redeemed(code)) == "0 of 100"
    code.max_redemptions = None
    assert say_use(code, used=12) == "12, no limit"


def test_sales_may_not_make_change_or_stop_codes(sales: Actor, finance: Actor, at: datetime) -> None:
    terms = trial()
    code = made(finance, at, terms)
    for act in (
        lambda: made(sales, at, terms, code="OTHER"),
        lambda: campaign(sales, at, terms=terms),
        lambda: edit_code(code=code, name="X", terms=terms, by=sales, at=at),
        lambda: stop_code(code=code, reason="No", by=sales, at=at),
    ):
        with pytest.raises(NotAllowed):
            act()
