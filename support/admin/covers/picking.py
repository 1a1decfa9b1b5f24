"""Choosing what a cover is narrowed to: a few things are all shown; of many, those that were found by what was typed."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from entitlements.models import Account
from support.admin.covers.pages import WRITE, CoversPage
from support.domain.cover_draft import PLURALS
from support.domain.cover_terms import ScopeKind
from support.domain.serials import serial_key
from support.queries.covers.reading import ids_below, name_of, things_of

MOST_SHOWN, MOST_FOUND = 12, 20
LEGENDS = {
    ScopeKind.ASSET: ("Devices", "On all of them"),
    ScopeKind.LOCATION: ("Places", "Wherever it stands"),
    ScopeKind.PRODUCT: ("Kinds of equipment", "On every kind"),
    ScopeKind.CONTACT: ("People who may ask", "Anybody there"),
}
PROMPTS = {
    ScopeKind.ASSET: "Serial number, name or kind",
    ScopeKind.LOCATION: "Name of the place",
    ScopeKind.PRODUCT: "Name of the kind",
    ScopeKind.CONTACT: "Name or e-mail",
}


@dataclass(frozen=True, slots=True)
class Picker:
    """One fieldset of ticks. `search` where there are more than can be shown; `found`: what was typed was looked for."""

    field: str
    legend: str
    nothing: str
    prompt: str
    options: tuple[tuple[int, str, bool], ...]
    search: str
    typed: str
    errors: Any
    unfound: bool

    @property
    def find(self) -> str:
        return f"find_{self.field}"


def pickers(form: Any, *, account: Account, typed: Any) -> list[Picker]:
    """In the order in which people say it: which devices, where, of which kind, asked for by whom."""
    return [_picker(form, kind, account=account, typed=typed.get(f"find_{PLURALS[kind]}", "")) for kind in LEGENDS]


def _picker(form: Any, kind: ScopeKind, *, account: Account, typed: str) -> Picker:
    field = form[PLURALS[kind]]
    chosen = [int(one) for one in field.value() or () if str(one).isdecimal() and len(str(one)) < 16]
    rows = rows_for(kind, account=account)
    few = rows.count() <= MOST_SHOWN
    ticked = {row.pk: row for row in rows.filter(pk__in=chosen)}
    others = list(rows if few else found_rows(kind, typed, account=account) if typed.strip() else ())
    shown = {**ticked, **{row.pk: row for row in others}}
    options = tuple((pk, option_words(kind, row, account=account), pk in ticked) for pk, row in shown.items())
    legend, nothing = LEGENDS[kind]
    asked = f"?account={account.key}&kind={kind.value}"
    return Picker(
        field=PLURALS[kind],
        legend=legend,
        nothing=nothing,
        prompt=PROMPTS[kind],
        options=options,
        search="" if few else f"{reverse('admin:support_cover_pick')}{asked}",
        typed=typed,
        errors=field.errors,
        unfound=bool(typed.strip()) and not others,
    )


def rows_for(kind: ScopeKind, *, account: Account) -> Any:
    """Its own things, and those of its child accounts; products are everybody's."""
    rows = things_of(kind)
    if kind is ScopeKind.PRODUCT:
        return rows.order_by("name", "pk")
    rows = rows.filter(account__in=[account.pk, *ids_below(account)])
    return rows.filter(retired_at__isnull=True) if kind is ScopeKind.ASSET else rows.order_by("name", "pk")


def found_rows(kind: ScopeKind, typed: str, *, account: Account) -> Any:
    """The first of those in which what was typed is found."""
    wanted = typed.replace("\x00", "").strip()[:120]
    named = Q(name__icontains=wanted)
    match kind:
        case ScopeKind.ASSET:
            key = serial_key(wanted)
            found = named | Q(product__name__icontains=wanted) | (Q(serial_key__contains=key) if key else Q())
        case ScopeKind.CONTACT:
            found = named | Q(email__icontains=wanted)
        case _:
            found = named
    return rows_for(kind, account=account).filter(found)[:MOST_FOUND]


def option_words(kind: ScopeKind, row: Any, *, account: Account) -> str:
    """With where it stands, and whose it is where it isn't this customer's own."""
    words = name_of(kind, row)
    if kind is ScopeKind.CONTACT:
        words = f"{words}, {row.email}"
    if kind is ScopeKind.ASSET and row.location is not None:
        words = f"{words}, {row.location.name}"
    if kind is not ScopeKind.PRODUCT and row.account_id != account.pk:
        words = f"{words} ({row.account.name})"
    return words


class PickPage(CoversPage):
    """Answers what the form's search fields ask while somebody types."""

    permission = WRITE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kinds: Collection[str] = set(ScopeKind)
        if request.GET.get("kind") not in kinds or not request.GET.get("account"):
            return JsonResponse({"found": []})
        kind = ScopeKind(request.GET["kind"])
        account = get_object_or_404(Account, key=request.GET["account"].replace("\x00", ""))
        typed = request.GET.get("q", "")
        rows = found_rows(kind, typed, account=account) if typed.strip() else ()
        found = [{"id": row.pk, "words": option_words(kind, row, account=account)} for row in rows]
        return JsonResponse({"found": found})
