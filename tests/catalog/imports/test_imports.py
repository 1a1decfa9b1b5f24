"""Bringing a file: staged, checked, applied, undone, and every way in which it is refused."""

import pytest

from catalog.actions.import_jobs import conclude
from catalog.actions.imports import apply, check, discard, undo, upload
from catalog.actions.markets import create_market, edit_market
from catalog.models import FeatureGroup, ImportRun, Market
from catalog.models.import_run import Stage
from journal.actions.jobs import retry_failed, stop
from journal.actions.working import work_off
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent, Job
from tests.catalog.imports.bringing import MINUTE, applied, brought, outcomes, staged, undone, verdicts, wrong
from tests.conftest import AT

pytestmark = pytest.mark.django_db
MARKETS = 'key,name,countries\nbenelux,Benelux,"NL, BE"\nnordics,Nordics,"SE, NO"\n'


def market(key: str = "benelux", name: str = "Benelux", countries: tuple[str, ...] = ("NL", "BE")) -> Market:
    return create_market(key=key, name=name, countries=countries, by=SYSTEM, at=AT)


def renamed(row: Market, name: str) -> None:
    edit_market(market=row, name=name, countries=row.countries, seen=(row.name, row.countries), by=SYSTEM, at=AT)


def test_nothing_is_written_before_it_is_applied(finance: Actor) -> None:
    run = staged("markets", MARKETS, by=finance)
    assert verdicts(run) == ["new", "new"]
    assert not Market.objects.exists()
    assert not AuditEvent.objects.exists()


def test_it_is_written_through_the_actions_of_the_records(finance: Actor) -> None:
    run = brought("markets", MARKETS)
    assert run.stage == Stage.APPLIED
    assert sorted(Market.objects.values_list("key", flat=True)) == ["benelux", "nordics"]
    verbs = list(AuditEvent.objects.order_by("seq").values_list("verb", flat=True))
    assert verbs == ["job:start", "market:create", "market:create", "import:apply"]


def test_the_same_file_again_changes_nothing() -> None:
    brought("markets", MARKETS)
    run = staged("markets", MARKETS)
    assert verdicts(run) == ["same", "same"]
    with pytest.raises(Refusal, match="nothing to write"):
        apply(run=run, whole=True, by=SYSTEM, at=AT)


def test_a_difference_is_told_with_what_stands_there() -> None:
    market()
    row = staged("markets", 'key,name,countries\nbenelux,Low Countries,"NL, BE"\n').rows.get()
    assert row.verdict == "changed"
    assert (row.before["name"], row.after["name"]) == ("Benelux", "Low Countries")
    assert row.before["countries"] == row.after["countries"]


def test_a_column_that_the_file_lacks_stays_as_it_is() -> None:
    brought("markets", MARKETS)
    brought("markets", "key,name\nbenelux,Low Countries\n", at=AT + 5 * MINUTE)
    row = Market.objects.get(key="benelux")
    assert (row.name, row.countries) == ("Low Countries", ["BE", "NL"])


def test_a_new_record_needs_every_column_that_must_be_filled() -> None:
    assert wrong(staged("markets", "key,name\nbenelux,Benelux\n")) == ["It is new here, so it needs Countries."]


def test_a_record_that_is_missing_from_the_file_stays() -> None:
    market("iberia", "Iberia", ("ES", "PT"))
    brought("markets", MARKETS)
    assert Market.objects.count() == 3


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Benelux,Benelux,NL", "Key: “Benelux” is no key; use small letters"),
        (",Benelux,NL", "Key: this cell must be filled."),
        ("benelux,,NL", "Name: this cell must be filled."),
        ("benelux,Benelux,XX", "Countries: "),
        ("benelux,Bene\u200flux,NL", "Name: This cell holds an invisible character"),
        ("benelux,Benelux", "This row has 2 cells and the row of headings 3"),
    ],
)
def test_a_wrong_row_says_what_is_wrong(row: str, told: str) -> None:
    run = staged("markets", f"key,name,countries\n{row}\n")
    assert verdicts(run) == ["error"]
    assert told in wrong(run)[0]


