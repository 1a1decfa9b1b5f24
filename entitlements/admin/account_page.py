"""The page of one account: who it is, what it may do, why, until when, and how it came to this."""

from functools import cached_property
from typing import Any

from catalog.models import Feature
from catalog.queries.instants import say_instant
from entitlements.actions.overrides import words_of
from entitlements.admin.answers import answer_sheet, awaiting_agreement
from entitlements.admin.moments import AskedMoment, asked_moment
from entitlements.admin.pages import AccountPage
from entitlements.admin.wording import (
    NOTED_WORDS,
    STANDING_WORDS,
    say_after_trial,
    say_end,
    say_noted,
    say_phase,
    say_start,
    say_weekday,
)
from entitlements.domain.facts import Standing
from entitlements.queries.concessions import Place, placed_overrides
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.holdings import HeldItem, HeldSubscription, holdings, standings
from entitlements.queries.timeline import Moment, timeline
from entitlements.snapshots.account import UnknownAccount
from journal.models import Approval


class AccountOverviewPage(AccountPage):
    template_name = "entitlements/account.html"

    @cached_property
    def moment(self) -> AskedMoment:
        return asked_moment(self.request.GET, zone=self.account.zone, now=self.at)

    @property
    def asked(self) -> dict[str, Any]:
        return {"at": self.moment.at, "known_at": self.moment.known_at}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account, moment = self.account, self.moment
        return {
            **super().get_context_data(**kwargs),
            **self._who(),
            **self._answers(),
            "title": account.name,
            "moment": moment,
            "pick_at": moment.picked("at"),
            "pick_known_at": moment.picked("known_at"),
            "places": self._overrides(),
            "waiting": self._waiting(),
            "contacts": list(account.contacts.all()),
            "timeline": [self._moment(line) for line in timeline(account=account)],
        }

    def _who(self) -> dict[str, Any]:
        account = self.account
        standing = standings(account_ids=[account.pk], **self.asked)[account.pk]
        held = holdings(account_ids=[account.pk], **self.asked)[account.pk]
        subscriptions = [self._subscription(found) for found in held]
        return {
            "standing": standing,
            "standing_words": STANDING_WORDS[standing],
            "other_standings": [(s, words) for s, words in STANDING_CHANGES.items() if s is not standing],
            "subscriptions": subscriptions,
            "current": [line for line in subscriptions if line["held"].live],
            "local_time": say_weekday(self.at, zone=account.zone),
        }

    def _answers(self) -> dict[str, Any]:
        features = list(Feature.objects.select_related("group"))
        try:
            resolutions = entitlements_of(account=self.account, **self.asked)
        except UnknownAccount:
            return {"unknown_then": True}
        return {
            "sheet": answer_sheet(resolutions, features=features, zone=self.account.zone),
            "to_agree": awaiting_agreement(resolutions, features=features),
        }

    def _subscription(self, held: HeldSubscription) -> dict[str, Any]:
        zone = self.account.zone
        return {
            "held": held,
            "phase": say_phase(held, at=self.moment.at, zone=zone),
            "colour": _colour(held),
            "since": say_start(held, zone=zone),
            "after": say_after_trial(held) if held.in_trial else "",
            "plans": ", ".join(item.version for item in held.plans) or ("" if not held.lapsed else held.after_trial),
            "items": [(item, _item_words(item, zone=zone)) for item in held.items],
        }

    def _overrides(self) -> list[tuple[str, Place, list[dict[str, Any]]]]:
        placed = placed_overrides(account_id=self.account.pk, **self.asked)
        parts: dict[Place, list[dict[str, Any]]] = {}
        for found in placed:
            parts.setdefault(found.place, []).append({"found": found, "row": found.row, "words": words_of(found.row)})
        return [(place.words, place, lines) for place, lines in parts.items()]

    def _waiting(self) -> list[Approval]:
        rows = Approval.objects.filter(account_key=self.account.key, state=Approval.State.PENDING)
        return list(rows.order_by("requested_at")[:20])

    def _moment(self, line: Moment) -> dict[str, Any]:
        zone = self.account.zone
        noted = [
            (NOTED_WORDS.get(name, name), say_noted(name, before, zone=zone), say_noted(name, after, zone=zone))
            for name, before, after in line.noted
            if name != "state"  # the verb has said it
        ]
        return {"line": line, "when": say_instant(line.at, zone=zone), "noted": noted if not line.changes else []}


STANDING_CHANGES = {Standing.OPEN: "Reopen", Standing.SUSPENDED: "Suspend", Standing.CLOSED: "Close"}


def _colour(held: HeldSubscription) -> str:
    if not held.live or held.unpaid:
        return "ended"
    return "lapsed" if held.lapsed else held.phase.value


def _item_words(item: HeldItem, *, zone: str) -> str:
    words = f"{item.quantity} × {item.version}" if item.quantity > 1 else item.version
    if item.lent:
        words = f"{words}, lent"
    if item.window.end is not None:
        words = f"{words}, {say_end(item.window.end, zone=zone)}"
    return words
