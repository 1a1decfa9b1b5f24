"""Choosing by hand under which cover a case falls: everything that might cover it, what the choice changes, the button."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from entitlements.admin.fields import offer
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal
from support.actions.cases.about import refuse_unfit_cover
from support.actions.cases.choosing import choose_cover
from support.admin.cases.clock_lines import Reader
from support.admin.cases.cover_block import CandidateLine, candidate_lines, chosen_name
from support.admin.cases.pages import HANDLE, AboutCase, case_url
from support.domain.impact import Turn, moves_between
from support.models import Case
from support.queries.cases.choosing import Considered, ShownCover, considered, shown_cover
from support.queries.cases.impact import compared
from support.queries.policy_history import tier_choices

BY_RULE = "rule"
TURNS = {
    Turn.LATER: ("Later", "red"),
    Turn.EARLIER: ("Earlier", "green"),
    Turn.STOPS: ("Not owed any more", "red"),
    Turn.STARTS: ("Owed now", "green"),
}


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One clock that would be due otherwise."""

    name: str
    before: str
    after: str
    badge: tuple[str, str]
    late: bool


class ChooseForm(forms.Form):
    """`instead_of` is what was chosen when the page was opened: somebody else's choice since isn't overwritten."""

    instead_of = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    cover = forms.ChoiceField(
        label="Which cover does it fall under?", widget=forms.RadioSelect,
        error_messages={"required": "Choose a cover, or leave it to the rule."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Why?", max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why: whoever looks at the case later will want to know."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, chosen: str, choices: list[tuple[str, Any]]) -> None:
        super().__init__(data, initial={"instead_of": chosen, "cover": chosen or BY_RULE})
        offer(self, "cover", choices)

    @property
    def key(self) -> str:
        """What the action takes: empty, where it is left to the rule."""
        cover: str = self.cleaned_data["cover"]
        return "" if cover == BY_RULE else cover


class ChooseCoverPage(AboutCase, FormPage[ChooseForm]):
    permission: ClassVar[str] = HANDLE
    template_name = "support/cases/cover.html"
    title = "Which cover does it fall under?"

    @cached_property
    def shown(self) -> ShownCover:
        return shown_cover(self.case, at=self.at)

    @cached_property
    def lines(self) -> list[CandidateLine]:
        return list(candidate_lines(self.shown.choice, chosen=self.case.chosen_cover, tiers=tier_choices()))

    def form(self, *, data: Any = None) -> ChooseForm:
        return ChooseForm(data, chosen=self.case.chosen_cover, choices=list(self._choices()))

    def _choices(self) -> Iterator[tuple[str, SafeString | str]]:
        yield BY_RULE, "Leave it to the rule: staff’s numbers, then the most generous, then the closest"
        kept = {one.cover.key for one in self.shown.candidates if one.kept}
        for line in self.lines:
            if line.key in kept or line.chosen:
                said = ". ".join(part for part in (line.source, line.gives) if part)
                yield line.key, format_html('<strong>{}</strong> <span class="desk-muted">{}</span>', line.name, said)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.case.account is None:
            return HttpResponseRedirect(case_url(self.case))
        return super().get(request, *args, **kwargs)

    def act(self, form: ChooseForm) -> HttpResponse:
        step = self.request.POST.get("step", "")
        if step == "change":
            return self.render_to_response(self.get_context_data(form=form))
        if step != "choose":
            return self.render_to_response(self.get_context_data(form=form, preview=self._preview(form)))
        choose_cover(
            case=self.case, cover=form.key, reason=form.cleaned_data["reason"], by=self.by, at=self.at,
            instead_of=form.cleaned_data["instead_of"],
        )  # fmt: skip
        self.tell("The cover was chosen." if form.key else "The choice was taken back; the rule decides.")
        return HttpResponseRedirect(case_url(self.case))

    def _preview(self, form: ChooseForm) -> dict[str, Any]:
        if form.key == self.case.chosen_cover:
            already = "That cover is chosen already." if form.key else "The rule decides already."
            raise Refusal(already, field="cover")
        found = considered(self.case, form.key, at=self.at)
        if found is None:
            raise Refusal("Nobody knows yet whose case this is. Say whose it is first.", field="cover")
        refuse_unfit_cover(found.choice, form.key)
        lines = candidate_lines(found.choice, chosen=form.key, tiers=tier_choices())
        return {
            "lines": list(lines),
            "chosen": form.key,
            "promise": found.promise,
            "moves": list(move_lines(self.case, found, at=self.at, zone=self.zone)),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "case": self.case,
            "back": case_url(self.case),
            "shown": self.shown,
            "lines": self.lines,
            "chosen_name": chosen_name(self.shown, self.lines),
            **kwargs,
        }


def move_lines(case: Case, found: Considered, *, at: datetime, zone: str) -> Iterator[MoveLine]:
    """Every clock that would be due otherwise; none where what is promised stays."""
    if found.promise is None:
        return
    compare = compared({case.pk: found.promise}, now=at)
    reader = Reader(at, zone, case.account.zone if case.account else zone)
    for move in moves_between(compare.before[case.pk], compare.after[case.pk]):
        before, after = (reader.say_both(due) if due is not None else "–" for due in (move.before, move.after))
        yield MoveLine(move.milestone, before, after, TURNS[move.turn], move.breaches)