def test_keys_that_differ_only_by_blanks_are_one_key() -> None:
    run = staged("markets", "key,name,countries\nnl,Holland,NL\n nl ,Netherlands,NL\n")
    assert verdicts(run) == ["new", "error"]
    assert wrong(run) == ["nl stands in row 2 already; keep one of the two."]


def test_with_a_wrong_row_nothing_is_written_unless_it_is_left_out_by_choice() -> None:
    run = staged("markets", MARKETS + "iberia,Iberia,XX\n")
    with pytest.raises(Refusal, match="1 row can't be imported"):
        apply(run=run, whole=True, by=SYSTEM, at=AT)
    run = applied(run, whole=False)
    assert run.summary == "2 rows written, 1 left out."
    assert outcomes(run) == ["written", "written", "left_out"]


def test_what_only_an_action_can_tell_is_told_before_anything_is_written() -> None:
    run = staged("groups", "key,name,parent\none,Storage,\ntwo,Storage,\n")
    assert verdicts(run) == ["new", "error"]
    assert wrong(run) == ["There is already a group called Storage. Choose another name."]
    assert not FeatureGroup.objects.exists()
    assert not AuditEvent.objects.exists()


def test_what_changed_since_the_preview_is_not_overwritten() -> None:
    row = market()
    run = staged("markets", "key,name\nbenelux,Low Countries\n")
    renamed(row, "Beneluxe")
    run = applied(run)
    assert run.stage == Stage.REFUSED
    assert "Someone has changed benelux (row 2) since you looked" in run.summary
    assert Market.objects.get().name == "Beneluxe"


def test_after_a_refusal_it_can_be_checked_again_and_applied() -> None:
    row = market()
    run = staged("markets", "key,name\nbenelux,Low Countries\n")
    renamed(row, "Beneluxe")
    run = applied(run)
    run = applied(check(run=run, mapping=run.mapping, by=SYSTEM, at=AT), at=AT + 9 * MINUTE)
    assert run.stage == Stage.APPLIED
    assert Market.objects.get().name == "Low Countries"


def test_of_two_imports_of_the_same_thing_the_second_is_refused() -> None:
    one, two = staged("markets", MARKETS), staged("markets", MARKETS.replace("Benelux", "Low Countries"))
    assert applied(one).stage == Stage.APPLIED
    assert applied(two, at=AT + 3 * MINUTE).stage == Stage.REFUSED
    assert Market.objects.get(key="benelux").name == "Benelux"


def test_one_by_one_only_the_row_that_moved_is_left_alone() -> None:
    row = market()
    run = staged("markets", MARKETS.replace("Benelux", "Low Countries") + "iberia,Iberia,XX\n")
    renamed(row, "Beneluxe")
    run = applied(run, whole=False)
    assert outcomes(run) == ["failed", "written", "left_out"]
    assert run.summary == "1 row written, 1 left out, 1 failed."


def test_two_who_press_at_once_start_it_once() -> None:
    run = staged("markets", MARKETS)
    apply(run=run, whole=True, by=SYSTEM, at=AT)
    with pytest.raises(Stale, match="being written"):
        apply(run=run, whole=True, by=SYSTEM, at=AT)
    assert Job.objects.count() == 1


def test_the_columns_of_the_same_headings_are_remembered() -> None:
    odd = "Kürzel,Titel,Länder\nnl,Netherlands,NL\n"
    staged("markets", odd, mapping={"key": 0, "name": 1, "countries": 2})
    assert upload(kind="markets", file_name="x", data=odd.encode(), by=SYSTEM, at=AT).mapping == {
        "key": 0,
        "name": 1,
        "countries": 2,
    }


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ({"name": 1}, "Say which column holds “Key”"),
        ({"key": 0, "name": 0}, "can't both be read from the same column"),
        ({"key": 0}, "at least one column besides"),
    ],
)
def test_columns_that_make_no_sense_are_refused(mapping: dict[str, int], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        staged("markets", MARKETS, mapping=mapping)


@pytest.mark.parametrize("mapping", [{"key": 0, "name": 7}, {"key": 0, "unheard_of": 1}])
def test_a_column_that_is_not_there_is_stale(mapping: dict[str, int]) -> None:
    with pytest.raises(Stale):
        staged("markets", MARKETS, mapping=mapping)


def test_a_file_that_can_not_be_read_is_refused_beside_the_file() -> None:
    with pytest.raises(Invalid) as refusal:
        upload(kind="markets", file_name="x.csv", data=b"%PDF-1.7", by=SYSTEM, at=AT)
    assert refusal.value.field == "file"
    assert not ImportRun.objects.exists()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Invalid, match="Choose what the file holds"):
        upload(kind="nonsense", file_name="x.csv", data=b"key\n", by=SYSTEM, at=AT)


