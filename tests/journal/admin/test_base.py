import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from journal.admin.base import DeskModelAdmin, RecordedModelAdmin, version_of
from journal.domain.refusal import Refusal
from journal.models import Notice, Staff
from tests.journal.admin.pages import url
from tests.journal.factories import NoticeFactory, StaffFactory
from tests.journal.parcels import Parcel

SITE = admin.site


class RemovableNotices(DeskModelAdmin):
    remove_permission = "journal.manage_staff"

    def removes_through(self, *, row, by, at):
        raise Refusal("It was told already.")


def request_of(method, **permissions):
    made = getattr(RequestFactory(), method)("/")
    made.user = StaffFactory(permissions=["journal.manage_staff", "journal.view_notice"])
    return made


def test_a_page_that_names_no_action_is_read_only(db):
    page, asked = DeskModelAdmin(Notice, SITE), request_of("get")
    assert page.has_view_permission(asked)
    assert not page.has_add_permission(asked)
    assert not page.has_change_permission(asked)
    assert not page.has_delete_permission(asked)
    assert "delete_selected" not in page.get_actions(asked)


def test_every_stock_way_to_write_is_closed(db):
    page, asked, notice = DeskModelAdmin(Notice, SITE), request_of("post"), NoticeFactory()
    with pytest.raises(PermissionDenied):
        page.save_model(asked, notice, None, change=True)
    with pytest.raises(PermissionDenied):
        page.save_model(asked, notice, None, change=False)
    with pytest.raises(PermissionDenied):
        page.delete_model(asked, notice)
    with pytest.raises(PermissionDenied):
        page.delete_queryset(asked, Notice.objects.all())
    page.save_related(asked, None, [], change=True)
    assert Notice.objects.count() == 1


def test_a_removal_goes_through_its_action(db):
    page, asked, notice = RemovableNotices(Notice, SITE), request_of("post"), NoticeFactory()
    assert page.has_delete_permission(asked)
    with pytest.raises(Refusal, match="told already"):
        page.delete_model(asked, notice)


def test_a_past_version_is_never_posted_back(parcels):
    page = RecordedModelAdmin(Parcel, SITE)
    with pytest.raises(PermissionDenied):
        page.history_form_view(request_of("post"), "1", "1")
    assert page.revert_disabled(request_of("get"))


def test_a_version_differs_as_soon_as_a_column_does(db):
    staff = StaffFactory()
    before = version_of(staff)
    staff.zone = "Asia/Tokyo"
    assert version_of(staff) != before
    assert version_of(staff, ignoring=("zone",)) == version_of(Staff.objects.get(), ignoring=("zone",))


def test_lists_show_25_rows_and_never_all(signed_in):
    for _ in range(30):
        NoticeFactory()
    page = signed_in("journal.view_notice").get(url("notice_changelist") + "?all=1")
    assert len(page.context["cl"].result_list) == 25


def test_pages_of_every_kind_are_closed_to_strangers(client, db):
    notice = NoticeFactory()
    for address in (url("notice_changelist"), url("notice_change", notice.pk), url("notice_history", notice.pk)):
        assert client.get(address).status_code == 302
