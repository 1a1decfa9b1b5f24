"""The page of one task about an end: what ends, what the customer has by it, what becomes of it, what was done."""

from functools import cached_property
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404

from catalog.queries.instants import say_instant
from entitlements.actions.renewals.deciding import PERMISSION, making_of
from entitlements.admin.pages import AccountPage
from entitlements.admin.renewals.list_page import VIEW
from entitlements.admin.renewals.words import KINDS, capital, said_decision, shown, thing_url
from entitlements.domain.renewing import BY_TERMS, RenewalState
from entitlements.ending_sources import Renewing
from entitlements.models import Account, Renewal
from entitlements.models.reminder import EndOf
from entitlements.queries.renewals.one import gives, join_of, say_join
from journal.domain.verbs import in_words
from journal.models import AuditEvent


class RenewalPage(AccountPage):
    """One task, by its number; the customer follows from it."""

    permission: ClassVar[str] = VIEW
    template_name = "entitlements/renewals/one.html"

    @cached_property
    def row(self) -> Renewal:
        rows = Renewal.objects.select_related(
            "owner", "account__owner", "account__market", "account__parent", "account__merged_into"
        )
        return get_object_or_404(rows, pk=self.kwargs["renewal"])

    @cached_property
    def account(self) -> Account:
        return self.row.account

    @property
    def title(self) -> str:  # type: ignore[override]
        return capital(self.row.label)

    @property
    def making(self) -> Renewing | None:
        """How the desk makes what goes on, where this reader may and it isn't being made already."""
        making = making_of(self.row)
        return making if making is not None and self.request.user.has_perm(making.permission) else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, joined = self.row, join_of(self.row)
        is_open = row.state == RenewalState.OPEN
        return {
            **super().get_context_data(**kwargs),
            "line": shown(row, at=self.at),
            "kind": KINDS.get(EndOf(row.kind), row.kind),
            "gives": gives(row, at=self.at),
            "thing": thing_url(row),
            "decision": said_decision(row),
            "by_terms": row.decided_by == BY_TERMS,
            "goes_on": self._goes_on(),
            "successor": thing_url(row, key=row.successor_key) if row.successor_key else "",
            "join": say_join(joined) if joined is not None else "",
            "seamless": joined is not None and joined.is_seamless,
            "making": self.making if is_open and not row.successor_label else None,
            "may_decide": self.request.user.has_perm(PERMISSION) and row.state != RenewalState.LAPSED,
            "is_open": is_open,
            "may_reopen": not is_open and row.decided_by != BY_TERMS and row.ends_at > self.at,
            "opened": say_instant(row.opened_at, zone=self.zone),
            "history": self._history() if "form" not in kwargs else [],
        }

    def _goes_on(self) -> str:
        row = self.row
        if row.successor_starts_at is None:
            return ""
        what = capital(row.successor_label) if row.successor_label else "The same thing"
        return f"{what}, from {say_instant(row.successor_starts_at, zone=self.zone)}"

    def _history(self) -> list[dict[str, Any]]:
        events = AuditEvent.objects.filter(subject_type="renewal", subject_key=str(self.row.pk)).order_by("seq")
        return [
            {
                "at": say_instant(event.at, zone=self.zone),
                "who": event.actor_name,
                "what": SAID.get(event.verb, in_words(event.verb)),
                "why": event.reason,
            }
            for event in events
        ]


SAID = {
    "renewal:open": "Opened the task",
    "renewal:lapse": "Closed it: it no longer ends then",
    "renewal:reopen": "Opened it again",
    "renewal:settle": "Decided by its terms",
    "renewal:assign": "Gave it to somebody",
    "renewal:move": "Moved with what ends",
    "renewal:let_end": "Decided that it ends",
    "renewal:renew": "Renewed",
    "renewal:prepare": "Drafted what goes on",
}
