"""Where the pages about reviewing stand: beside the list of overrides."""

from django.urls import URLPattern, path

from entitlements.admin.review.queue_page import ReviewPage
from entitlements.admin.review.where_page import WherePage
from journal.admin.base import DeskModelAdmin


def review_addresses(model_admin: DeskModelAdmin) -> list[URLPattern]:
    site = model_admin.admin_site
    return [
        path("review/", site.admin_view(ReviewPage.as_view(model_admin=model_admin)), name="entitlements_review"),
        path("where/", site.admin_view(WherePage.as_view(model_admin=model_admin)), name="entitlements_where"),
    ]
