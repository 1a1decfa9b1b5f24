"""One cell of a draft, in general or for one case: what it says, what it would have otherwise, and a form for it."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.actions.terms import clear_term, set_term
from catalog.admin.draft_page import DraftPage
from catalog.admin.pages import sheet_url
from catalog.admin.term_form import TermForm
from catalog.domain.cases import GENERAL, INTERVALS, PHASES, Case, say_case
from catalog.domain.groups import heard
from catalog.domain.values import Nature, TermState
from catalog.models import Feature, FeatureGroup, PlanTerm, PlanVersion
from catalog.queries.cells import Subject
from catalog.queries.effective import effective_terms
from catalog.queries.sheet_parts import anchor_of
from catalog.queries.terms import case_of, own_term, say_cell, with_all
from catalog.queries.versions import newest_published
from catalog.queries.vocabulary import Words, groups_above, words
from journal.domain.refusal import Refusal

IN_GENERAL = "In general"


class CaseForm(forms.Form):
    """Which case to write a term for; sent by GET, so that a case has an address."""

    def __init__(self, *, markets: dict[str, str], **options: Any) -> None:
        super().__init__(**options)
        said = {key: f"{words[:1].upper()}{words[1:]}" for key, words in (PHASES | INTERVALS).items()}
        where = [(key, f"In {name}") for key, name in markets.items()]
        self._ask("phase", "Phase", "Whatever the phase", [(key, said[key]) for key in PHASES])
        self._ask("market", "Market", "Wherever", where)
        self._ask("interval", "Paid", "However it is paid", [(key, said[key]) for key in INTERVALS])

    def _ask(self, name: str, label: str, any_of_them: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name] = forms.ChoiceField(label=label, required=False, choices=[("", any_of_them), *choices])


class CellPage(DraftPage[TermForm]):
    """The cell of a feature or of a group; the case stands in the address."""

    template_name = "catalog/term_edit.html"

    @property
    def subject(self) -> Subject:
        raise NotImplementedError

    @cached_property
    def known(self) -> Words:
        return words()

    @cached_property
    def case(self) -> Case:
        asked = {part: self.request.GET.get(part, "") for part in ("phase", "market", "interval")}
        if asked["market"] and asked["market"] not in self.known.markets:
            raise Http404
        try:
            return Case(**asked)
        except ValueError as unknown:
            raise Http404 from unknown

    @cached_property
    def term(self) -> PlanTerm | None:
        return own_term(version=self.version, subject=self.subject, case=self.case)

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the cell, not by the page
        return f"{self.version.plan}: {self.subject}"

    @property
    def where(self) -> str:
        return f"{sheet_url(version=self.version)}#{anchor_of(self.version.plan, self.subject, self.case)}"

    def form(self, *, data: Any = None) -> TermForm:
        return TermForm(data, subject=self.subject, term=self.term, edits=self.version.edits, known=self.known)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        published = newest_published(plan=self.version.plan)
        then = own_term(version=published, subject=self.subject, case=self.case) if published else None
        return {
            **super().get_context_data(**kwargs),
            "version": self.version,
            "subject": self.subject,
            "term": self.term,
            "words": say_cell(self.term) if self.term else "",
            "was": say_cell(then) if then else "",
            "when": self._say(self.case) if self.case != GENERAL else "",
            "cases": self._cases(),
            "case_form": CaseForm(markets=dict(self.known.market_names)),
            "back": self.where,
            **self._inherited(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._clear() if "clear" in request.POST else super().post(request, *args, **kwargs)

    def act(self, form: TermForm) -> HttpResponse:
        given = form.cleaned_data
        term = set_term(
            version=self.version,
            feature=self.subject,
            reading=form.reading,
            edits=given["edits"],
            rules=form.rules,
            sold_as=given["sold_as"],
            reason=given["reason"],
            case=self.case,
            by=self.by,
            at=self.at,
        )
        self.tell(f"{self.version}: {self._named()} now says “{say_cell(term)}”.")
        return HttpResponseRedirect(self.where)

    def _clear(self) -> HttpResponse:
        """Empty the cell; what was typed beside it doesn't matter any more."""
        sent = self.request.POST
        edits = int(sent["edits"]) if sent.get("edits", "").isdecimal() else -1
        asked: dict[str, Any] = {"version": self.version, "feature": self.subject, "case": self.case, "edits": edits}
        try:
            clear_term(**asked, reason=sent.get("reason", ""), by=self.by, at=self.at)
        except Refusal as refusal:
            self.refuse(refusal)
            return HttpResponseRedirect(cell_url(self.version, self.subject, self.case))
        self.tell(f"{self.version} says nothing of its own any more of {self._named()}.")
        return HttpResponseRedirect(cell_url(self.version, self.subject) if self.case != GENERAL else self.where)

    def _named(self) -> str:
        said = self._say(self.case)
        return f"{self.subject}, {said[:1].lower()}{said[1:]}," if self.case != GENERAL else str(self.subject)

    def _say(self, case: Case) -> str:
        return say_case(case, self.known.market_names.get(case.market, "")) or IN_GENERAL

    def _cases(self) -> list[dict[str, Any]]:
        """Every case the version has a term for, the general one first, with its words."""
        about = {"feature": self.subject} if isinstance(self.subject, Feature) else {"group": self.subject}
        terms = {case_of(term): term for term in with_all(PlanTerm.objects.filter(version=self.version, **about))}
        return [
            {
                "name": self._say(case),
                "words": say_cell(terms[case]) if case in terms else "",
                "url": cell_url(self.version, self.subject, case),
                "current": case == self.case,
            }
            for case in sorted({*terms, GENERAL, self.case})
        ]

    def _inherited(self) -> dict[str, Any]:
        return {}


