"""Where the pages about cases stand, below their list."""

from journal.admin.pages import Page
from support.admin.cases.account_page import CaseAccountPage
from support.admin.cases.board_page import BoardPage
from support.admin.cases.case_page import CasePage, NotePage
from support.admin.cases.open_page import OpenCasePage

CASES: tuple[tuple[str, type[Page], str], ...] = (
    ("board/", BoardPage, "support_board"),
    ("open/", OpenCasePage, "support_case_open"),
    ("<int:case>/", CasePage, "support_case"),
    ("<int:case>/note/", NotePage, "support_case_note"),
    ("<int:case>/account/", CaseAccountPage, "support_case_account"),
)
