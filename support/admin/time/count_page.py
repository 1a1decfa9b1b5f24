"""Earlier time counted on hours that were bought since: which entries, what they come to, and what is left then."""

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from entitlements.admin.pages import AccountFormPage
from support.actions.time_afterwards import count_entries
from support.actions.time_handling import PERMISSION
from support.admin.time.forms import CountForm
from support.admin.time.words import balance_words, entry_line, prepaid_url
from support.domain.cover_terms import Counts
from support.domain.time_entries import rounded, say_minutes
from support.models import Allowance, TimeEntry
from support.queries.allowances.balances import BalanceLine, balance_line
from support.queries.allowances.foreseen import uncounted_of

MOST = 100
CONFIRM = "confirm"


class CountPage(AccountFormPage):
    """Two steps on one address: choosing, then seeing what is left before it is done."""

    permission: ClassVar[str] = PERMISSION
    template_name = "support/time/count.html"

    @cached_property
    def allowance(self) -> Allowance:
        rows = Allowance.objects.select_related("feature").filter(counts=Counts.TIME)
        return get_object_or_404(rows, feature__key=self.kwargs["feature"])

    @cached_property
    def line(self) -> BalanceLine:
        return balance_line(self.account, self.allowance, at=self.at)

    @cached_property
    def found(self) -> list[TimeEntry]:
        return list(uncounted_of(self.account, at=self.at)[:MOST])

    def form(self, *, data: Any = None) -> CountForm:
        return CountForm(data, found=self.found)

    def act(self, form: CountForm) -> HttpResponse:
        chosen = form.chosen
        if self.request.POST.get("step") != CONFIRM:
            return self.render_to_response(self.get_context_data(form=form, preview=self._preview(chosen)))
        done = count_entries(entries=chosen, allowance=self.allowance, by=self.by, at=self.at)
        whole = say_minutes(sum(entry.counted_minutes for entry in done))
        self.tell(f"{len(done)} time {'entry' if len(done) == 1 else 'entries'} counted on {self.allowance}: {whole}.")
        return HttpResponseRedirect(prepaid_url(self.account, self.line))

    def _preview(self, chosen: list[TimeEntry]) -> dict[str, Any]:
        """What they come to by this allowance's unit; what they took already of it comes back first."""
        offer = self.line.offer()
        whole = sum(self._counts(entry) for entry in chosen)
        back = sum(entry.counted_minutes for entry in chosen if entry.allowance_id == self.allowance.pk)
        after = None if offer.left is None else offer.left + back - whole
        return {
            "entries": [entry_line(entry, zone=self.zone) for entry in chosen],
            "whole": say_minutes(whole),
            "after": "no limit" if after is None else say_minutes(after),
            "fits": after is None or after >= 0 or not self.line.blocks,
            "not_billed": say_minutes(sum(entry.beyond_minutes for entry in chosen)),
            "any_billed": any(entry.beyond_minutes for entry in chosen),
        }

    def _counts(self, entry: TimeEntry) -> int:
        return rounded(entry.minutes, unit=self.allowance.unit_minutes)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form")
        chosen = set(form.data.getlist("entries")) if form is not None and form.is_bound else set()
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.account.name}: count earlier time",
            "back": prepaid_url(self.account, self.line),
            "line": balance_words(self.line, self.account),
            "allowance": self.allowance,
            "rows": [
                (entry, entry_line(entry, zone=self.zone), say_minutes(self._counts(entry)), str(entry.pk) in chosen)
                for entry in self.found
            ],
        }
