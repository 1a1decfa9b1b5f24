"""Where the pages about calendars and holidays stand, below their lists."""

from journal.admin.pages import Page
from support.admin.calendars.edit_pages import EditPage, NamePage, NewPage
from support.admin.calendars.holiday_pages import AddPage, HolidaysPage, ImportPage, RecomputePage, WithdrawPage
from support.admin.calendars.preview_page import PreviewPage
from support.admin.calendars.recompute_page import CalendarRecomputePage
from support.admin.calendars.show_page import ShowPage
from support.admin.calendars.version_pages import DropPage, RestorePage

CALENDARS: tuple[tuple[str, type[Page], str], ...] = (
    ("new/", NewPage, "support_calendar_new"),
    ("<slug:key>/page/", ShowPage, "support_calendar"),
    ("<slug:key>/edit/", EditPage, "support_calendar_edit"),
    ("<slug:key>/preview/", PreviewPage, "support_calendar_preview"),
    ("<slug:key>/name/", NamePage, "support_calendar_name"),
    ("<slug:key>/recompute/", CalendarRecomputePage, "support_calendar_recompute"),
    ("<slug:key>/drop/", DropPage, "support_calendar_drop"),
    ("<slug:key>/versions/<int:number>/restore/", RestorePage, "support_calendar_restore"),
)
HOLIDAYS: tuple[tuple[str, type[Page], str], ...] = (
    ("years/", HolidaysPage, "support_holidays"),
    ("import/", ImportPage, "support_holidays_import"),
    ("new/", AddPage, "support_holidays_new"),
    ("recompute/", RecomputePage, "support_holidays_recompute"),
    ("<int:holiday>/withdraw/", WithdrawPage, "support_holidays_withdraw"),
)