def test_the_name_of_a_file_leads_nowhere() -> None:
    run = upload(kind="markets", file_name="..\\../etc/pass\u202ewd", data=MARKETS.encode(), by=SYSTEM, at=AT)
    assert run.file_name == "passwd"


def test_a_discarded_file_is_gone_and_can_not_be_applied() -> None:
    run = discard(run=staged("markets", MARKETS), by=SYSTEM, at=AT)
    assert not run.rows.exists()
    with pytest.raises(Stale, match="discarded"):
        apply(run=run, whole=True, by=SYSTEM, at=AT)


def test_only_those_who_may_import(sales: Actor) -> None:
    run = staged("markets", MARKETS)
    with pytest.raises(NotAllowed):
        upload(kind="markets", file_name="x", data=MARKETS.encode(), by=sales, at=AT)
    with pytest.raises(NotAllowed):
        check(run=run, mapping=run.mapping, by=sales, at=AT)
    for act in (discard, undo):
        with pytest.raises(NotAllowed):
            act(run=run, by=sales, at=AT)
    with pytest.raises(NotAllowed):
        apply(run=run, whole=True, by=sales, at=AT)


def test_an_undone_import_puts_back_what_stood_there() -> None:
    market()
    run = undone(brought("markets", "key,name\nbenelux,Low Countries\n"))
    assert Market.objects.get().name == "Benelux"
    assert (run.stage, run.summary) == (Stage.UNDONE, "1 row undone.")
    assert AuditEvent.objects.filter(verb="import:undo").exists()


def test_an_undo_tells_what_it_kept_and_why() -> None:
    run = brought("groups", "key,name,parent\ndata,Data,\nstorage,Storage,data\nother,Other,\n")
    brought("groups", "key,name\nother,Something else\n", at=AT + 3 * MINUTE)
    run = undone(run, at=AT + 9 * MINUTE)
    assert list(FeatureGroup.objects.values_list("key", flat=True)) == ["other"]
    assert [row.outcome_told for row in run.rows.all()] == ["Taken away", "Taken away", "Kept: it was edited since."]
    assert run.summary == "2 rows undone, 1 kept, each says why."


def test_what_cannot_be_taken_away_is_kept_with_the_reason() -> None:
    run = undone(brought("markets", MARKETS))
    assert outcomes(run) == ["kept", "kept"]
    assert "a market isn't taken away" in run.rows.first().outcome_told


def test_only_an_applied_import_can_be_undone() -> None:
    with pytest.raises(Stale):
        undo(run=staged("markets", MARKETS), by=SYSTEM, at=AT)


def test_an_old_job_that_is_tried_again_leaves_the_import_alone() -> None:
    row = market()
    run = staged("markets", "key,name\nbenelux,Low Countries\n")
    renamed(row, "Beneluxe")
    run = applied(run)
    check(run=run, mapping=run.mapping, by=SYSTEM, at=AT)
    retry_failed(job=run.job, by=SYSTEM, at=AT + 9 * MINUTE)
    work_off(at=AT + 9 * MINUTE)
    run.refresh_from_db()
    assert run.stage == Stage.CHECKED
    assert Market.objects.get().name == "Beneluxe"


def test_an_undo_that_was_stopped_tells_what_it_left() -> None:
    run = brought("markets", MARKETS)
    job = undo(run=run, by=SYSTEM, at=AT + 5 * MINUTE)
    with pytest.raises(Refusal, match="still at work"):
        conclude(run=run, by=SYSTEM, at=AT + 5 * MINUTE)
    stop(job=job, by=SYSTEM, at=AT + 5 * MINUTE)
    run = conclude(run=run, by=SYSTEM, at=AT + 6 * MINUTE)
    assert run.summary == "0 rows undone, 2 not looked at, because the work was stopped."
