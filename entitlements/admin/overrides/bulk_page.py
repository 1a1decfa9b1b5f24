"""Revoking several overrides alike: what each customer has and will have, one reason, and what became of each."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from entitlements.actions.override_bulk import MOST_AT_ONCE, Revocation, revoke_each
from entitlements.actions.overrides import words_of
from entitlements.admin.answers import in_words
from entitlements.admin.fields import ReasonField
from entitlements.admin.pages import VIEW
from entitlements.models import Override
from entitlements.queries.concessions import Place, place_of, token_of
from entitlements.queries.policies import judge_revocation
from entitlements.queries.preview import without_overrides
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal

LIKE_AN_ID = re.compile(r"[0-9]{1,18}")
REVOCABLE = frozenset({Place.IN_FORCE, Place.TO_COME})
NOT_OURS = "This form is not as we made it. Choose the overrides from the list again."


@dataclass(frozen=True, slots=True)
class Line:
    """One override that still speaks, and what its customer has with it and without all that were chosen.

    `refused`: why this reader can't revoke it alone.
    """

    override: Override
    words: str
    before: str
    after: str
    refused: str

    @property
    def same(self) -> bool:
        return self.before == self.after


class RevokeManyForm(forms.Form):
    """`seen` are the overrides as the page showed them, so that nothing is revoked that changed meanwhile."""

    reason = ReasonField(help_text="One reason for all of them. It stands in the audit beside your name.")
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class RevokeManyPage(FormPage[RevokeManyForm]):
    permission = "entitlements.revoke_override"
    template_name = "entitlements/overrides/revoke_many.html"
    title = "Revoke overrides"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        may = request.user.has_perm(self.permission) and request.user.has_perm(VIEW)
        if may and len(self.chosen) > MOST_AT_ONCE:
            self.refuse(
                Refusal(f"At most {MOST_AT_ONCE} overrides at once. Narrow the list down and go on from there.")
            )
            return HttpResponseRedirect(reverse("admin:entitlements_override_changelist"))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def chosen(self) -> list[Override]:
        """The overrides that the address names; what is no number is passed over."""
        ids = [int(text) for text in self.request.GET.get("overrides", "").split(",") if LIKE_AN_ID.fullmatch(text)]
        rows = Override.objects.select_related("feature", "account__market", "subscription")
        return list(rows.filter(pk__in=ids[: MOST_AT_ONCE + 1]).order_by("account__name", "account_id", "pk"))

    @cached_property
    def standing(self) -> list[Override]:
        return [row for row in self.chosen if place_of(row, at=self.at) in REVOCABLE]

    def form(self, *, data: Any = None) -> RevokeManyForm:
        seen = {str(row.pk): token_of(row) for row in self.standing}
        return RevokeManyForm(data, initial={"seen": json.dumps(seen)})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "lines": self._lines(),
            "over": [(row, place_of(row, at=self.at).words) for row in self.chosen if row not in self.standing],
            "back": reverse("admin:entitlements_override_changelist"),
        }

    def _lines(self) -> list[Line]:
        lines: list[Line] = []
        for account, rows in groupby(self.standing, key=lambda row: row.account):
            own = list(rows)
            answers = without_overrides(account=account, overrides=own, at=self.at)
            lines += [self._line(row, *answers[row.pk]) for row in own]
        return lines

    def _line(self, override: Override, before: Any, after: Any) -> Line:
        judged = judge_revocation(override=override, by=self.by, at=self.at)
        refused = "" if judged.within else f"It gives the customer something back. {judged.because}"
        return Line(override, words_of(override), in_words(before), in_words(after), refused)

    def act(self, form: RevokeManyForm) -> HttpResponse:
        given = form.cleaned_data
        outcomes = revoke_each(seen=parse_seen(given["seen"]), reason=given["reason"], by=self.by, at=self.at)
        refused = sum(bool(outcome.refused) for outcome in outcomes)
        context = {
            **super().get_context_data(form=form),
            "outcomes": [(outcome, words_of(outcome.override)) for outcome in outcomes],
            "refused": refused,
            "revoked": len(outcomes) - refused,
            "back": reverse("admin:entitlements_override_changelist"),
        }
        told = "entitlements/overrides/revoked_many.html"
        return self.response_class(self.request, told, context, using=self.template_engine)


def parse_seen(text: str) -> dict[int, str]:
    """The overrides with their tokens as the form carries them."""
    try:
        return {int(pk): str(token) for pk, token in json.loads(text).items()}
    except (ValueError, AttributeError):
        raise Refusal(NOT_OURS) from None


def bulk_url(override_ids: Sequence[int]) -> str:
    """The page about revoking these overrides."""
    return f"{reverse('admin:entitlements_overrides_revoke')}?overrides={','.join(map(str, override_ids))}"


__all__ = ["Revocation", "RevokeManyPage", "bulk_url"]
