"""The evidence about a customer, drawn up, told to the audit, drawn up again, and checked."""

import csv
import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest

from entitlements.actions.accounts import set_standing
from entitlements.actions.dispute_packs import MadePack, make_pack
from entitlements.actions.merging import ask_to_merge
from entitlements.actions.overrides import revoke
from entitlements.domain.facts import Mode, Standing
from entitlements.evidence import sources
from entitlements.evidence.checking import check
from entitlements.evidence.drawing import DrawnOtherwise, drawn_again
from entitlements.evidence.packing import unpacked
from entitlements.evidence.sources import Source
from entitlements.models import Account
from journal.actions.audit import seal
from journal.actions.notices import tell
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed
from journal.models import AuditEvent
from tests.entitlements.factories import AnswerGivenFactory, overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed

pytestmark = pytest.mark.django_db
FILES = {
    "acts.csv", "answers_given.csv", "approvals.csv", "audit.json", "bought.csv", "changes.csv", "entitlements.csv",
    "notices.csv", "overrides.csv", "pack.html", "phases.csv", "terms.csv", "three_answers.csv",
}  # fmt: skip


@pytest.fixture
def world() -> Catalog:
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    """Team in a trial that lapses to Free on 6 March, 20 GB more since 25 February, sealed."""
    acme = account()
    subscribed(acme, world.team, trial_days=14)
    overridden(acme, world.storage, Mode.ADD, 20 * GB, at=AT - 5 * DAY, reason="=1+1")
    AnswerGivenFactory(account=acme, told="Shop", told_at=AT - 4 * DAY, answers={"storage": {"text": "120 GB"}})
    tell(
        recipient="bea@acme.example", subject="Your trial", body="It ends.", once_key="x", kind="t",
        account_key="acme", at=AT - DAY,
    )  # fmt: skip
    seal(at=AT - DAY)
    return acme


def made(acme: Account, by: Actor, **asked: Any) -> MadePack:
    usual = {"from_on": date(2026, 2, 1), "through_on": date(2026, 3, 31), "reason": "Ticket 7", "at": AT}
    return make_pack(account=acme, by=by, **{**usual, **asked})


def table(pack: MadePack, slug: str) -> list[dict[str, str]]:
    files, _ = unpacked(pack.pack.data)
    return list(csv.DictReader(io.StringIO(files[f"{slug}.csv"].decode("utf-8-sig"))))


def test_every_part_of_the_evidence_is_in_it(acme: Account, auditor: Actor) -> None:
    pack = made(acme, auditor)
    files, checksum = unpacked(pack.pack.data)
    assert files.keys() == FILES
    assert checksum == pack.pack.checksum


def test_what_befell_an_account_merged_into_it_is_in_it_and_marked(acme: Account, auditor: Actor) -> None:
    beta = account("beta")
    AnswerGivenFactory(account=beta, told="Shop", told_at=AT - DAY, answers={"storage": {"text": "none"}})
    ask_to_merge(duplicate=beta, into=acme, reason="One customer", by=SYSTEM, at=AT)
    pack = made(acme, auditor, moments=(AT - DAY,), at=AT + DAY)
    assert ("Shop, of Beta", "none") in {(row["Program"], row["Answer"]) for row in table(pack, "answers_given")}
    assert "none (Shop, of Beta, since" in str(table(pack, "three_answers"))
    assert sum("Beta" in str(row) for row in table(pack, "acts")) >= 2
    assert check(pack.pack.data).findings == ()


def test_that_it_was_drawn_up_stands_in_the_audit_with_its_sum(acme: Account, auditor: Actor) -> None:
    pack = made(acme, auditor)
    event = AuditEvent.objects.latest("seq")
    assert (event.verb, event.account_key, event.reason) == ("account:dispute_pack", "acme", "Ticket 7")
    assert event.actor_name == "Auditor Person"
    assert event.changes["checksum"] == [None, pack.pack.checksum]
    assert event.changes["upto"] == [None, event.seq - 1]


def test_what_they_had_bought_in_which_version_and_phase(acme: Account, auditor: Actor) -> None:
    pack = made(acme, auditor, at=AT + 10 * DAY)
    bought = [(row["What"], row["From"][:10], row["Until"][:10]) for row in table(pack, "bought")]
    assert bought == [("Team v1", "2026-02-20", "2026-03-06"), ("Free v1", "2026-03-06", "2026-03-12")]
    [trial] = table(pack, "phases")
    assert (trial["Phase"], trial["Until"]) == ("trial", "2026-03-06 10:00:00+01:00")


def test_what_they_were_entitled_to_stretch_by_stretch(acme: Account, auditor: Actor) -> None:
    rows = [row for row in table(made(acme, auditor, at=AT + 10 * DAY), "entitlements") if row["Feature"] == "storage"]
    assert [(row["Value"], row["From"][:10]) for row in rows] == [
        ("not included", "2026-02-01"),
        ("100 GB", "2026-02-20"),
        ("120 GB", "2026-02-25"),
        ("21 GB", "2026-03-06"),
    ]
    assert rows[2]["By what"].startswith("Team v1 gives 100 GB until 6 Mar 2026 10:00 → + 20 GB by override #")


def test_the_full_terms_of_each_version_they_had(acme: Account, auditor: Actor) -> None:
    rows = table(made(acme, auditor), "terms")
    assert [(row["Version"], row["Feature"], row["Says"]) for row in rows] == [
        ("Team v1", "storage", "100 GB"),
        ("Team v1", "seats", "10"),
        ("Team v1", "sso", "on"),
        ("Team v1", "tier", "Smart"),
    ]


