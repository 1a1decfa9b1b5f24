"""Recording work: what was done, then who pays where somebody has to, then the button."""

from functools import cached_property
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from catalog.domain.words import say_money
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from journal.admin.fields import WholeNumberField
from journal.admin.pages import FormPage
from journal.domain.refusal import NotFound
from support.actions.work.recording import record_work
from support.admin.cases.pages import case_url
from support.admin.work.fields import OFF, PriceField, ZonedForm, moment_field
from support.admin.work.pages import RECORD, dispatch_url, item_url, visit_url
from support.domain.cover_terms import WorkKind
from support.domain.work import MOST_PIECES, aspect_of, customer_share, price_fault, say_quantity
from support.models import Asset, Case, Visit, WorkItem
from support.queries.work.authorised import Authorised, Share, authorised, foreseen_share

KINDS = [
    (WorkKind.LABOUR.value, "Labour, in minutes"),
    (WorkKind.PARTS.value, "A part, in pieces"),
    (WorkKind.TRAVEL.value, "Travel, in minutes"),
]


class RecordForm(ZonedForm):
    token = forms.CharField(widget=forms.HiddenInput, max_length=60)
    kind = forms.ChoiceField(
        label="What was it?", choices=KINDS, widget=forms.RadioSelect,
        error_messages={"required": "Choose what it was: the cover depends on it."},
    )  # fmt: skip
    description = forms.CharField(
        label="What was done or used",
        max_length=300,
        error_messages={"required": "Say in a line what was done or used."},
    )
    quantity = WholeNumberField(
        label="How much", min_value=1, max_value=MOST_PIECES, error_messages={"required": "Say how much."},
        help_text="Minutes of labour or travel; pieces of a part.",
    )  # fmt: skip
    part_number = forms.CharField(
        label="Part number", required=False, max_length=120, widget=forms.TextInput(attrs=OFF)
    )
    amount_micros = PriceField(required=False, help_text="Empty: whoever bills it states it.")
    currency = forms.CharField(
        label="Currency", required=False, max_length=3, widget=forms.TextInput(attrs={**OFF, "placeholder": "EUR"})
    )
    done_at = moment_field("When")
    done_by = forms.CharField(label="Done by", required=False, max_length=200, help_text="Empty: you.")
    authorised_by = forms.CharField(label="Authorised by", required=False, max_length=200)

    def __init__(self, data: Any = None, *, zone: str, kind: str = "", asks: str = "") -> None:
        super().__init__(data, initial={"token": f"desk:{uuid4()}", "kind": kind})
        self.zone = zone
        self.says_zone("done_at")
        self.fields["authorised_by"].help_text = asks or "Needed only where the cover asks for it."

    def clean_done_at(self) -> Any:
        return self.moment("done_at")

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()

    def given(self) -> dict[str, Any]:
        """As the action takes it."""
        said = dict(self.cleaned_data)
        token = said.pop("token")
        return {**said, "name": token, "kind": WorkKind(said["kind"])}


class RecordPage(FormPage[RecordForm]):
    permission: ClassVar[str] = RECORD
    template_name = "support/work/record.html"
    title = "Record work or a part"

    @cached_property
    def case(self) -> Case | None:
        return self._named(Case.objects.select_related("account", "asset__product"), "case")

    @cached_property
    def visit(self) -> Visit | None:
        rows = Visit.objects.select_related("account", "cover__contract", "asset__product")
        return self._named(rows, "visit")

    @cached_property
    def asset(self) -> Asset | None:
        named = self._named(Asset.objects.select_related("account", "product", "location"), "asset")
        return named or (self.case.asset if self.case else None) or (self.visit.asset if self.visit else None)

    @cached_property
    def account(self) -> Account | None:
        key = self.request.GET.get("account", "").replace("\x00", "")[:320]
        if key:
            try:
                return account_by_key(key)
            except NotFound:
                return None
        owner = self.case or self.visit or self.asset
        return owner.account if owner is not None else None

    @cached_property
    def found(self) -> Authorised | None:
        if self.account is None:
            return None
        return authorised(self.account, asset=self.asset, at=self.at, case=self.case)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.account is None:
            return HttpResponseRedirect(dispatch_url())
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if self.account is not None else self.get(request)

    def form(self, *, data: Any = None) -> RecordForm:
        asks = self.found.authorisation if self.found is not None else ""
        return RecordForm(data, zone=self.zone, kind=self.request.GET.get("kind", ""), asks=asks)

    def act(self, form: RecordForm) -> HttpResponse:
        assert self.account is not None
        given = form.given()
        known = WorkItem.objects.filter(name=given["name"]).first()
        if known is not None:  # the button was pressed twice
            return HttpResponseRedirect(item_url(known))
        step = self.request.POST.get("step", "")
        if step == "change":
            return self.render_to_response(self.get_context_data(form=form))
        if step != "record" and (asked := self._asks(given)) is not None:
            return self.render_to_response(self.get_context_data(form=form, asked=asked))
        item = record_work(
            account=self.account, by=self.by, at=self.at, case=self.case, visit=self.visit, asset=self.asset, **given
        )
        self.tell(
            f"Recorded: {item.description}. {'It is covered.' if not item.customer_percent else 'It is to be billed.'}"
        )
        return HttpResponseRedirect(self._back)

    @property
    def _back(self) -> str:
        if self.visit is not None:
            return visit_url(self.visit)
        if self.case is not None:
            return f"{case_url(self.case)}#work"
        return (
            dispatch_url(asset=self.asset.pk) if self.asset else dispatch_url(account=self.account and self.account.key)
        )

    def _asks(self, given: dict[str, Any]) -> dict[str, Any] | None:
        """What the customer would pay: shown before it is done. None where that is nothing, or the price can't be."""
        assert self.account is not None
        kind, amount, currency = given["kind"], given["amount_micros"], given["currency"]
        share = foreseen_share(
            self.account,
            aspect_of(kind),
            asset=self.asset,
            case=self.case,
            visit=self.visit,
            at=given["done_at"] or (self.visit.settled_at if self.visit else None) or self.at,
        )
        authorised_first = share.borne and share.authorisation and not given["authorised_by"]
        if not share.customer or authorised_first or price_fault(amount, currency) or given["quantity"] < 1:
            return None
        return {"share": share, "sum": _sum(share, amount, currency), "quantity": say_quantity(kind, given["quantity"])}

    def _named(self, rows: Any, name: str) -> Any:
        asked = self.request.GET.get(name, "")
        if not asked:
            return None
        return get_object_or_404(rows, pk=int(asked) if asked.isdecimal() and len(asked) < 18 else 0)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "account": self.account,
            "asset": self.asset,
            "case": self.case,
            "visit": self.visit,
            "found": self.found,
            "back": self._back,
            "choose": dispatch_url(account=self.account and self.account.key),
        }


def _sum(share: Share, amount: int | None, currency: str) -> str:
    if amount is None:
        return f"{share.customer} % of a price that whoever bills it states"
    return say_money(customer_share(amount, percent=share.customer, currency=currency), currency)
