"""Where the pages about contracts stand, below the list of contracts."""

from entitlements.admin.contracts.announcing_page import AnnouncingPage
from entitlements.admin.contracts.draft_pages import AmendPage, DiscardPage, DraftPage, TermsPage
from entitlements.admin.contracts.ending_pages import EndEarlyPage, NoticeBackPage, NoticePage
from entitlements.admin.contracts.line_pages import FeatureLineAddPage, LineEditPage, LineRemovePage, PlanLineAddPage
from entitlements.admin.contracts.open_pages import OpenContractPage, RenamePage
from entitlements.admin.contracts.show_pages import PrintPage, ShowPage
from entitlements.admin.contracts.sign_page import SignPage
from entitlements.admin.pages import AccountPage

ONE = "<int:contract>"
CONTRACTS: tuple[tuple[str, type[AccountPage], str], ...] = (
    ("open/<str:key>/", OpenContractPage, "open"),
    (f"{ONE}/page/", ShowPage, "page"),
    (f"{ONE}/version/<int:number>/", PrintPage, "print"),
    (f"{ONE}/rename/", RenamePage, "rename"),
    (f"{ONE}/announce/", AnnouncingPage, "announce"),
    (f"{ONE}/amend/", AmendPage, "amend"),
    (f"{ONE}/draft/", DraftPage, "draft"),
    (f"{ONE}/draft/terms/", TermsPage, "terms"),
    (f"{ONE}/draft/plan/", PlanLineAddPage, "line_plan"),
    (f"{ONE}/draft/feature/", FeatureLineAddPage, "line_feature"),
    (f"{ONE}/draft/line/<int:line>/", LineEditPage, "line_edit"),
    (f"{ONE}/draft/line/<int:line>/remove/", LineRemovePage, "line_remove"),
    (f"{ONE}/draft/sign/", SignPage, "sign"),
    (f"{ONE}/draft/discard/", DiscardPage, "discard"),
    (f"{ONE}/notice/", NoticePage, "notice"),
    (f"{ONE}/notice/back/", NoticeBackPage, "notice_back"),
    (f"{ONE}/end/", EndEarlyPage, "end"),
)
