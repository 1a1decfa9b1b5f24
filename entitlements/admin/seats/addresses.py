"""Where the pages about an account's seats stand, below the account's own address."""

from entitlements.admin.pages import AccountPage
from entitlements.admin.seats.assign_page import SeatAssignPage
from entitlements.admin.seats.pages import (
    SeatActivatePage,
    SeatListPage,
    SeatProtectPage,
    SeatReleasePage,
    SeatTransferPage,
)

SEATS: tuple[tuple[str, type[AccountPage], str], ...] = (
    ("seats/<str:feature>/", SeatListPage, "account_seats"),
    ("seats/<str:feature>/assign/", SeatAssignPage, "seat_assign"),
    ("seat/<int:seat>/activate/", SeatActivatePage, "seat_activate"),
    ("seat/<int:seat>/release/", SeatReleasePage, "seat_release"),
    ("seat/<int:seat>/protect/", SeatProtectPage, "seat_protect"),
    ("seat/<int:seat>/transfer/", SeatTransferPage, "seat_transfer"),
)
