"""What each tab of an account's page reads; nothing that another tab shows."""

from typing import Any

from catalog.domain.rules import say_parent_rule
from catalog.domain.values import ParentRule
from catalog.queries.instants import say_instant
from desk.admin.account.head import badge_of
from desk.admin.account.timeline import spoken
from desk.in_view import AccountInView
from entitlements.admin.answers import answer_sheet, awaiting_agreement
from entitlements.admin.life.block import subscriptions_block
from entitlements.admin.life.state_words import say_state
from entitlements.admin.overrides.block import override_line, overrides_block
from entitlements.admin.pages import account_url
from entitlements.admin.people.contacts_block import contacts_block
from entitlements.admin.selling.block import selling_block
from entitlements.admin.wording import STANDING_WORDS
from entitlements.domain.phases import rule_at
from entitlements.domain.saying import in_words
from entitlements.queries.concessions import Place, placed_overrides
from entitlements.queries.family import Relative, family_of
from entitlements.queries.holdings import HeldSubscription
from entitlements.queries.story.asking import askers_of
from entitlements.queries.story.timeline import timeline
from journal.models import ApiKey

LATEST = 5
MOST_KEYS = 100
READS = "entitlements:read"


def overview(view: AccountInView) -> dict[str, Any]:
    """The essential of the other tabs: what they may do, by what, and what happened last."""
    placed = placed_overrides(account_id=view.account.pk, at=view.moment.at, known_at=view.moment.known_at)
    standing = [found for found in placed if found.place in (Place.IN_FORCE, Place.TO_COME)]
    return {
        **_sheet(view),
        "current": [badge_of(held, view) for held in view.current],
        "past": sum(not held.live for held in view.held),
        "promised": [override_line(found) for found in standing[:LATEST]],
        "promised_more": len(standing[LATEST:]),
        "people": list(view.account.contacts.all()[:LATEST]),
        "latest": [spoken(moment, view) for moment in timeline(account=view.account, newest=LATEST).moments],
    }


def entitlements(view: AccountInView) -> dict[str, Any]:
    """Every answer with its source; `q` leaves those in which what was typed is found."""
    wanted = view.asked.get("q", "").strip()
    return {
        **_sheet(view, wanted=wanted),
        "wanted": wanted,
        "to_agree": awaiting_agreement(view.resolutions, features=view.features),
    }


def _sheet(view: AccountInView, *, wanted: str = "") -> dict[str, Any]:
    if view.facts is None:
        return {"unknown_then": True}
    sheet = answer_sheet(view.resolutions, features=view.features, zone=view.zone)
    return {"sheet": sheet.only(wanted) if wanted else sheet}


def subscriptions(view: AccountInView) -> dict[str, Any]:
    return {
        "subscriptions": subscriptions_block(view.account, moment=view.moment),
        "current": [badge_of(held, view) for held in view.current],
        "selling": selling_block(view.account, at=view.now) if view.moment.now else None,
    }


def overrides(view: AccountInView) -> dict[str, Any]:
    return {"overrides": overrides_block(view.account, at=view.moment.at, known_at=view.moment.known_at)}


def contacts(view: AccountInView) -> dict[str, Any]:
    return {"contacts": contacts_block(view.account)}


def family(view: AccountInView) -> dict[str, Any]:
    """The accounts above and below, and which features pass between them by their rules."""
    found = family_of(account=view.account, at=view.now)
    return {
        "relatives": [_relative(one, view) for one in found.relatives],
        "more": found.more,
        "alone": found.alone,
        "passed_on": list(_passed_on(view)),
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


def _passed_on(view: AccountInView) -> Any:
    """Each feature that a child gets from its parent, by the rule in force, and what this account has of it."""
    facts = view.facts.features if view.facts is not None else {}
    for feature in view.features:
        rule = rule_at(facts[feature.key], at=view.now).parent_rule if feature.key in facts else ParentRule.OWN
        if rule is not ParentRule.OWN:
            resolution = view.resolutions[feature.key]
            inherited = any(candidate.kept and candidate.kind == "parent" for candidate in resolution.because)
            yield {
                "feature": feature,
                "rule": say_parent_rule(rule),
                "words": in_words(resolution),
                "inherited": inherited,
            }


def keys(view: AccountInView) -> dict[str, Any]:
    """Which programs asked about the account; who manages keys also sees which ones may."""
    may_see = view.may("journal.view_apikey")
    live = [key for key in ApiKey.objects.all()[:MOST_KEYS] if key.is_live(at=view.now)] if may_see else []
    return {
        "askers": [
            {"asker": asker, "when": say_instant(asker.told_at, zone=view.zone)}
            for asker in askers_of(account=view.account)
        ],
        "may_ask": [key for key in live if READS in key.scopes],
        "sees_keys": may_see,
    }
