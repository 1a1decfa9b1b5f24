"""What each tab of an account's page reads; nothing that another tab shows."""

from typing import Any

from catalog.queries.instants import say_instant
from desk.admin.account.head import badge_of
from desk.admin.account.timeline import spoken
from desk.in_view import AccountInView
from entitlements.admin.answers import answer_sheet, awaiting_agreement
from entitlements.admin.billed.block import billed_block
from entitlements.admin.contracts.block import contracts_block
from entitlements.admin.licences.block import licences_block
from entitlements.admin.licences.pages import ISSUE
from entitlements.admin.life.block import subscriptions_block
from entitlements.admin.loans.block import loans_block
from entitlements.admin.overrides.block import override_line, overrides_block
from entitlements.admin.people.contacts_block import contacts_block
from entitlements.admin.seats.block import seats_block
from entitlements.admin.selling.block import selling_block
from entitlements.admin.usage.block import usage_block
from entitlements.models.contract import contract_of
from entitlements.queries.concessions import Place, placed_overrides
from entitlements.queries.story.asking import askers_of
from entitlements.queries.story.timeline import timeline
from journal.admin.webhooks.block import webhooks_block
from journal.models import ApiKey
from support.admin.cases.block import cases_block
from support.admin.cases.pages import HANDLE

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


def usage(view: AccountInView) -> dict[str, Any]:
    """What it uses up, how far each has come, and where that is heading."""
    return usage_block(view.account, at=view.now)


def seats(view: AccountInView) -> dict[str, Any]:
    """Who has a seat of what, and who would lose theirs with fewer."""
    told = seats_block(view.account, at=view.now, asked=view.asked)
    return {**told, "may_assign": view.may("entitlements.assign_seat")}


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
        "billed": billed_block(view.account, at=view.now, user=view.user) if view.moment.now else None,
        "open_to_sales": [held for held in view.current if contract_of(view.rows[held.id]) is None],
    }


def overrides(view: AccountInView) -> dict[str, Any]:
    moment, reader = view.moment, view.user if view.moment.now else None
    return {
        "overrides": overrides_block(view.account, at=moment.at, known_at=moment.known_at, reader=reader),
        "loans": loans_block(view.account, at=view.now) if moment.now else None,
    }


def contracts(view: AccountInView) -> dict[str, Any]:
    return {"contracts": contracts_block(view.account, moment=view.moment)}


def licences(view: AccountInView) -> dict[str, Any]:
    """Its licence keys, each with where it stands and where it runs."""
    return {
        "licences": licences_block(view.account, at=view.now),
        "may_issue": view.may(ISSUE),
    }


def cases(view: AccountInView) -> dict[str, Any]:
    """What it asks of support, when each answer is due, and how the account is doing."""
    return {"cases": cases_block(view.account, at=view.now), "may_open": view.may(HANDLE)}


def contacts(view: AccountInView) -> dict[str, Any]:
    return {"contacts": contacts_block(view.account)}


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
        "webhooks": webhooks_block(view.account.key, user=view.user, at=view.now),
    }