def test_each_act_has_who_when_and_why_and_no_cell_starts_a_formula(acme: Account, auditor: Actor) -> None:
    acts = {row["What was done"]: row for row in table(made(acme, auditor), "acts")}
    asked = acts["Request approval"]
    assert (asked["Who"], asked["When"], asked["Why"]) == ("The desk", "2026-02-25 10:00:00+01:00", "'=1+1")
    assert (asked["In the period"], acts["Approve override"]["Who"]) == ("yes", "Finance Person")


def test_changes_notices_and_what_programs_were_told(acme: Account, auditor: Actor) -> None:
    pack = made(acme, auditor)
    change = next(row for row in table(pack, "changes") if row["After"] == "120 GB")
    assert (change["Before"], change["By"]) == ("100 GB", "Finance Person")
    assert [(row["To"], row["Text"]) for row in table(pack, "notices")] == [("bea@acme.example", "It ends.")]
    assert [(row["Program"], row["Answer"]) for row in table(pack, "answers_given")] == [("Shop", "120 GB")]


def test_what_a_program_was_told_again_is_listed_once(acme: Account, auditor: Actor) -> None:
    for days, seats in ((3, "10"), (2, "12"), (1, "12")):
        told = {"storage": {"text": "120 GB"}, "seats": {"text": seats}}
        AnswerGivenFactory(account=acme, told="Shop", told_at=AT - days * DAY, answers=told)
    rows = table(made(acme, auditor), "answers_given")
    assert [(row["Feature"], row["Answer"]) for row in rows] == [
        ("storage", "120 GB"),
        ("seats", "10"),
        ("seats", "12"),
    ]


def test_the_chosen_moments_are_answered_three_ways(acme: Account, auditor: Actor) -> None:
    rows = table(made(acme, auditor, moments=[AT - 3 * DAY]), "three_answers")
    storage = next(row for row in rows if row["Feature"] == "storage")
    assert len(rows) == 4
    assert (storage["Was true"], storage["Was believed"]) == ("120 GB", "120 GB")
    assert storage["Was answered"] == "120 GB (Shop, since 2026-02-26 10:00:00+01:00)"


def test_the_page_stands_by_itself_and_escapes_what_people_wrote(acme: Account, auditor: Actor) -> None:
    page = unpacked(made(acme, auditor, reason="<script>").pack.data)[0]["pack.html"].decode()
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "src=" not in page
    assert "Acme (acme)" in page


def test_the_acts_are_chained_and_sealed_in_it(acme: Account, auditor: Actor) -> None:
    chain = json.loads(unpacked(made(acme, auditor).pack.data)[0]["audit.json"])
    assert len(chain["events"]) == AuditEvent.objects.filter(account_key="acme").count() - 1
    assert [found["seq_to"] for found in chain["seals"]] == [chain["upto"]]


def test_the_same_facts_and_moment_give_the_same_bytes(acme: Account, auditor: Actor) -> None:
    first = made(acme, auditor)
    set_standing(account=account("other"), standing=Standing.SUSPENDED, reason="x", by=SYSTEM, at=AT)
    assert drawn_again(first.event).data == first.pack.data
    assert made(acme, auditor, at=AT + DAY).pack.checksum != first.pack.checksum


def test_what_would_now_say_something_else_is_refused(acme: Account, auditor: Actor) -> None:
    first = made(acme, auditor)
    revoke(override=acme.overrides.get(), reason="Fell through", by=SYSTEM, at=AT + DAY)
    with pytest.raises(DrawnOtherwise):
        drawn_again(first.event)


def test_what_others_count_is_a_table_of_its_own(acme: Account, auditor: Actor) -> None:
    counted = Source("usage", "Use", "By day.", ("Day", "Amount"), lambda account, *, window, upto: [("=1", "5")])
    sources.register(counted)
    try:
        assert table(made(acme, auditor), "usage") == [{"Day": "'=1", "Amount": "5"}]
    finally:
        sources.forget(counted)


def test_a_whole_pack_passes_the_check(acme: Account, auditor: Actor) -> None:
    pack = made(acme, auditor)
    checked = check(pack.pack.data)
    assert (checked.findings, checked.made, checked.checksum) == ((), pack.event, pack.pack.checksum)
    assert (checked.events, checked.seals) == (AuditEvent.objects.filter(account_key="acme").count() - 1, 1)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"through_on": date(2026, 1, 1)}, "through_on"),
        ({"from_on": date(2010, 1, 1)}, "from_on"),
        ({"from_on": date(2026, 3, 3)}, "from_on"),
        ({"moments": [AT + DAY]}, "moments"),
        ({"moments": [AT] * 11}, "moments"),
    ],
)
def test_what_cant_be_drawn_up_is_refused_by_field(acme: Account, auditor: Actor, asked: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        made(acme, auditor, **asked)
    assert refused.value.field == field
    assert not AuditEvent.objects.filter(verb="account:dispute_pack").exists()


def test_only_who_may_read_the_audit_and_customers_draws_one_up(
    acme: Account, sales: Actor, administrator: Actor
) -> None:
    for by in (sales, administrator):
        with pytest.raises(NotAllowed):
            made(acme, by)


def test_the_archive_bears_no_hour_of_its_own(acme: Account, auditor: Actor) -> None:
    with zipfile.ZipFile(io.BytesIO(made(acme, auditor).pack.data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 3, 2, 9, 0, 0)}
