"""Where the pages about policies stand, below their list; the last part is the end of the address's name."""

from django.views.generic import TemplateView

from support.admin.policies.edit_page import EditPage
from support.admin.policies.naming_pages import NewPage, RenamePage
from support.admin.policies.preview_page import PreviewPage
from support.admin.policies.promise_page import PromisePage
from support.admin.policies.restore_page import RestorePage
from support.admin.policies.show_page import ShowPage
from support.admin.policies.try_page import TryPage

PAGES: tuple[tuple[str, type[TemplateView], str], ...] = (
    ("new/", NewPage, "_new"),
    ("try/", TryPage, "_try"),
    ("promise/<str:key>/", PromisePage, "_promise"),
    ("tier/<str:tier>/", ShowPage, ""),
    ("tier/<str:tier>/edit/", EditPage, "_edit"),
    ("tier/<str:tier>/rename/", RenamePage, "_rename"),
    ("tier/<str:tier>/preview/", PreviewPage, "_preview"),
    ("tier/<str:tier>/restore/<int:number>/", RestorePage, "_restore"),
)
