"""Seats for one person or many, pasted as lines: first who would get one, then the button."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseRedirect

from catalog.domain.values import UNLIMITED
from catalog.models import Feature
from entitlements.actions.seats.assigning import Holder, assign_seats, once_each
from entitlements.actions.seats.places import PERMISSION, refuse_closed, refuse_not_seats
from entitlements.admin.pages import AccountFormPage
from entitlements.admin.seats.block import head_of, seats_url
from entitlements.admin.seats.forms import ACTIVE, AssignForm
from entitlements.domain.seats import SeatState
from entitlements.queries.seats import SeatsOf, holders_seated, seats_of, token_of_seated

MOST_SHOWN = 200


class SeatAssignPage(AccountFormPage):
    permission: ClassVar[str] = PERMISSION
    template_name = "entitlements/seats/assign.html"
    title = "Assign seats"

    @cached_property
    def about(self) -> Feature:
        return self.feature(self.kwargs["feature"])

    @cached_property
    def found(self) -> SeatsOf:
        return seats_of(self.account, self.about, at=self.at)

    def form(self, *, data: Any = None) -> AssignForm:
        return AssignForm(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "back": seats_url(self.account, self.about.key),
            "part": head_of(self.found),
        }

    def act(self, form: AssignForm) -> HttpResponse:
        given = form.cleaned_data
        people, active = given["people"], given["state"] == ACTIVE
        if self.request.POST.get("step") != "do" or not given["seen"]:
            return self._looked_at(form, people, active=active)
        seats = assign_seats(
            account=self.account, feature=self.about, holders=people, active=active, reason=given["reason"],
            seen=given["seen"], by=self.by, at=self.at,
        )  # fmt: skip
        one = seats[0].name or seats[0].holder
        self.tell(f"{one} has a seat." if len(seats) == 1 else f"{len(seats):,} people have a seat.")
        return HttpResponseRedirect(self.came_from or seats_url(self.account, self.about.key))

    def _looked_at(self, form: AssignForm, people: Sequence[Holder], *, active: bool) -> HttpResponse:
        refuse_not_seats(self.about)
        refuse_closed(self.account, at=self.at)
        preview = self._preview(people, active=active)
        form.data = {**form.data.dict(), "seen": preview["token"]}  # type: ignore[attr-defined]  # what was posted
        return self.render_to_response(self.get_context_data(form=form, preview=preview))

    def _preview(self, people: Sequence[Holder], *, active: bool) -> dict[str, Any]:
        """Who gets a seat, who has one, and from whom on they don't fit."""
        wanted, free = once_each(people), self.found.free
        there = holders_seated(self.account, self.about, wanted)
        lines, given = [], 0
        for key, one in wanted.items():
            row = there.get(key)
            if row is not None:
                becomes = "active from now on" if active and row.state == SeatState.INVITED else row.state
                lines.append((one, f"has one already, {becomes}", "blue"))
                continue
            given += 1
            fits = free is UNLIMITED or given <= free
            lines.append((one, "gets a seat" if fits else "no seat left", "green" if fits else "red"))
        over = 0 if free is UNLIMITED else max(given - int(free), 0)
        return {
            "lines": lines[:MOST_SHOWN],
            "more": len(lines) - len(lines[:MOST_SHOWN]),
            "new": given,
            "already": len(there),
            "doubled": len(people) - len(wanted),
            "over": over,
            "token": token_of_seated(wanted, list(there.values()), free),
        }
