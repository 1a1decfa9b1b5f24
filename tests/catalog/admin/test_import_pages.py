"""The pages of an import, as finance walks through them; and what each refuses."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import ImportRun, Market
from catalog.models.import_run import Stage
from journal.actions.jobs import stop
from journal.actions.working import work_off
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent, Job
from tests.catalog.admin.conftest import SignIn
from tests.catalog.imports.bringing import applied, brought, staged
from tests.conftest import AT

MARKETS = 'key,name,countries\nbenelux,Benelux,"NL, BE"\nnordics,Nordics,"SE, NO"\n'
WRONG = "iberia,Iberia,XX\n"


def upload(desk: Client, content: str | bytes, *, kind: str = "markets", name: str = "markets.csv") -> object:
    data = content.encode() if isinstance(content, str) else content
    return desk.post(reverse("admin:catalog_import_new"), {"kind": kind, "file": SimpleUploadedFile(name, data)})


def columns(desk: Client, run: ImportRun, **columns: str) -> object:
    named = {"key": "0", "name": "1", "countries": "2"} | columns
    return desk.post(reverse("admin:catalog_import_columns", args=[run.pk]), named)


def step(desk: Client, run: ImportRun, name: str, **data: str) -> object:
    return desk.post(reverse("admin:catalog_import_step", args=[run.pk, name]), data, follow=True)


def page(desk: Client, run: ImportRun, query: str = "") -> str:
    return desk.get(reverse("admin:catalog_import", args=[run.pk]) + query).content.decode()


def test_finance_walks_from_the_file_to_the_result(finance_desk: Client) -> None:
    answer = upload(finance_desk, MARKETS)
    run = ImportRun.objects.get()
    assert answer.headers["Location"] == reverse("admin:catalog_import_columns", args=[run.pk])
    assert "2 rows in markets.csv" in finance_desk.get(answer.headers["Location"]).content.decode()
    columns(finance_desk, run)
    assert "Write 2 rows" in page(finance_desk, run)
    step(finance_desk, run, "apply")
    assert "You may close this page" in page(finance_desk, run)
    work_off(at=AT)
    assert "2 rows written." in page(finance_desk, run)
    assert Market.objects.count() == 2


def test_the_caps_are_told_before_anything_is_chosen(finance_desk: Client) -> None:
    shown = finance_desk.get(reverse("admin:catalog_import_new")).content.decode()
    assert "At most 5 MB, 20,000 rows, 200 columns" in shown


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"%PDF-1.7", "a PDF document"),
        (b"x" * 5_000_001, "larger than 5 MB"),
        (b"x" * 12_000_000, "larger than 5 MB"),
        (b"", "The submitted file is empty"),
        (b"key,key\n1,2\n", "Two columns are called"),
    ],
)
def test_a_file_that_is_refused_is_told_beside_the_field(content: bytes, told: str, finance_desk: Client) -> None:
    answer = upload(finance_desk, content)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_no_file_at_all_is_asked_for(finance_desk: Client) -> None:
    answer = finance_desk.post(reverse("admin:catalog_import_new"), {"kind": "markets"})
    assert (answer.status_code, "This field is required" in answer.content.decode()) == (422, True)


def test_a_column_by_which_rows_are_found_must_be_named(finance_desk: Client) -> None:
    upload(finance_desk, MARKETS)
    answer = columns(finance_desk, ImportRun.objects.get(), key="")
    assert answer.status_code == 422
    assert "Say which column holds “Key”" in answer.content.decode()


def test_only_the_columns_that_are_in_doubt_stand_open(finance_desk: Client) -> None:
    address = upload(finance_desk, "Key,Name,Lands\neurope,Europe,NL\n").headers["Location"]
    form = finance_desk.get(address).context["form"]
    names = [[field.name for field in part] for part in (form.sure, form.unsure)]
    assert names == [["key", "name"], ["countries"]]


def test_where_every_heading_is_ours_none_stands_open(finance_desk: Client) -> None:
    page = finance_desk.get(upload(finance_desk, MARKETS).headers["Location"])
    assert not page.context["form"].unsure
    assert "Every column was found by its heading" in page.content.decode()


def test_the_same_file_again_is_said(finance_desk: Client) -> None:
    brought("markets", MARKETS)
    answer = upload(finance_desk, MARKETS)
    assert "This very file was imported before" in finance_desk.get(answer.headers["Location"]).content.decode()


def test_differences_stand_side_by_side(finance_desk: Client) -> None:
    brought("markets", MARKETS)
    run = staged("markets", "key,name\nbenelux,<b>Low</b>\n")
    shown = page(finance_desk, run, "?show=changed")
    assert '<s>Benelux</s> → <span class="import-after">&lt;b&gt;Low&lt;/b&gt;</span>' in shown


def test_wrong_rows_are_shown_first_and_leave_a_choice(finance_desk: Client) -> None:
    run = staged("markets", MARKETS + WRONG)
    shown = page(finance_desk, run)
    assert "1 row can’t be imported." in shown
    assert "Countries: " in shown
    assert "can&#x27;t be imported as they stand" in step(finance_desk, run, "apply", whole="yes").content.decode()
    step(finance_desk, run, "apply", whole="no")
    work_off(at=AT)
    assert "1 left out" in page(finance_desk, run)


def test_the_file_comes_back_with_what_is_wrong_beside_each_row(finance_desk: Client) -> None:
    run = staged("markets", MARKETS + WRONG)
    answer = finance_desk.get(reverse("admin:catalog_import_file", args=[run.pk, "csv"]))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "key,name,countries,What is wrong"
    assert lines[1].endswith(",")
    assert "Countries: " in lines[3]


def test_many_rows_come_in_pages(finance_desk: Client) -> None:
    run = staged("markets", "key,name,countries\n" + "".join(f"m{n},Market {n},NL\n" for n in range(60)))
    assert page(finance_desk, run).count('class="import-key"') == 25
    assert "m59" in page(finance_desk, run, "?show=new&page=3")
    assert "m59" in page(finance_desk, run, "?show=nonsense&page=99")


def test_nothing_to_write_says_so(finance_desk: Client) -> None:
    brought("markets", MARKETS)
    shown = page(finance_desk, staged("markets", MARKETS))
    assert "The catalog says all of this already." in shown
    assert "Write 0" not in shown


def test_an_import_is_undone_from_its_page(finance_desk: Client) -> None:
    brought("markets", MARKETS)
    run = brought("markets", "key,name\nbenelux,Low Countries\n")
    assert "Undo this import" in page(finance_desk, run)
    step(finance_desk, run, "undo")
    work_off(at=AT)
    assert "1 row undone." in page(finance_desk, run)
    assert Market.objects.get(key="benelux").name == "Benelux"


def test_an_import_whose_work_was_stopped_can_be_concluded(finance_desk: Client) -> None:
    run = staged("markets", MARKETS)
    step(finance_desk, run, "apply")
    stop(job=Job.objects.get(), by=SYSTEM, at=AT)
    assert "The work was stopped before its end." in page(finance_desk, run)
    step(finance_desk, run, "conclude")
    run.refresh_from_db()
    assert (run.stage, run.summary[:20]) == (Stage.REFUSED, "Nothing was written.")


def test_a_file_can_be_discarded_and_checked_again(finance_desk: Client) -> None:
    run = staged("markets", MARKETS)
    assert "Every row was checked again" in step(finance_desk, run, "check").content.decode()
    assert "Nothing was written" in step(finance_desk, run, "discard").content.decode()
    assert "by now" in step(finance_desk, run, "apply").content.decode()


@pytest.mark.parametrize("name", ["nonsense", "get"])
def test_an_unknown_step_is_not_found(name: str, finance_desk: Client) -> None:
    run = staged("markets", MARKETS)
    assert step(finance_desk, run, name).status_code == 404


def test_sales_read_and_never_import_the_catalog(sign_in: SignIn) -> None:
    desk, run = sign_in("sales"), staged("markets", MARKETS)
    assert "Write 2 rows</button>" not in page(desk, run)
    assert step(desk, run, "apply").status_code == 403
    assert upload(desk, MARKETS).status_code == 422  # they may bring accounts, and nothing of the catalog
    assert ImportRun.objects.count() == 1
    assert columns(desk, run).status_code == 403


def test_the_list_tells_who_brought_what_and_what_came_of_it(finance_desk: Client) -> None:
    applied(staged("markets", MARKETS))
    shown = finance_desk.get(reverse("admin:catalog_importrun_changelist")).content.decode()
    for words in ("markets.csv", "Markets", "The desk", "Written", "2 rows written.", "Import a file"):
        assert words in shown


def test_an_export_is_downloaded_and_remembered(finance_desk: Client) -> None:
    brought("markets", MARKETS)
    answer = finance_desk.post(reverse("admin:catalog_export_file", args=["markets", "csv"]))
    assert answer.content.decode("utf-8-sig").splitlines()[1] == 'benelux,Benelux,"BE, NL"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''Markets%20")
    event = AuditEvent.objects.get(verb="catalog:export")
    assert event.subject_label == "Markets, 2 rows as CSV"


def test_a_workbook_is_one(finance_desk: Client) -> None:
    answer = finance_desk.post(reverse("admin:catalog_export_file", args=["markets", "xlsx"]))
    assert io.BytesIO(answer.content).read(2) == b"PK"


@pytest.mark.parametrize(("kind", "form"), [("nonsense", "csv"), ("markets", "pdf")])
def test_what_there_is_no_export_of_is_not_found(kind: str, form: str, finance_desk: Client) -> None:
    assert finance_desk.post(reverse("admin:catalog_export_file", args=[kind, form])).status_code == 404
    assert finance_desk.get(reverse("admin:catalog_import_template", args=[kind, form])).status_code == 404


def test_support_exports_nothing(support_desk: Client) -> None:
    assert support_desk.get(reverse("admin:catalog_exports")).status_code == 403
    assert support_desk.post(reverse("admin:catalog_export_file", args=["markets", "csv"])).status_code == 403


def test_support_brings_equipment_and_finds_its_template(support_desk: Client) -> None:
    shown = support_desk.get(reverse("admin:catalog_import_new")).content.decode()
    assert ">Equipment</option>" in shown
    assert ">Accounts</option>" not in shown
    assert support_desk.get(reverse("admin:catalog_import_template", args=["assets", "csv"])).status_code == 200
    assert support_desk.get(reverse("admin:catalog_import_template", args=["markets", "csv"])).status_code == 403
    listed = support_desk.get(reverse("admin:catalog_importrun_changelist")).content.decode()
    assert "Import a file" in listed
    assert "Export the catalog" not in listed
