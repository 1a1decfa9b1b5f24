"""Deciding what becomes of an end: each way asks on a page of its own, and shows what it does before it is done."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from catalog.domain.window import start_of_day
from catalog.queries.instants import say_instant, say_until
from entitlements.actions.renewals.deciding import PERMISSION, assign, let_end, mark_renewed, renew, take_up_again
from entitlements.admin.life.asking import LifePage, Outlook
from entitlements.admin.renewals.forms import NOBODY, AgainForm, AssignForm, LetEndForm, RenewedForm, RenewForm
from entitlements.admin.renewals.list_page import VIEW
from entitlements.admin.renewals.pages import RenewalPage
from entitlements.admin.renewals.words import capital, renewal_url, said_decision
from entitlements.domain.renewing import BY_TERMS, RenewalState, day_after, join
from entitlements.ending_sources import Offer
from entitlements.models import Renewal
from entitlements.queries.renewals.one import gives, say_join, token_of
from journal.admin.pages import FormOf
from journal.domain.refusal import NotFound, Refusal


class DecidePage(RenewalPage, LifePage[FormOf]):
    """Two steps on one address. Who may look may not always decide."""

    permission = PERMISSION
    template_name = "entitlements/renewals/ask.html"
    part = "page"
    show = "Show what it does"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET" and request.user.has_perm(PERMISSION) and request.user.has_perm(VIEW):
            try:
                self.begin()
            except Refusal as refusal:
                return self.gone(refusal)
        return super().dispatch(request, *args, **kwargs)

    def begin(self) -> None:
        """Refuse where there is nothing to decide, before a form is shown; the action asks it again."""
        if self.row.state != RenewalState.OPEN:
            raise Refusal("This is decided already.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"back": renewal_url(self.row), "about": capital(self.row.label), "title": type(self).heading}
        return {**super().get_context_data(**kwargs), **own}

    heading: ClassVar[str]

    def token(self) -> str:
        return token_of(Renewal.objects.get(pk=self.row.pk))

    def stale(self) -> str:
        return "Somebody else has decided about it since you opened this form. Look again."

    def now_facts(self) -> Sequence[tuple[str, str]]:
        facts = [("What ends", capital(self.row.label)), ("Lasts", say_until(self.row.ends_at, zone=self.zone))]
        return [*facts, *(("They have by it", words) for words in gives(self.row, at=self.at)[:5])]

    def done(self, message: str, *, part: str = "") -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(renewal_url(self.row))

    def gone(self, refusal: Refusal) -> HttpResponse:
        self.refuse(refusal)
        return HttpResponseRedirect(renewal_url(self.row))

    def joined(self, starts_at: datetime) -> str:
        return say_join(join(self.row.ends_at, starts_at, zone=self.zone))


class AssignPage(DecidePage[AssignForm]):
    heading = "Whose task is it?"
    button = "Give it to them"

    def form(self, *, data: Any = None) -> AssignForm:
        whose = str(self.row.owner_id) if self.row.owner_id else NOBODY
        return AssignForm(data, initial=self.opened_with(owner=whose))

    def outlook(self, form: AssignForm) -> Outlook:
        whose = str(form.chosen or "nobody in particular")
        facts = [("Now", str(self.row.owner or "nobody’s")), ("From now on", whose)]
        nobody = "Nobody looks after it then: it stands among those that lack an owner."
        return Outlook("Whose task it is", facts, notes=() if form.chosen else (nobody,))

    def carry_out(self, form: AssignForm) -> str:
        assign(renewal=self.row, owner=form.chosen, by=self.by, at=self.at)
        return f"It is {form.chosen}’s task now." if form.chosen else "It is nobody’s task in particular now."


class LetEndPage(DecidePage[LetEndForm]):
    heading = "Let it end"
    button = "Let it end"
    leave = "Leave it open"

    def form(self, *, data: Any = None) -> LetEndForm:
        return LetEndForm(data, initial=self.opened_with())

    def outlook(self, form: LetEndForm) -> Outlook:
        until = say_until(self.row.ends_at, zone=self.zone)
        told = "It ends by itself then; nothing is ended by this. Who is told ahead is told all the same."
        goes = [f"Ends with it: {words}." for words in gives(self.row, at=self.at)]
        facts = [("Lasts", until), ("Why", form.cleaned_data["reason"])]
        return Outlook(f"{capital(self.row.label)} lasts {until}, and nothing goes on", facts, notes=[*goes, told])

    def carry_out(self, form: LetEndForm) -> str:
        let_end(renewal=self.row, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return "It is decided: it ends as agreed."


class RenewedPage(DecidePage[RenewedForm]):
    heading = "Record as renewed"
    button = "Record it"
    leave = "Leave it open"

    def form(self, *, data: Any = None) -> RenewedForm:
        starts_on = day_after(self.row.ends_at, zone=self.zone)
        return RenewedForm(data, zone=self.zone, initial=self.opened_with(starts_on=starts_on))

    def _starts_at(self, form: RenewedForm) -> datetime:
        return first_instant(self.row, form.cleaned_data["starts_on"], zone=self.zone)

    def outlook(self, form: RenewedForm) -> Outlook:
        given, starts_at = form.cleaned_data, self._starts_at(form)
        facts = [
            ("Lasts", say_until(self.row.ends_at, zone=self.zone)),
            ("Goes on from", say_instant(starts_at, zone=self.zone)),
            ("In between", self.joined(starts_at)),
        ]
        told = "Nothing is made by this: it says what was agreed elsewhere. Nobody is told any more that it ends."
        return Outlook(f"{capital(given['what'])} goes on in its place", facts, notes=(told,))

    def carry_out(self, form: RenewedForm) -> str:
        given = form.cleaned_data
        told = {name: given[name] for name in ("what", "link", "reason")}
        mark_renewed(renewal=self.row, starts_at=self._starts_at(form), **told, by=self.by, at=self.at)
        return "It is recorded as renewed."


class RenewPage(DecidePage[RenewForm]):
    heading = "Renew it"
    leave = "Leave it open"

    def begin(self) -> None:
        super().begin()
        if self.making is None:
            raise Refusal("You can’t make what goes on in its place here. Record it as renewed instead.")
        if self.row.successor_label:
            raise Refusal(f"{capital(self.row.successor_label)} is drafted already. Sign or discard it first.")
        _ = self.offer

    @cached_property
    def offer(self) -> Offer:
        if self.making is None:
            raise NotFound("There is nothing to make in its place.")
        return self.making.offer(self.row.subject_key, self.at)

    @property
    def button(self) -> str:  # type: ignore[override]
        return self.making.button if self.making is not None else "Renew it"

    def form(self, *, data: Any = None) -> RenewForm:
        offer = self.offer
        days = self.opened_with(starts_on=offer.starts_on, through_on=offer.through_on)
        asks = {"moves_start": offer.moves_start, "asks_last_day": offer.asks_last_day}
        return RenewForm(data, zone=self.zone, **asks, initial=days)

    def outlook(self, form: RenewForm) -> Outlook:
        given = form.cleaned_data
        starts_at = first_instant(self.row, given.get("starts_on") or self.offer.starts_on, zone=self.zone)
        facts = [
            ("Lasts", say_until(self.row.ends_at, zone=self.zone)),
            ("Goes on from", say_instant(starts_at, zone=self.zone)),
            *([("Through", f"{given['through_on']:%-d %B %Y}")] if given.get("through_on") else []),
            ("In between", self.joined(starts_at)),
        ]
        return Outlook(self.button, facts, notes=self.offer.says)

    def carry_out(self, form: RenewForm) -> str:
        given = form.cleaned_data
        row = renew(
            renewal=self.row,
            starts_on=given.get("starts_on") or self.offer.starts_on,
            through_on=given.get("through_on"),
            reason=given["reason"],
            by=self.by,
            at=self.at,
        )
        made = capital(row.successor_label)
        return (
            f"{made} goes on."
            if row.state == RenewalState.RENEWED
            else f"{made} is drafted. It is decided once that is signed."
        )


class AgainPage(DecidePage[AgainForm]):
    heading = "Take the decision back"
    button = "Take it back"
    leave = "Leave it decided"

    def begin(self) -> None:
        if self.row.state not in {RenewalState.LET_END, RenewalState.RENEWED}:
            raise Refusal("There is no decision to take back.")
        if self.row.decided_by == BY_TERMS:
            raise Refusal("Its own terms say what becomes of it. Change what was agreed, and this follows.")

    def form(self, *, data: Any = None) -> AgainForm:
        return AgainForm(data, initial=self.opened_with())

    def outlook(self, form: AgainForm) -> Outlook:
        facts = [("Decided by", said_decision(self.row)), ("Why it is taken back", form.cleaned_data["reason"])]
        made = "What was made in its place stays: end or void that where it stands." if self.row.successor_key else ""
        return Outlook("What becomes of it is open again", facts, notes=(made,) if made else ())

    def carry_out(self, form: AgainForm) -> str:
        take_up_again(renewal=self.row, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return "It is to be decided again."


def first_instant(row: Renewal, day: Any, *, zone: str) -> datetime:
    """The day after means the very moment at which it ends."""
    return row.ends_at if day == day_after(row.ends_at, zone=zone) else start_of_day(day, zone)
