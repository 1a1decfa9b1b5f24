"""The Family tab: who belongs to whom, what passes between them feature by feature, and whom a partner sells to."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from catalog.domain.rules import say_parent_rule
from catalog.domain.values import ParentRule
from catalog.models import Feature
from desk.in_view import AccountInView
from entitlements.admin.life.state_words import say_state
from entitlements.admin.pages import account_url
from entitlements.admin.wording import STANDING_WORDS, zone_name
from entitlements.domain.phases import rule_at
from entitlements.domain.resolution import Candidate, Resolution
from entitlements.domain.resolve import resolve
from entitlements.domain.saying import in_words
from entitlements.models import Account
from entitlements.queries.family import Relative, family_of, sold_by
from entitlements.queries.holdings import HeldSubscription

STANDS = {ParentRule.OWN: "Own", ParentRule.INHERIT: "Inherits", ParentRule.SHARED: "Shares"}
RULES = "catalog.view_feature"


def family(view: AccountInView) -> dict[str, Any]:
    """The accounts above and below, how each feature passes between them by its rule, and whom it sells to."""
    found = family_of(account=view.account, at=view.now)
    selling = sold_by(account=view.account, at=view.now)
    lines = list(_passing(view))
    return {
        "relatives": [_relative(one, view) for one in found.relatives],
        "more": found.more,
        "alone": found.alone,
        "differences": list(_differences(view.account)),
        "passed_on": [line for line in lines if line["rule"] is not ParentRule.OWN],
        "own": [line for line in lines if line["rule"] is ParentRule.OWN],
        "sold": [_relative(one, view) for one in selling.relatives],
        "sold_in_all": selling.number,
        "sold_list": f"{reverse('admin:entitlements_account_changelist')}?reseller={view.account.key}",
    }


def _relative(one: Relative, view: AccountInView) -> dict[str, Any]:
    current = [held for held in one.held if held.live]
    return {
        "account": one.account,
        "itself": one.account == view.account,
        "depth": one.depth,
        "url": account_url(one.account, part="family"),
        "standing": one.standing,
        "standing_words": STANDING_WORDS[one.standing],
        "plans": [_plans(held, one, view) for held in current],
    }


def _plans(held: HeldSubscription, one: Relative, view: AccountInView) -> tuple[str, str]:
    words = say_state(held, held.state, at=view.now, zone=one.account.zone)
    return ", ".join(item.version for item in held.plans), words


def _differences(account: Account) -> Iterator[str]:
    """What a parent and its child don't have in common, where that could be taken amiss."""
    above = account.parent
    if above is None:
        return
    if above.market_id != account.market_id:
        there, here = (f"in {market}" if market else "in no market" for market in (above.market, account.market))
        yield (
            f"{above} is {there}, {account} {here}. What passes down is what {above} has where it is, whatever is "
            f"provided {here}."
        )
    if above.zone != account.zone:
        yield (
            f"{above} lives by {zone_name(above.zone)} time, {account} by {zone_name(account.zone)}. Each day is meant "
            "where the account is whose plan or override it was said of."
        )


def _passing(view: AccountInView) -> Iterator[dict[str, Any]]:
    """Each feature with its rule in force, what the parent has of it, what this account has, and which of them won."""
    facts = view.facts
    if facts is None:
        return
    above = resolve(facts.parent, at=view.now) if facts.parent is not None else {}
    linked = view.may(RULES)
    for feature in view.features:
        if feature.key in facts.features:
            rule = rule_at(facts.features[feature.key], at=view.now).parent_rule
            here, there = view.resolutions[feature.key], above.get(feature.key)
            yield {
                "feature": feature,
                "rule": rule,
                "stands": STANDS[rule],
                "told": say_parent_rule(rule),
                "url": _rules_of(feature) if linked else "",
                "above": in_words(there) if there is not None else "",
                "words": in_words(here),
                **_outcome(here, there),
            }


def _outcome(here: Resolution, there: Resolution | None) -> dict[str, Any]:
    """Whether what the parent gives is part of what this account has; where it isn't, the rule by which it lost."""
    heard = next((candidate for candidate in here.because if candidate.kind == "parent"), None)
    won = heard is not None and heard.kept
    return {"inherited": won, "lost": "" if won else _why_not(heard, there)}


def _why_not(heard: Candidate | None, there: Resolution | None) -> str:
    if heard is not None:
        return f"its own counts: the parent’s {heard.rule}"
    return "" if there is None or there.granted else "the parent has nothing to pass on"


def _rules_of(feature: Feature) -> str:
    return reverse("admin:catalog_feature_change", args=[feature.pk])
