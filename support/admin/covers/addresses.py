"""Where the pages about covers stand, below their list; the last part is the end of the address's name."""

from journal.admin.pages import Page
from support.admin.covers.end_page import EndPage, PriorityPage
from support.admin.covers.picking import PickPage
from support.admin.covers.request_page import RequestPage
from support.admin.covers.show_page import ShowPage
from support.admin.covers.write_pages import AmendPage, NewCoverPage, RenewPage

PAGES: tuple[tuple[str, type[Page], str], ...] = (
    ("new/", NewCoverPage, "_new"),
    ("pick/", PickPage, "_pick"),
    ("request/<int:approval>/", RequestPage, "_request"),
    ("<int:cover>/page/", ShowPage, ""),
    ("<int:cover>/amend/", AmendPage, "_amend"),
    ("<int:cover>/renew/", RenewPage, "_renew"),
    ("<int:cover>/end/", EndPage, "_end"),
    ("<int:cover>/priority/", PriorityPage, "_priority"),
)
