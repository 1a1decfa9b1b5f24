"""Work to bill: what customers owe a share of, in sums by currency; handed over to billing or waived, several at once."""

import csv
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from catalog.domain.entries import spell_micros
from catalog.domain.formula_guard import guarded
from entitlements.admin.fields import ReasonField
from entitlements.queries.billed.payers import taking_work
from journal.admin.base import refusals_shown
from journal.admin.pages import Page
from journal.domain.refusal import Invalid, Refusal
from support.actions.work.billing import MOST, hand_over, waive
from support.admin.work.asked import PAGE, address, asked_account, asked_number, asked_text, chosen
from support.admin.work.pages import BILL, VIEW_WORK
from support.admin.work.wording import work_line
from support.domain.cover_terms import Billing, WorkKind
from support.domain.work import BILLING_WORDS, KIND_WORDS
from support.models import WorkItem
from support.queries.work.invoicing import invoicing_of, say_foreseen
from support.queries.work.listing import WantedWork, listed_work, totals

ANY = "any"
HEADINGS = (
    "Number", "Customer", "Name", "Kind", "Description", "Part number", "Quantity", "Price", "Currency",
    "Customer pays percent", "Customer pays", "State", "Why", "Done at", "Done by", "Case", "Serial number", "Settled at",
    "Settled by", "Reason", "Billed by",
)  # fmt: skip


class SettleForm(forms.Form):
    """Which of them, and why, where they are waived."""

    chosen = forms.MultipleChoiceField(label="Work", error_messages={"required": "Choose at least one."})
    reason = ReasonField(required=False, help_text="Needed to waive it; it stands in the audit beside your name.")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        named = _named(data) if data is not None else []
        numbers = [one for one in named if one.isdecimal() and one.isascii() and len(one) < 18][: MOST + 1]
        field = self.fields["chosen"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(one, one) for one in numbers]
        if data is not None:
            ticked = data.copy()
            ticked.setlist("chosen", numbers)
            self.data = ticked


def _named(data: Any) -> list[str]:
    """Each that was ticked; or all that the page showed, where that was ticked."""
    every = [one for group in data.getlist("every") for one in group.split(",")]
    return list(dict.fromkeys([*data.getlist("chosen"), *every]))


class BillPage(Page):
    permission: ClassVar[str] = VIEW_WORK
    template_name = "support/work/bill.html"
    title = "Work to bill"

    @cached_property
    def billing(self) -> Billing | None:
        """Open, unless asked otherwise."""
        asked = asked_text(self.request.GET, "billing")
        return Billing(asked) if asked in set(Billing) else None if asked == ANY else Billing.OPEN

    @cached_property
    def rows(self) -> QuerySet[WorkItem]:
        account, unknown = asked_account(self.request.GET)
        kind = asked_text(self.request.GET, "kind")
        wanted = WantedWork(
            account=account, billing=self.billing, kind=WorkKind(kind) if kind in set(WorkKind) else None
        )
        return listed_work(wanted).none() if unknown else listed_work(wanted)

    @property
    def _owed(self) -> QuerySet[WorkItem]:
        """Of all states together, only what customers do pay is summed up: neither covered nor waived work."""
        owed = [Billing.OPEN, Billing.HANDED_OVER]
        return self.rows if self.billing is not None else self.rows.filter(billing__in=owed)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("format") == "csv":
            return self._table()
        return self.render_to_response(self.get_context_data(form=SettleForm()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(BILL):
            raise PermissionDenied
        form = SettleForm(request.POST)
        if form.is_valid():
            try:
                return self._settle(form)
            except Refusal as refusal:
                refusals_shown(form, refusal)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _settle(self, form: SettleForm) -> HttpResponse:
        items = [WorkItem(pk=int(one)) for one in form.cleaned_data["chosen"]]
        act, reason = "waive" if self.request.POST.get("act") == "waive" else "hand_over", form.cleaned_data["reason"]
        if self.request.POST.get("sure") != act:
            if act == "waive" and not reason:
                raise Invalid("Say why the customer needn’t pay.", field="reason")
            meant = listed_work(WantedWork()).filter(pk__in=[item.pk for item in items])
            asked = {"act": act, "number": meant.count(), "totals": totals(meant)}
            if act == "hand_over":
                asked["foreseen"] = say_foreseen(meant.filter(billing=Billing.OPEN))
            return self.render_to_response(self.get_context_data(form=form, asks=asked))
        if act == "waive":
            done = waive(items=items, reason=reason, by=self.by, at=self.at)
            self.tell(f"Waived: {len(done)}.")
        else:
            done = hand_over(items=items, by=self.by, at=self.at)
            told = sum(bool(item.billed_by) for item in done)
            by_hand = f"{len(done) - told} to be billed by hand: the desk writes no invoice; billing does."
            on_next = f"{told} on the next invoice." if told else ""
            self.tell(f"Handed over to billing: {len(done)}. {on_next} {by_hand if told < len(done) else ''}".strip())
        return HttpResponseRedirect(self.request.get_full_path())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given, page = self.request.GET, asked_number(self.request.GET, "page")
        asked = {name: asked_text(given, name) for name in ("billing", "kind", "account")}
        rows = list(self.rows[(page - 1) * PAGE : page * PAGE + 1])
        standing = invoicing_of(rows)
        form = kwargs["form"]
        picked = set(form.data.getlist("chosen")) if form.is_bound else set()
        offered = [(state.value, BILLING_WORDS[state]) for state in Billing]
        return {
            **super().get_context_data(**kwargs),
            "lines": [
                (work_line(row, zone=row.account.zone, invoicing=standing.get(row.pk)), str(row.pk) in picked)
                for row in rows[:PAGE]
            ],
            "totals": totals(self._owed),
            "owed_only": self.billing is None,
            "number": self.rows.count(),
            "asked": asked,
            "unknown": asked_account(given)[1],
            "states": chosen([*offered, (ANY, "Any")], asked["billing"] or Billing.OPEN.value),
            "kinds": chosen([("", "Any"), *((kind.value, KIND_WORDS[kind]) for kind in WorkKind)], asked["kind"]),
            "every": ",".join(str(row.pk) for row in rows[:PAGE]),
            "asks": kwargs.get("asks"),
            "systems": " and ".join(one.name for one in taking_work()),
            "may_bill": self.request.user.has_perm(BILL) and self.billing == Billing.OPEN,
            "is_open": self.billing == Billing.OPEN,
            "as_csv": address(**asked, format="csv"),
            "earlier": address(**asked, page=page - 1) if page > 1 else "",
            "later": address(**asked, page=page + 1) if len(rows) > PAGE else "",
            "narrowed": any(asked.values()),
        }

    def _table(self) -> HttpResponse:
        """What the filter leaves, all of it; no cell can start a formula."""
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="work.csv"'
        lines = csv.writer(response)
        lines.writerow(HEADINGS)
        for row in self.rows.iterator(chunk_size=500):
            lines.writerow([guarded(str(cell)) for cell in _cells(row)])
        return response


def _cells(row: WorkItem) -> tuple[object, ...]:
    return (
        row.pk, row.account.key, row.account.name, row.kind, row.description, row.part_number, row.quantity,
        _sum(row.amount_micros), row.currency, row.customer_percent, _sum(row.customer_micros), row.billing, row.why,
        row.done_at.isoformat(), row.done_by, row.case.number if row.case else "", row.asset.serial if row.asset else "",
        row.settled_at.isoformat() if row.settled_at else "", row.settled_by, row.settle_reason,
        row.billed_by,
    )  # fmt: skip


def _sum(micros: int | None) -> str:
    return "" if micros is None else spell_micros(micros)