class TermEditPage(CellPage):
    """The cell of one feature."""

    @cached_property
    def subject(self) -> Feature:
        return get_object_or_404(Feature.objects.select_related("group"), pk=self.kwargs["feature_id"])

    def _inherited(self) -> dict[str, Any]:
        """What speaks there while the cell itself says nothing."""
        speaking = None if self.term else effective_terms(self.version).speaking(self.subject.pk, self.case)
        if speaking is None:
            return {}
        said = f"{self.subject.group}: {say_cell(speaking.term)}" if speaking.distance else say_cell(speaking.term)
        return {"otherwise": said, "origin": speaking.origin or f"from the cell “{self._say(case_of(speaking.term))}”"}


class GroupEditPage(CellPage):
    """What is said of a whole group, and whom that reaches."""

    @cached_property
    def subject(self) -> FeatureGroup:
        return get_object_or_404(FeatureGroup, pk=self.kwargs["group_id"])

    def _inherited(self) -> dict[str, Any]:
        members = self._members()
        measure = self.known.measures[self.subject.pk]
        reached = {
            "gates": _hearing(members, TermState.VALUE),
            "limitless": _hearing(members, TermState.UNLIMITED),
            "counted": [row for row in members if row.shape.nature is Nature.QUANTITY],
            "others": [row for row in members if row.shape.nature not in {Nature.GATE, Nature.QUANTITY}],
            "measure": None if self.subject.pk in self.known.mixed else measure,
        }
        return {"is_group": True, "reached": reached}

    def _members(self) -> list[Feature]:
        parents = dict(FeatureGroup.objects.values_list("pk", "parent"))
        features = Feature.objects.select_related("group").order_by("group__position", "position", "pk")
        return [row for row in features if self.subject.pk in groups_above(row.group_id, parents)]


def _hearing(members: list[Feature], state: TermState) -> list[Feature]:
    return [row for row in members if heard(state=state, amount=None, shape=row.shape, measure=None) is not None]


def cell_url(version: PlanVersion, subject: Subject, case: Case = GENERAL) -> str:
    """The page with every rule of a cell, of a feature or a group, in general or for one case."""
    name = "catalog_term_edit" if isinstance(subject, Feature) else "catalog_group_edit"
    asked = {part: getattr(case, part) for part in ("phase", "market", "interval") if getattr(case, part)}
    return reverse(f"admin:{name}", args=[version.pk, subject.pk]) + (f"?{urlencode(asked)}" if asked else "")
