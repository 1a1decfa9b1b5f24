"""The command line: what it says, and that a file with mistakes leaves nothing behind."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Feature, Plan, PlanTerm
from journal.models import AuditEvent
from tests.catalog.page import FEATURES, PLANS, REAL, small_matrix

pytestmark = pytest.mark.django_db


def run(folder: Path, *options: str) -> str:
    told = StringIO()
    files = {"--matrix": "plan_matrix.csv", "--features": "features.csv", "--plans": "plans.csv"}
    arguments = [text for flag, name in files.items() for text in (flag, str(folder / name))]
    call_command("import_price_page", *arguments, *options, stdout=told)
    return told.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plan_matrix.csv").write_bytes(small_matrix())
    (tmp_path / "features.csv").write_bytes(FEATURES)
    (tmp_path / "plans.csv").write_bytes(PLANS)
    return tmp_path


def nothing_was_written() -> bool:
    return not (Feature.objects.exists() or Plan.objects.exists() or AuditEvent.objects.exists())


def test_the_real_page_is_imported_and_what_waits_is_listed() -> None:
    told = run(REAL)
    assert "Wrote 60 features and 240 cells." in told
    assert "19 cells wait for a person" in told
    assert "Free, Access controls: “Coming soon”" in told


def test_a_second_run_says_that_nothing_changed(folder: Path) -> None:
    run(folder)
    assert "Nothing changed" in run(folder)


def test_a_dry_run_tells_and_writes_nothing(folder: Path) -> None:
    assert "Would write 2 features and 4 cells." in run(folder, "--dry-run")
    assert nothing_was_written()


def test_a_feature_that_left_the_page_is_named_loudly(folder: Path) -> None:
    run(folder)
    (folder / "plan_matrix.csv").write_bytes(small_matrix().replace(b"Security,SSO,no,no,yes,\n", b""))
    told = run(folder, "--dry-run")
    assert "SSO is no longer on the page; its cells stay as they are." in told
    assert PlanTerm.objects.filter(feature__key="sso", state="value").exists()


def test_the_audit_names_the_member_of_staff_who_imports(folder: Path, django_user_model: type) -> None:
    django_user_model.objects.create_superuser("fatima", email="fatima@example.com", first_name="Fatima")
    run(folder, "--as", "FATIMA@example.com")
    assert set(AuditEvent.objects.values_list("actor_name", flat=True)) == {"Fatima"}


def test_a_stranger_can_not_import(folder: Path) -> None:
    with pytest.raises(CommandError, match="No active member of staff"):
        run(folder, "--as", "nobody@example.com")


def test_a_member_of_staff_without_the_right_is_refused(folder: Path, django_user_model: type) -> None:
    django_user_model.objects.create_user("sven", email="sven@example.com")
    with pytest.raises(CommandError, match="may not import catalog"):
        run(folder, "--as", "sven@example.com")
    assert nothing_was_written()


MALFORMED = {
    "text in a number": (small_matrix(free_storage="fifty"), "D2 (Free, Storage)"),
    "a formula": (small_matrix(pro_sso="=1+1"), "E3 (Pro, SSO)"),
    "an unknown plan": (small_matrix().replace(b"Free", b"Gratis", 1), "there is no plan called 'Gratis'"),
    "two columns alike": (small_matrix().replace(b"Free", b"Pro", 1), "Pro"),
    "an undeclared feature": (small_matrix().replace(b"SSO", b"Magic"), "'Magic' is not declared"),
    "a foreign unit": (small_matrix(free_storage="7 days"), "D2 (Free, Storage)"),
    "another encoding": (small_matrix().replace(b"Security", "Sécurité".encode("latin-1")), "UTF-8"),
    "a ragged row": (small_matrix() + b"Security,Extra\n", "4"),
    "far too much": (b"x" * 50_000_000, "larger than"),
}


@pytest.mark.parametrize("mistake", MALFORMED)
def test_a_malformed_page_leaves_nothing_behind(folder: Path, mistake: str) -> None:
    matrix, told = MALFORMED[mistake]
    (folder / "plan_matrix.csv").write_bytes(matrix)
    with pytest.raises(CommandError) as refused:
        run(folder)
    assert told in str(refused.value)
    assert nothing_was_written()


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    (folder / "plan_matrix.csv").write_bytes(small_matrix(free_storage="fifty", pro_sso="perhaps"))
    with pytest.raises(CommandError, match=r"(?s)D2.*E3"):
        run(folder)


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "plans.csv").unlink()
    with pytest.raises(CommandError, match=r"plans\.csv can't be read"):
        run(folder)


def test_no_term_is_left_without_its_plan(folder: Path) -> None:
    run(folder)
    assert PlanTerm.objects.count() == 4
