"""Where the pages about time and prepaid help stand, below the list of entries."""

from journal.admin.pages import Page
from support.admin.time.count_page import CountPage
from support.admin.time.entry_pages import CorrectPage, LeaveOutPage, WithdrawPage
from support.admin.time.ledger_pages import PrepaidCsvPage, PrepaidPage, PrepaidPaperPage

TIME: tuple[tuple[str, type[Page], str], ...] = (
    ("<int:entry>/withdraw/", WithdrawPage, "support_time_withdraw"),
    ("<int:entry>/leave-out/", LeaveOutPage, "support_time_leave_out"),
    ("<int:entry>/correct/", CorrectPage, "support_time_correct"),
    ("of/<str:key>/<str:feature>/", PrepaidPage, "support_prepaid"),
    ("of/<str:key>/<str:feature>/paper/", PrepaidPaperPage, "support_prepaid_paper"),
    ("of/<str:key>/<str:feature>/csv/", PrepaidCsvPage, "support_prepaid_csv"),
    ("of/<str:key>/<str:feature>/count/", CountPage, "support_time_count"),
)
