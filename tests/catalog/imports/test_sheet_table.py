"""The plan sheet in and out: cells in canonical words, written into drafts only."""

import pytest

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.drafts import discard_draft
from catalog.models import Plan, PlanTerm, PlanVersion
from catalog.models.import_run import Stage
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.catalog.factories import MarketFactory, publish_now
from tests.catalog.imports.bringing import MINUTE, applied, brought, outcomes, staged, text_of, undone, verdicts, wrong
from tests.catalog.page import import_small_page
from tests.conftest import AT

pytestmark = pytest.mark.django_db
FREE, PRO = "1 GB a billing period", "8 GB a billing period, then $0.10 per GB"
HEAD = "Group,Feature key,Feature,Kind,Case,Free,Pro\n"


@pytest.fixture
def sheet(db: None) -> None:
    import_small_page(at=AT)
    for version in PlanVersion.objects.all():
        publish_now(version, at=AT)


def row(key: str, free: str, pro: str, *, case: str = "", group: str = "data") -> str:
    return f'{group},{key},,,{case},"{free}","{pro}"\n'


def cell(plan: str, feature: str) -> str:
    term = PlanTerm.objects.filter(version__plan__key=plan, feature__key=feature).order_by("version__number").last()
    return "" if term is None else f"{term.version} {term.state} {term.amount}"


def test_the_sheet_is_exported_with_a_column_for_each_plan(sheet: None) -> None:
    assert text_of("sheet").splitlines() == [
        "Group,Feature key,Feature,Kind,Case,Free,Pro",
        f'data,storage,Storage,Usage limit,,{FREE},"{PRO}"',
        "security,sso,SSO,Feature gate,,not included,on",
    ]


def test_a_changed_cell_goes_into_a_draft_that_is_opened_for_it(sheet: None) -> None:
    run = staged("sheet", HEAD + row("storage", "2 GB", PRO))
    assert (run.changed, run.same) == (1, 0)
    run = applied(run)
    assert run.stage == Stage.APPLIED
    assert cell("free", "storage") == "Free v2 value 2000000000"
    assert PlanVersion.objects.filter(plan__key="pro").count() == 1
    assert AuditEvent.objects.filter(verb="plan_version:write_cells").count() == 1


def test_the_same_sheet_in_other_words_changes_nothing(sheet: None) -> None:
    run = staged(
        "sheet",
        HEAD
        + row("storage", "1GB per billing period", "8GB a billing period; then $0.1 per GB")
        + row("sso", "–", "✓", group="security"),
    )
    assert verdicts(run) == ["same", "same"]


def test_a_published_version_is_never_touched(sheet: None) -> None:
    before = list(PlanTerm.objects.filter(version__number=1).values())
    brought("sheet", HEAD + row("storage", "2 GB", "Unlimited"))
    assert list(PlanTerm.objects.filter(version__number=1).values()) == before


def test_an_empty_cell_clears_what_the_plan_says(sheet: None) -> None:
    brought("sheet", HEAD + row("sso", "no", "", group="security"))
    assert not PlanTerm.objects.filter(version__plan__key="pro", version__number=2, feature__key="sso").exists()


def test_a_plan_without_a_column_is_left_alone(sheet: None) -> None:
    brought("sheet", "Feature key,Group,Case,pro\nstorage,data,,9 GB\n")
    assert cell("pro", "storage") == "Pro v2 value 9000000000"
    assert cell("free", "storage").startswith("Free v1")


def test_a_case_and_a_group_have_rows_of_their_own(sheet: None) -> None:
    MarketFactory(key="eu", name="Europe")
    run = brought("sheet", HEAD + row("storage", "", "20 GB", case="in europe") + row("", "no", "", group="data"))
    assert run.stage == Stage.APPLIED, run.summary
    assert "data,,Data,Group,,not included,\n" in text_of("sheet")
    assert "data,storage,Storage,Usage limit,In Europe,,20 GB\n" in text_of("sheet")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (row("storage", "10 apples", "no"), "Free: "),
        (row("storage", "1e9", "no"), "Free: "),
        (row("storage", "=1+1", "no"), "looks like a formula"),
        (row("storage", "9" * 40 + " GB", "no"), "Free: "),
        (row("sso", "maybe", "yes", group="security"), "Free: "),
        (row("sso", "no", "yes", group="data"), "stands in the group security, not in data"),
        (row("unheard_of", "1 GB", ""), "there is no feature with the key unheard_of"),
        (row("storage", "1 GB", "", case="On Sundays"), "is no case"),
    ],
)
def test_a_wrong_cell_says_what_is_wrong(line: str, told: str, sheet: None) -> None:
    run = staged("sheet", HEAD + line)
    assert verdicts(run) == ["error"]
    assert told in wrong(run)[0]


def test_a_draft_that_changed_since_the_preview_is_not_overwritten(sheet: None) -> None:
    brought("sheet", HEAD + row("storage", "2 GB", "9 GB"))
    run = staged("sheet", HEAD + row("storage", "3 GB", "9 GB"), at=AT + 5 * MINUTE)
    draft = PlanVersion.objects.get(plan__key="free", state="draft")
    sso = draft.terms.get(feature__key="sso").feature
    write_cells(writes=[CellWrite(draft, sso, "yes")], tokens={draft.pk: draft.edits}, by=SYSTEM, at=AT)
    run = applied(run, at=AT + 9 * MINUTE)
    assert run.stage == Stage.REFUSED
    assert "Someone has changed Free since you looked" in run.summary
    assert cell("free", "storage") == "Free v2 value 2000000000"


def test_an_undo_puts_the_former_words_back_into_the_draft(sheet: None) -> None:
    before = text_of("sheet")
    run = undone(brought("sheet", HEAD + row("storage", "2 GB", "9 GB") + row("sso", "yes", "yes", group="security")))
    assert outcomes(run) == ["undone", "undone"]
    assert text_of("sheet") == before


def test_an_undo_keeps_what_was_edited_since(sheet: None) -> None:
    run = brought("sheet", HEAD + row("storage", "2 GB", "9 GB") + row("sso", "yes", "yes", group="security"))
    brought("sheet", HEAD + row("storage", "5 GB", "9 GB"), at=AT + 5 * MINUTE)
    run = undone(run, at=AT + 15 * MINUTE)
    assert outcomes(run) == ["kept", "undone"]
    assert run.rows.first().outcome_told == "Kept: Free was edited since."


def test_an_undo_keeps_what_was_published_since(sheet: None) -> None:
    run = brought("sheet", HEAD + row("storage", "2 GB", PRO))
    publish_now(PlanVersion.objects.get(state="draft"), at=AT + 2 * MINUTE)
    run = undone(run, at=AT + 5 * MINUTE)
    assert outcomes(run) == ["kept"]
    assert "was published since" in run.rows.get().outcome_told


def test_an_undo_of_a_discarded_draft_finds_nothing_to_put_back(sheet: None) -> None:
    run = brought("sheet", HEAD + row("storage", "2 GB", PRO))
    draft = PlanVersion.objects.get(state="draft")
    discard_draft(version=draft, edits=draft.edits, by=SYSTEM, at=AT + 2 * MINUTE)
    assert outcomes(undone(run, at=AT + 5 * MINUTE)) == ["kept"]


def test_two_plans_of_one_name_are_told_apart_by_their_keys(sheet: None) -> None:
    Plan.objects.get(key="free")
    brought("plans", "Key,Name,Kind\nfree_2,Free,add-on\n")
    assert text_of("sheet").startswith("Group,Feature key,Feature,Kind,Case,Free (free),Pro,Free (free_2)\n")
