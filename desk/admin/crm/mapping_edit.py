"""Changing the draft: a rule added, said anew or taken out, its terms, and giving it up."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpResponse

from catalog.models import Feature
from desk.actions.crm.mappings import add_rule, discard, edit_rule, remove_rule, set_terms
from desk.admin.crm.mapping_fields import Asked, ask_for_reading, asked, reading_given, typed_of
from desk.admin.crm.mapping_form import RuleForm
from desk.admin.crm.mapping_pages import DraftedAsk, DraftedForm, NamingPage, SeenForm
from desk.domain.crm.mapping import DealTerms, Rule
from desk.domain.crm.mapping_words import plain, say_rule
from desk.integrations.crm.offering import Offers
from desk.queries.crm.mapping import read_mapping
from desk.queries.crm.mapping_versions import sold_plans
from journal.admin.fields import WholeNumberField


class RulePage(NamingPage, DraftedForm[RuleForm]):
    template_name = "desk/crm/mapping/rule.html"
    button: ClassVar[str]

    @property
    def rule(self) -> Rule | None:
        return None

    def form(self, *, data: Any = None) -> RuleForm:
        features = Feature.objects.select_related("group").order_by("group__position", "group", "position", "pk")
        told: dict[str, Any] = {"offers": self.offers, "plans": sold_plans(), "features": features, "rule": self.rule}
        return RuleForm(data, initial={"seen": self.token}, **told)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "button": self.button, "offers": self.offers}


class AddPage(RulePage):
    title = "Add a rule"
    button = "Add the rule"

    def act(self, form: RuleForm) -> HttpResponse:
        seen = form.cleaned_data["seen"]
        row = add_rule(mapping=self.mapping, rule=form.asked(), seen=seen, by=self.by, at=self.at)
        return self.done(f"Rule {row.position} was added. Try the draft before you switch it on.")


class OneRule(NamingPage, DraftedForm[Any]):
    """A page about one rule of the draft; another version's is not found."""

    @cached_property
    def found(self) -> tuple[int, Rule]:
        for number, rule in enumerate(read_mapping(self.mapping).rules, start=1):
            if rule.key == self.kwargs["rule"]:
                return number, rule
        raise Http404


class EditPage(OneRule, RulePage):
    button = "Keep it"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Rule {self.found[0]}"

    @property
    def rule(self) -> Rule:
        return self.found[1]

    def act(self, form: RuleForm) -> HttpResponse:
        seen, key = form.cleaned_data["seen"], self.rule.key
        row = edit_rule(mapping=self.mapping, key=key, rule=form.asked(), seen=seen, by=self.by, at=self.at)
        return self.done(f"Rule {row.position} was changed. Try the draft before you switch it on.")


class RemovePage(OneRule, DraftedAsk):
    button = "Take it out"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Take rule {self.found[0]} out?"

    def lead(self) -> str:
        words = plain(say_rule(self.found[1], self.names))
        return f"{words}. What deals became by it already stays, until they change or end."

    def act(self, form: forms.Form) -> HttpResponse:
        seen, key = form.cleaned_data["seen"], self.found[1].key
        remove_rule(mapping=self.mapping, key=key, seen=seen, by=self.by, at=self.at)
        return self.done("The rule was taken out of the draft.")


class DiscardPage(DraftedAsk):
    title = "Give the draft up?"
    button = "Give it up"

    def lead(self) -> str:
        rest = (
            f"Version {self.in_force.number} goes on as it is."
            if self.in_force
            else "Won deals become nothing, as before."
        )
        return f"Version {self.mapping.number} never held. {rest}"

    def act(self, form: forms.Form) -> HttpResponse:
        discard(mapping=self.mapping, seen=form.cleaned_data["seen"], by=self.by, at=self.at)
        return self.done("The draft was given up.")


# The terms ----------------------------------------------------------------------------------------------------------
READ = {
    "starts": ("First day", "such as 2026-03-01", "Both empty: the day the deal was won."),
    "months": ("Months it lasts", "such as 12", "Both empty, and no last day: until somebody ends it."),
    "through": ("Last day", "such as 2026-12-31", "Instead of months: whole months from the first day on."),
}


class TermsForm(SeenForm):
    renews = forms.BooleanField(label="It renews by as many months, each time", required=False)
    notice_days = WholeNumberField(
        label="Days of notice",
        min_value=0,
        max_value=3650,
        initial=0,
        help_text="How long before the end of a term notice has to be given.",
    )

    def __init__(self, data: Any = None, *, offers: Offers, terms: DealTerms, **options: Any) -> None:
        opened: dict[str, Any] = {"renews": terms.renews, "notice_days": terms.notice_days}
        for name in READ:
            opened |= typed_of(name, getattr(terms, name))
        super().__init__(data, initial={**opened, **options.pop("initial", {})}, **options)
        for name, (words, such_as, _) in READ.items():
            own = {"reading": getattr(terms, name), "away": bool(offers.away), "deal_fields": offers.deal_fields}
            ask_for_reading(self, name, words=words, written=such_as, **own)

    def asked(self) -> DealTerms:
        read = {name: reading_given(self, name) for name in READ}
        given = self.cleaned_data
        return DealTerms(**read, renews=given["renews"], notice_days=given["notice_days"])

    def reading(self) -> list[Asked]:
        return [asked(self, name, help=words) for name, (_, _, words) in READ.items()]


class TermsPage(NamingPage, DraftedForm[TermsForm]):
    title = "Terms of the contracts"
    template_name = "desk/crm/mapping/terms.html"

    def form(self, *, data: Any = None) -> TermsForm:
        terms = read_mapping(self.mapping).terms
        return TermsForm(data, offers=self.offers, terms=terms, initial={"seen": self.token})

    def act(self, form: TermsForm) -> HttpResponse:
        set_terms(mapping=self.mapping, terms=form.asked(), seen=form.cleaned_data["seen"], by=self.by, at=self.at)
        return self.done("The terms were changed. Try the draft before you switch it on.")
