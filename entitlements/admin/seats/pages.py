"""The seats of one feature: all of them as a list, and what is done with one."""

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from entitlements.actions.seats.holding import activate_seat, protect_seat, release_seat, transfer_seat
from entitlements.actions.seats.places import PERMISSION
from entitlements.admin.counters.slices import first_of, sliced
from entitlements.admin.pages import AccountFormPage, AccountPage, account_url
from entitlements.admin.seats.block import head_of, lines_of, seats_url
from entitlements.admin.seats.forms import SeatActForm, TransferForm
from entitlements.domain.seats import SeatState
from entitlements.models import Seat
from entitlements.queries.seats import listed_seats, seats_of, token_of_seat
from journal.admin.base import PAGE

VIEW_SEATS = "entitlements.view_seat"


class SeatListPage(AccountPage):
    """Everybody with a seat, or everybody who had one."""

    permission: ClassVar[str] = VIEW_SEATS
    template_name = "entitlements/seats/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked, feature = self.request.GET, self.feature(self.kwargs["feature"])
        text = asked.get("q", "").replace("\x00", "").strip()
        state = asked.get("state", "") if asked.get("state", "") in list(SeatState) else ""
        rows = listed_seats(
            self.account, feature, text=text, state=state, first=first_of(asked), most=PAGE + 1
        )  # fmt: skip
        page, found = sliced(self.request, rows), seats_of(self.account, feature, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.account.name}: {feature.name}, seats",
            "back": account_url(self.account, part="seats"),
            "part": head_of(found),
            "page": page,
            "lines": lines_of(page.rows, found),
            "typed": text,
            "state": state,
            "states": [("", "Invited and active"), *((one.value, one.value.capitalize()) for one in SeatState)],
            "may_assign": self.request.user.has_perm(PERMISSION),
        }


class SeatActPage(AccountFormPage):
    """Something done with one seat; it says what happens before it asks."""

    permission: ClassVar[str] = PERMISSION
    template_name = "entitlements/seats/act.html"
    button: ClassVar[str]
    danger: ClassVar[bool] = False

    @cached_property
    def seat(self) -> Seat:
        rows = Seat.objects.select_related("feature", "account", "activity")
        return get_object_or_404(rows, pk=self.kwargs["seat"], account=self.account)

    @property
    def who(self) -> str:
        return self.seat.name or self.seat.holder

    def form(self, *, data: Any = None) -> SeatActForm:
        return SeatActForm(data, initial={"seen": token_of_seat(self.seat)})

    def what_happens(self) -> str:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = seats_of(self.account, self.seat.feature, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "back": seats_url(self.account, self.seat.feature.key),
            "seat": self.seat,
            "line": lines_of([self.seat], found)[0],
            "what_happens": self.what_happens(),
            "button": self.button,
            "danger": self.danger,
        }

    def over(self, message: str) -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(self.came_from or seats_url(self.account, self.seat.feature.key))

    def told(self, form: SeatActForm) -> dict[str, Any]:
        given = form.cleaned_data
        return {"seat": self.seat, "reason": given["reason"], "seen": given["seen"], "by": self.by, "at": self.at}


class SeatActivatePage(SeatActPage):
    title = "Mark a seat as used"
    button = "Mark as used"

    def what_happens(self) -> str:
        return f"{self.who} was only invited. From now on the seat counts as used; the number taken stays the same."

    def act(self, form: SeatActForm) -> HttpResponse:
        row = activate_seat(**self.told(form))
        return self.over(f"The seat of {row.name or row.holder} is active.")


class SeatReleasePage(SeatActPage):
    title = "Release a seat"
    button = "Release the seat"
    danger = True

    def what_happens(self) -> str:
        return (
            f"{self.who} has no seat of {self.seat.feature} from this second on, and products that ask are told so. "
            "The place is free for somebody else; the same person may be assigned one again."
        )

    def act(self, form: SeatActForm) -> HttpResponse:
        row = release_seat(**self.told(form))
        return self.over(f"The seat of {row.name or row.holder} is released.")


class SeatProtectPage(SeatActPage):
    """Protected, or one among the others again: what it isn't yet."""

    @property
    def title(self) -> str:  # type: ignore[override]  # by the seat
        return "Protect a seat no longer" if self.seat.protected else "Protect a seat"

    @property
    def button(self) -> str:  # type: ignore[override]  # by the seat
        return "Protect it no longer" if self.seat.protected else "Protect the seat"

    def what_happens(self) -> str:
        if self.seat.protected:
            return f"Where there are too few seats, {self.who} may lose theirs like everybody else."
        return (
            f"Where more seats are taken than {self.account} has, {self.who} is the last to lose theirs. "
            "Protect few: the owner, an administrator."
        )

    def act(self, form: SeatActForm) -> HttpResponse:
        row = protect_seat(protected=not self.seat.protected, **self.told(form))
        words = "is protected" if row.protected else "is protected no longer"
        return self.over(f"The seat of {row.name or row.holder} {words}.")


class SeatTransferPage(SeatActPage):
    title = "Pass a seat on"
    button = "Pass the seat on"

    def form(self, *, data: Any = None) -> TransferForm:
        return TransferForm(data, initial={"seen": token_of_seat(self.seat)})

    def what_happens(self) -> str:
        return (
            f"{self.who} loses the seat and somebody else is invited to it, in one act, so that nobody takes the place "
            "in between. It is then the newest seat, and not protected."
        )

    def act(self, form: SeatActForm) -> HttpResponse:
        given = form.cleaned_data
        row = transfer_seat(holder=given["holder"], name=given["name"], **self.told(form))
        return self.over(f"{row.name or row.holder} has the seat now.")
