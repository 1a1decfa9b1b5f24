"""The addresses of the pages that answer why, and how it was: below an account."""

from entitlements.admin.evidence.explain_page import ExplainPage, ExplainPickPage
from entitlements.admin.evidence.pack_pages import PackFile, PackMadePage, PackPage
from entitlements.admin.evidence.past_page import PastPage
from journal.admin.pages import Page

EVIDENCE: tuple[tuple[str, type[Page], str], ...] = (
    ("why/", ExplainPickPage, "account_explain"),
    ("why/<str:feature>/", ExplainPage, "account_explain"),
    ("past/", PastPage, "account_past"),
    ("dispute-pack/", PackPage, "account_pack"),
    ("dispute-pack/<uuid:event>/", PackMadePage, "account_pack_made"),
    ("dispute-pack/<uuid:event>/file/", PackFile, "account_pack_file"),
)
