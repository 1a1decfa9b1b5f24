"""What the desk needs in a CRM before it can write there: what is there, what is missing, making it, and a list on paper."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from django import forms
from django.http import HttpResponse

from catalog.queries.instants import say_instant
from desk.actions.crm.asked_looks import note_made
from desk.admin.crm.pages import CrmAsk, CrmPage
from desk.admin.crm.words import SET_UP, sync_url
from desk.integrations.crm.opening import opened
from desk.integrations.crm.port import Crm, Declined, LoginRefused, Need, NeedState
from journal.domain.connection import ConnectionState
from journal.domain.receiving import Later
from journal.domain.refusal import Refusal
from journal.models import Connection
from journal.queries.connections import SecretMissing

BADGES = {
    NeedState.THERE: "on_sale",
    NeedState.MISSING: "waiting",
    NeedState.NOT_ALLOWED: "denied",
    NeedState.OTHER: "denied",
}
Answer = TypeVar("Answer")


class NeedsPage(CrmPage):
    """The CRM is asked as the page is opened; where it is away the page says so, and what to do by hand is unknown."""

    permission: ClassVar[str] = SET_UP
    template_name = "desk/crm/needs.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"What the desk needs in {self.vendor}"

    @cached_property
    def asked(self) -> tuple[list[Need], str]:
        """What it needs, or why nobody could be asked."""
        try:
            return self.ask(lambda crm: crm.needs()), ""
        except Refusal as refusal:
            return [], refusal.message

    def ask(self, what: Callable[[Crm], Answer]) -> Answer:
        """One question to the CRM; what keeps it from answering is a Refusal in words."""
        return asked_of(self.connection, what, at=self.at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        needs, away = self.asked
        lines: list[dict[str, Any]] = [{"need": one, "colour": BADGES[one.state]} for one in _worst_first(needs)]
        lacking = [one for one in needs if one.state is not NeedState.THERE]
        return {
            **super().get_context_data(**kwargs),
            "away": away,
            "lines": lines,
            "missing": [one for one in lines if one["need"].state is not NeedState.THERE],
            "there_already": [one for one in lines if one["need"].state is NeedState.THERE],
            "lacking": len(lacking),
            "hinders": any(not one.optional for one in lacking),
            "make_url": sync_url(self.connection, "make"),
            "print_url": sync_url(self.connection, "print"),
            "printed": say_instant(self.at, zone=self.zone),
        }


class NeedsPrintPage(NeedsPage):
    """What is missing, for an administrator there who would rather make it by hand: plain paper."""

    template_name = "desk/crm/needs_print.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        whole = {"whole": "whole" in self.request.GET, "back": sync_url(self.connection, "needs")}
        return {**super().get_context_data(**kwargs), **whole}


class MakePage(CrmAsk):
    """One button: whatever is missing and can be made is made there."""

    permission: ClassVar[str] = SET_UP
    button: ClassVar[str] = "Make what is missing"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Make what is missing in {self.vendor}"

    @property
    def back(self) -> str:
        return sync_url(self.connection, "needs")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "back_words": "What it needs there"}

    def lead(self) -> str:
        return (
            "Fields of the company, and an object of its own for entitlements, are made there, and the desk’s own user is "
            "given the right to use them. Nothing that is there already is changed or removed."
        )

    def act(self, form: forms.Form) -> HttpResponse:
        before = _lacking(asked_of(self.connection, lambda crm: crm.needs(), at=self.at))
        after = _lacking(asked_of(self.connection, lambda crm: crm.set_up(), at=self.at))
        made = max(before - after, 0)
        note_made(connection=self.connection, made=made, lacking=after, by=self.by, at=self.at)
        return self.done(_said(made, after))


def asked_of(connection: Connection, what: Callable[[Crm], Answer], *, at: Any) -> Answer:
    """Never inside a transaction."""
    if connection.state != ConnectionState.ACTIVE:
        raise Refusal(f"{connection.name} is {ConnectionState(connection.state).words.lower()}, so nobody asks it.")
    try:
        with opened(connection, at=at) as crm:
            return what(crm)
    except (Later, LoginRefused, Declined, SecretMissing) as error:
        words = str(error).strip() or f"{connection.name} doesn’t answer"
        raise Refusal(words if words.endswith(".") else f"{words}.") from None


def _lacking(needs: Sequence[Need]) -> int:
    return sum(one.state is not NeedState.THERE for one in needs)


def _said(made: int, lacking: int) -> str:
    if not lacking:
        return f"Everything is there{f'; {made:,} made' if made else ''}."
    return f"{made:,} made. {lacking:,} still {'lacks' if lacking == 1 else 'lack'}: what to do by hand stands beside each."


def _worst_first(needs: Sequence[Need]) -> list[Need]:
    return sorted(needs, key=lambda one: (one.state is NeedState.THERE, one.optional))
