"""Where the pages about cases stand, below their list."""

from journal.admin.pages import Page
from support.admin.cases.account_page import CaseAccountPage
from support.admin.cases.board_page import BoardPage
from support.admin.cases.case_page import CasePage, NotePage
from support.admin.cases.count_page import CountPage
from support.admin.cases.cover_page import ChooseCoverPage
from support.admin.cases.device_page import NameDevicePage
from support.admin.cases.open_page import OpenCasePage
from support.admin.cases.time_page import TimePage

CASES: tuple[tuple[str, type[Page], str], ...] = (
    ("board/", BoardPage, "support_board"),
    ("open/", OpenCasePage, "support_case_open"),
    ("<int:case>/", CasePage, "support_case"),
    ("<int:case>/note/", NotePage, "support_case_note"),
    ("<int:case>/count/", CountPage, "support_case_count"),
    ("<int:case>/account/", CaseAccountPage, "support_case_account"),
    ("<int:case>/cover/", ChooseCoverPage, "support_case_cover"),
    ("<int:case>/device/", NameDevicePage, "support_case_device"),
    ("<int:case>/time/", TimePage, "support_case_time"),
)
