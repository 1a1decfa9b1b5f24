"""The end of a contract: notice, notice taken back, an end before its time. What ends, and when, stands first."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from catalog.domain.window import end_through
from catalog.queries.instants import say_until
from entitlements.actions.contract_endings import end_early, give_notice, take_notice_back
from entitlements.admin.contracts.forms import CalendarDay
from entitlements.admin.contracts.pages import WRITE, ContractFormPage
from entitlements.admin.contracts.words import capital, say_ahead_of
from entitlements.admin.fields import ReasonField
from entitlements.admin.life.asking import LifePage, Outlook, Stage
from entitlements.admin.selling.asking import SellingForm
from entitlements.domain.contract_terms import Terms
from entitlements.models import ContractVersion
from entitlements.queries.contracts.ending import end_by_notice, ends_with, require_running, taken_back_end
from entitlements.queries.contracts.ending_preview import preview_end
from entitlements.queries.contracts.token import contract_token
from entitlements.queries.contracts.versions import last_signed, open_version, terms_of
from entitlements.queries.contracts.wording import say_term
from journal.admin.pages import FormOf
from journal.domain.refusal import Refusal


class EndingPage(ContractFormPage, LifePage[FormOf]):
    """Two steps on one address, as with a subscription. A contract that is over has nothing to end."""

    permission = WRITE
    template_name = "entitlements/contracts/ask.html"
    part = "page"
    show = "Show what ends"
    danger = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.begin()
            return super().get(request, *args, **kwargs)
        except Refusal as refusal:
            return self.gone(refusal)

    def begin(self) -> None:
        """Refuse where there is nothing to offer, before a form is shown; the action asks all of it again."""
        require_running(self.contract, at=self.at)
        version = open_version(self.contract)
        if version is not None:
            raise Refusal(f"Version {version.number} is in draft or waits for approval. Sign it or give it up first.")

    @property
    def signed(self) -> ContractVersion | None:
        return last_signed(self.contract)

    @property
    def terms(self) -> Terms:
        if self.signed is None:
            raise Refusal(f"{self.contract.key} is not signed yet.")
        return terms_of(self.signed, at=self.at)

    def token(self) -> str:
        return contract_token(self.contract)

    def stale(self) -> str:
        return f"{self.contract.key} was changed since you opened this form. Look again."

    def now_facts(self) -> list[tuple[str, str]]:
        terms = self.terms
        term = terms.running(self.at)
        facts = [("Contract", f"{self.contract.key} · {self.contract.name}")]
        if term is not None:
            facts.append(("Running", capital(say_term(term, zone=terms.zone))))
        if self.contract.ends_at is not None:
            facts.append(("Ends", self.say_end(self.contract.ends_at)))
        elif term is not None:
            facts.append(say_ahead_of(terms, term, at=self.at))
        return facts

    def say_end(self, end: datetime) -> str:
        return say_until(end, zone=self.zone)

    def ending_with(self) -> list[str]:
        """Each thing the contract gives: all of it ends together."""
        found = ends_with(self.contract, at=self.at)
        return [f"Ends with it: {words.removesuffix(', no end')}." for words in found]

    def what_ends(self, ends_at: datetime) -> list[Stage]:
        found = preview_end(contract=self.contract, ends_at=ends_at, at=self.at)
        later = ends_at > self.at
        return [Stage(f"From {self.say(ends_at)} on" if later else "From now on", found, later=later)]


class OnlyAskEndingPage(EndingPage[FormOf]):
    """Where next to nothing has to be filled in, what ends stands on the first page, with the button."""

    template_name = "entitlements/contracts/only_ask.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        try:
            return {"preview": self.outlook(context["form"]), **context}
        except Refusal:
            return context  # the refusal stands in the form already


class NoticeForm(SellingForm):
    said_by = forms.CharField(
        label="Who gave notice",
        max_length=200,
        help_text="The customer, or who of us: “Bea Buyer, by e-mail”.",
        error_messages={"required": "Say who gave notice."},
    )


class NoticePage(OnlyAskEndingPage[NoticeForm]):
    title = "Give notice"
    button = "Record the notice"

    def begin(self) -> None:
        super().begin()
        end_by_notice(self.contract, at=self.at)

    def form(self, *, data: Any = None) -> NoticeForm:
        return NoticeForm(data, initial=self.opened_with())

    def outlook(self, form: NoticeForm) -> Outlook:
        ends_at = end_by_notice(self.contract, at=self.at)
        facts = [*self.now_facts()[1:], ("With notice today", f"everything of it lasts {self.say_end(ends_at)}")]
        return Outlook(
            f"{self.contract.key} lasts {self.say_end(ends_at)}",
            facts,
            self.what_ends(ends_at),
            notes=[*self.ending_with(), "Until then, notice can be taken back."],
        )

    def carry_out(self, form: NoticeForm) -> str:
        said_by = form.cleaned_data["said_by"]
        contract = give_notice(contract=self.contract, said_by=said_by, by=self.by, at=self.at)
        assert contract.ends_at is not None  # that is what notice does
        return f"Notice is recorded. {contract.key} lasts {self.say_end(contract.ends_at)}."


class NoticeBackPage(OnlyAskEndingPage[SellingForm]):
    title = "Take notice back"
    button = "Take it back"
    leave = "Let it end"
    danger = False

    def begin(self) -> None:
        super().begin()
        taken_back_end(self.contract, at=self.at)

    def form(self, *, data: Any = None) -> SellingForm:
        return SellingForm(data, initial=self.opened_with())

    def outlook(self, form: SellingForm) -> Outlook:
        facts = [("Notice given by", self.contract.notice_by)]
        if self.contract.ends_at is not None:
            facts.append(("Would last", self.say_end(self.contract.ends_at)))
        term = self.terms.running(self.at)
        facts.append(
            say_ahead_of(self.terms, term, at=self.at) if term else ("Then", "it goes on until somebody ends it")
        )
        return Outlook(f"{self.contract.key} goes on", facts)

    def carry_out(self, form: SellingForm) -> str:
        take_notice_back(contract=self.contract, by=self.by, at=self.at)
        return f"{self.contract.key} goes on; the notice is taken back."


class EndForm(SellingForm):
    through_on = CalendarDay(label="Last day")
    reason = ReasonField()

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        self.fields["through_on"].help_text = f"Everything of it ends with this day in {zone}. Empty: now."

    def ends_at(self, *, at: datetime) -> datetime:
        day = self.cleaned_data["through_on"]
        end = at if day is None else end_through(day, self.zone)
        if end < at:
            raise Refusal("This day has passed. Choose today or a later day.", field="through_on")
        return end


class EndEarlyPage(EndingPage[EndForm]):
    title = "End the contract early"
    button = "End the contract"
    leave = "Keep it"

    def form(self, *, data: Any = None) -> EndForm:
        return EndForm(data, zone=self.zone, initial=self.opened_with())

    def outlook(self, form: EndForm) -> Outlook:
        ends_at = form.ends_at(at=self.at)
        over = ends_at <= self.at
        ends = "now" if over else self.say_end(ends_at)
        facts = [
            *self.now_facts()[1:],
            ("Lasts instead" if not over else "Ends", ends),
            ("Why", form.cleaned_data["reason"]),
        ]
        return Outlook(
            f"{self.contract.key} {'ends' if over else 'lasts'} {ends}",
            facts,
            self.what_ends(ends_at),
            notes=self.ending_with(),
        )

    def carry_out(self, form: EndForm) -> str:
        ends_at, reason = form.ends_at(at=self.at), form.cleaned_data["reason"]
        end_early(contract=self.contract, ends_at=ends_at, reason=reason, by=self.by, at=self.at)
        return f"{self.contract.key} {'has ended' if ends_at <= self.at else f'lasts {self.say_end(ends_at)}'}."
