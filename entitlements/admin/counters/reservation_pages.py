"""What is held for work under way: for whom, until when, and giving it back by hand."""

from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.domain.words import say_value
from catalog.queries.instants import say_instant
from entitlements.actions.usage.resets import PERMISSION as RESET
from entitlements.actions.usage.staff_release import release_by_staff
from entitlements.admin.counters.slices import first_of, sliced
from entitlements.admin.fields import ReasonField
from entitlements.admin.pages import AccountFormPage, AccountPage, account_url
from entitlements.admin.wording import say_left
from entitlements.domain.saying import say_part_name
from entitlements.models import Reservation
from entitlements.models.usage import ReservationState
from entitlements.queries.usage.counters import reservations_of
from journal.admin.base import PAGE
from journal.domain.refusal import Refusal

STATES = {
    ReservationState.HELD: ("held", "blue"),
    ReservationState.COMMITTED: ("committed", "green"),
    ReservationState.RELEASED: ("released", ""),
    ReservationState.EXPIRED: ("ran out", "amber"),
}


class ReservationsPage(AccountPage):
    permission: ClassVar[str] = "entitlements.view_reservation"
    template_name = "entitlements/counters/reservations.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = reservations_of(self.account, at=self.at, first=first_of(self.request.GET), most=PAGE + 1)
        page = sliced(self.request, found)
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.account.name}: reservations",
            "back": account_url(self.account, part="usage"),
            "page": page,
            "lines": [self._line(row) for row in page.rows],
            "may_release": self.request.user.has_perm(RESET),
        }

    def _line(self, row: Reservation) -> dict[str, Any]:
        held = row.state == ReservationState.HELD
        out = held and row.expires_at <= self.at
        return {
            "row": row,
            "held": held,
            "amount": say_value(Decimal(row.amount), shape=row.feature.shape),
            "choice": say_part_name(row.choice) if row.choice else "",
            "since": say_instant(row.at, zone=self.zone),
            "until": say_instant(row.expires_at, zone=self.zone),
            "left": say_left(row.expires_at, at=self.at) if held and not out else "",
            "settled": say_instant(row.settled_at, zone=self.zone) if row.settled_at else "",
            "came_to": self._came_to(row),
            "state": ("running out", "amber") if out else STATES[ReservationState(row.state)],
        }

    def _came_to(self, row: Reservation) -> str:
        quantity = (row.settled_answer or {}).get("quantity")
        return "" if quantity is None else say_value(Decimal(quantity), shape=row.feature.shape)


class ReleaseForm(forms.Form):
    reason = ReasonField()


class ReleasePage(AccountFormPage):
    permission: ClassVar[str] = RESET
    template_name = "entitlements/counters/release.html"
    title = "Release what is held"

    @cached_property
    def reservation(self) -> Reservation:
        rows = Reservation.objects.select_related("feature", "account")
        return get_object_or_404(rows, pk=self.kwargs["reservation"], account=self.account)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.reservation.state != ReservationState.HELD:
            self.refuse(Refusal("This reservation holds nothing any more."))
            return HttpResponseRedirect(self._list_url())
        return super().get(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> ReleaseForm:
        return ReleaseForm(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.reservation
        return {
            **super().get_context_data(**kwargs),
            "back": self._list_url(),
            "row": row,
            "amount": say_value(Decimal(row.amount), shape=row.feature.shape),
            "since": say_instant(row.at, zone=self.zone),
            "until": say_instant(row.expires_at, zone=self.zone),
        }

    def _list_url(self) -> str:
        return reverse("admin:entitlements_account_reservations", args=[self.account.key])

    def act(self, form: ReleaseForm) -> HttpResponse:
        with transaction.atomic():
            release_by_staff(reservation=self.reservation, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        amount = say_value(Decimal(self.reservation.amount), shape=self.reservation.feature.shape)
        self.tell(f"{amount} of {self.reservation.feature} is free again.")
        return HttpResponseRedirect(self._list_url())
