"""Where the pages about an account's counters, reservations and limits stand, below the account's own address."""

from entitlements.admin.counters.counter_pages import CounterPage, CountersPage
from entitlements.admin.counters.limit_pages import LimitLiftPage, LimitSetPage, LimitsPage
from entitlements.admin.counters.reservation_pages import ReleasePage, ReservationsPage
from entitlements.admin.counters.reset_page import ResetPage
from entitlements.admin.pages import AccountPage

COUNTERS: tuple[tuple[str, type[AccountPage], str], ...] = (
    ("counters/", CountersPage, "account_counters"),
    ("counters/<int:counter>/", CounterPage, "account_counter"),
    ("counters/<int:counter>/reset/", ResetPage, "usage_reset"),
    ("reservations/", ReservationsPage, "account_reservations"),
    ("reservations/<int:reservation>/release/", ReleasePage, "reservation_release"),
    ("limits/", LimitsPage, "subject_limits"),
    ("limits/set/", LimitSetPage, "subject_limit_set"),
    ("limits/<int:limit>/lift/", LimitLiftPage, "subject_limit_lift"),
)
