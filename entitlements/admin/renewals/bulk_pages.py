"""Several tasks at once: whose they are, or that all of these end. Each by itself; what is refused is listed with why."""

import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Generic

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from entitlements.actions.renewals.deciding import MOST_AT_ONCE, PERMISSION, Outcome, assign_each, let_each_end
from entitlements.admin.renewals.forms import AssignManyForm, LetManyEndForm
from entitlements.admin.renewals.list_page import VIEW
from entitlements.admin.renewals.words import shown
from entitlements.domain.renewing import RenewalState
from entitlements.models import Renewal
from entitlements.queries.renewals.one import gives, token_of
from journal.admin.pages import FormOf, FormPage
from journal.domain.refusal import Refusal

LIKE_AN_ID = re.compile(r"[0-9]{1,18}")
NOT_OURS = "This form is not as we made it. Choose from the list again."


class ManyPage(FormPage[FormOf], Generic[FormOf]):
    permission = PERMISSION
    template_name = "entitlements/renewals/many.html"
    button: ClassVar[str]
    says: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        may = request.user.has_perm(self.permission) and request.user.has_perm(VIEW)
        if may and len(self.chosen) > MOST_AT_ONCE:
            self.refuse(Refusal(f"At most {MOST_AT_ONCE} at once. Narrow the list down and go on from there."))
            return HttpResponseRedirect(self.back)
        return super().dispatch(request, *args, **kwargs)

    @property
    def back(self) -> str:
        return reverse("admin:entitlements_renewal_changelist")

    @cached_property
    def chosen(self) -> list[Renewal]:
        """Those that the address names; what is no number is passed over."""
        ids = [int(text) for text in self.request.GET.get("renewals", "").split(",") if LIKE_AN_ID.fullmatch(text)]
        rows = Renewal.objects.select_related("account", "owner").filter(pk__in=ids[: MOST_AT_ONCE + 1])
        return list(rows.order_by("ends_at", "pk"))

    @cached_property
    def open(self) -> list[Renewal]:
        return [row for row in self.chosen if row.state == RenewalState.OPEN]

    def form(self, *, data: Any = None) -> FormOf:
        return self.form_of(data, initial={"seen": json.dumps({str(row.pk): token_of(row) for row in self.open})})

    form_of: ClassVar[Any]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = [{**shown(row, at=self.at), "gives": gives(row, at=self.at)[:3]} for row in self.open]
        over = [shown(row, at=self.at) for row in self.chosen if row not in self.open]
        told = {"lines": lines, "over": over, "back": self.back, "button": self.button, "says": self.says}
        return {**super().get_context_data(**kwargs), **told}

    def act(self, form: FormOf) -> HttpResponse:
        outcomes = self.carry_out(form, parse_seen(form.cleaned_data["seen"]))
        refused = [(shown(one.renewal, at=self.at), one.refused) for one in outcomes if one.refused]
        done = len(outcomes) - len(refused)
        if not refused:
            self.tell(f"Done with {done}.")
            return HttpResponseRedirect(self.back)
        context = {**super().get_context_data(form=form), "refused": refused, "done": done, "back": self.back}
        told = "entitlements/renewals/many_done.html"
        return self.response_class(self.request, told, context, using=self.template_engine)

    def carry_out(self, form: FormOf, seen: Mapping[int, str]) -> list[Outcome]:
        raise NotImplementedError


class AssignManyPage(ManyPage[AssignManyForm]):
    title = "Whose tasks are these?"
    button = "Give them over"
    says = "Each of these goes to whom you choose."
    form_of = AssignManyForm

    def carry_out(self, form: AssignManyForm, seen: Mapping[int, str]) -> list[Outcome]:
        return assign_each(seen=seen, owner=form.chosen, by=self.by, at=self.at)


class LetManyEndPage(ManyPage[LetManyEndForm]):
    title = "Let these end"
    button = "Let them end"
    says = "Each ends by itself at its end, and nothing goes on in its place. Nothing is ended by this."
    form_of = LetManyEndForm

    def carry_out(self, form: LetManyEndForm, seen: Mapping[int, str]) -> list[Outcome]:
        return let_each_end(seen=seen, reason=form.cleaned_data["reason"], by=self.by, at=self.at)


def parse_seen(text: str) -> dict[int, str]:
    """The tasks with their tokens as the form carries them."""
    try:
        return {int(pk): str(token) for pk, token in json.loads(text).items()}
    except (ValueError, AttributeError):
        raise Refusal(NOT_OURS) from None
