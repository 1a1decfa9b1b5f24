"""What has to be written, and what somebody changed there since."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from desk.domain.crm.outgoing import (
    COMPANY,
    COMPANY_FIELDS,
    ENTITLEMENT_FIELDS,
    Outgoing,
    Sort,
    fitted,
    plain,
)
from desk.domain.crm.sent import Sent, changed_there, read_sent, stale, texts, to_write

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def company(key: str = "acme", **fields: Any) -> Outgoing:
    told = {"account_key": key, "plan": "Team", "written_at": AT} | fields
    return Outgoing(COMPANY, key, "001", fitted(COMPANY_FIELDS, told))


def record(feature: str = "calls", key: str = "acme", **fields: Any) -> Outgoing:
    told = {"key": f"{key}.{feature}", "name": feature.title(), "granted": True, "written_at": AT} | fields
    return Outgoing(feature, f"{key}.{feature}", "001", fitted(ENTITLEMENT_FIELDS, told))


def parts(*rows: Outgoing) -> dict[str, Outgoing]:
    return {one.part: one for one in rows}


def sent(*rows: Outgoing) -> Sent:
    found = Sent()
    for one in rows:
        found = found.after(one)
    return found


def written(wanted: Mapping[str, Outgoing], before: Sent, **more: Any) -> list[tuple[str, bool]]:
    return [(one.name, one.removed) for one in to_write(wanted, before, company="001", **more)]


def test_at_first_everything_the_company_before_its_entitlements() -> None:
    assert written(parts(record("seats"), record("calls"), company()), Sent()) == [
        (COMPANY, False), ("acme.calls", False), ("acme.seats", False),
    ]  # fmt: skip


def test_what_says_the_same_is_not_written_again() -> None:
    assert written(parts(company(), record()), sent(company(), record())) == []


def test_another_moment_of_writing_is_no_news() -> None:
    assert written(parts(company(written_at=LATER), record(written_at=LATER)), sent(company(), record())) == []


def test_only_what_differs_is_written() -> None:
    assert written(parts(company(), record(), record("seats")), sent(company(), record(granted=False))) == [
        ("acme.calls", False), ("acme.seats", False),
    ]  # fmt: skip


def test_another_company_there_is_another_record() -> None:
    moved = Outgoing("calls", "acme.calls", "002", record().fields)
    assert moved.digest != record().digest


def test_what_is_wanted_no_more_is_removed_last() -> None:
    before = sent(company(), record(), record("seats"))
    assert written(parts(company(plan="Pro"), record("calls")), before) == [(COMPANY, False), ("acme.seats", True)]
    removal = to_write(parts(company(), record("calls")), before, company="001")[0]
    assert (removal.part, removal.key, removal.company, removal.digest) == ("seats", "acme.seats", "001", "")


def test_another_account_removes_the_former_ones_records_and_writes_its_own() -> None:
    before = sent(company(), record())
    assert written(parts(company("beta"), record(key="beta")), before) == [
        (COMPANY, False), ("beta.calls", False), ("acme.calls", True),
    ]  # fmt: skip


def test_records_that_another_company_has_now_are_left_alone() -> None:
    before, wanted = sent(company(), record()), parts(company("beta"))
    assert written(wanted, before, others={"acme"}) == [(COMPANY, False)]
    assert stale(wanted, before) == {"acme.calls"}


def test_a_company_without_an_account_loses_what_was_written() -> None:
    assert written({}, sent(company(), record())) == [("acme.calls", True)]


def test_removed_it_is_forgotten() -> None:
    removal = Outgoing("calls", "acme.calls", "001", removed=True)
    after = sent(company(), record()).after(removal)
    assert (after.entitlements, after.accounts) == (frozenset(), frozenset())


def test_about_to_be_written_nobody_knows_what_it_says() -> None:
    before = sent(company(), record()).before(["acme.calls", "acme.seats"])
    assert written(parts(company(), record()), before) == [("acme.calls", False), ("acme.seats", True)]
    assert before.accounts == {"acme"}


def test_an_accounts_key_may_have_dots() -> None:
    assert sent(company("acme.nl"), record(key="acme.nl")).accounts == {"acme.nl"}


def test_what_was_refused_is_sent_again_once_it_says_something_else() -> None:
    before = Sent().after_refusal(record())
    assert written(parts(record()), before) == []
    assert written(parts(record(granted=False)), before) == [("acme.calls", False)]
    assert written(parts(record()), before.tried_anew()) == [("acme.calls", False)]


def test_once_it_was_taken_the_refusal_is_over() -> None:
    after = Sent().after_refusal(record()).after(record(granted=False))
    assert (after.refused, written(parts(record()), after)) == ({}, [("acme.calls", False)])


def test_a_removal_may_be_refused_too() -> None:
    before = sent(company(), record())
    removal = to_write(parts(company()), before, company="001")[0]
    assert written(parts(company()), before.after_refusal(removal)) == []


def test_forgotten_records_are_written_anew() -> None:
    before = sent(company(), record())
    assert written(parts(company(), record()), before.forgotten(COMPANY)) == [(COMPANY, False)]
    assert before.forgotten() == Sent()


def test_it_is_kept_and_read_again() -> None:
    before = sent(company(), record()).after_refusal(record("seats"))
    assert read_sent(json.loads(json.dumps(before.json))) == before
    assert (read_sent({}), Sent().json) == (Sent(), {})


# What somebody changed there -----------------------------------------------------------------------------------------
def there(**changed: str) -> dict[str, str]:
    return texts(company()) | {"written_at": AT.isoformat()} | changed


def fields(before: Sent, ours: Mapping[str, str]) -> list[str]:
    return [one.field for one in changed_there(before, ours)]


def test_our_own_writing_comes_back_as_nothing() -> None:
    assert fields(sent(company()), there()) == []


def test_a_field_that_somebody_changed_is_named_with_both_sides() -> None:
    (found,) = changed_there(sent(company()), there(plan="Enterprise"))
    assert (found.field, found.theirs, found.ours) == ("plan", "Enterprise", "Team")
    assert found.said == "Plan was changed there to “Enterprise”; the desk wrote “Team”."


def test_a_field_that_somebody_emptied() -> None:
    (found,) = changed_there(sent(company()), there(plan=""))
    assert found.said == "Plan was changed there to nothing; the desk wrote “Team”."


def test_what_was_read_before_the_last_writing_is_older_and_says_nothing() -> None:
    seen = there(plan="Free", written_at="2026-03-02T08:59:59Z")
    assert fields(sent(company()), seen) == []
    assert fields(sent(company()), seen | {"written_at": "2026-03-02T09:00:00.000+00:00"}) == ["plan"]


@pytest.mark.parametrize("moment", ["", "never", "2030-01-01T00:00:00Z"])
def test_whoever_changes_the_moment_too_hides_nothing(moment: str) -> None:
    assert fields(sent(company()), there(plan="Free", written_at=moment)) == ["plan"]


def test_a_field_that_wasnt_read_is_passed_over() -> None:
    assert fields(sent(company()), {"plan": "Team"}) == []
    assert fields(sent(company()), {}) == []


def test_before_anything_was_written_nothing_differs() -> None:
    assert fields(Sent(), there(plan="Enterprise")) == []


@pytest.mark.parametrize(
    ("field", "value", "spelled"),
    [
        ("open_overrides", 3, "3.0"),
        ("open_overrides", Decimal(30), "30.00"),
        ("covered", True, "True"),
        ("covered", None, "false"),
        ("covered", False, ""),
        ("trial_ends_on", date(2026, 3, 6), "2026-03-06T00:00:00.000Z"),
        ("upsell", "One\nTwo", "One\r\nTwo "),
        ("renews_on", None, ""),
    ],
)
def test_one_value_is_spelled_in_several_ways(field: str, value: Any, spelled: str) -> None:
    assert fields(sent(company(**{field: value})), there(**{field: spelled})) == []


@pytest.mark.parametrize(
    ("field", "value", "spelled"),
    [
        ("open_overrides", 3, "4"),
        ("open_overrides", 3, "many"),
        ("covered", True, "false"),
        ("trial_ends_on", date(2026, 3, 6), "2026-03-07"),
        ("overrides", "Storage: + 20 GB", "Storage: + 20 TB"),
    ],
)
def test_another_value_is_another_however_it_is_spelled(field: str, value: Any, spelled: str) -> None:
    assert fields(sent(company(**{field: value})), there(**{field: spelled})) == [field]


# What fields can hold ------------------------------------------------------------------------------------------------
def test_texts_are_cut_and_numbers_have_two_decimals_downwards() -> None:
    held = fitted(ENTITLEMENT_FIELDS, {"name": "x" * 90, "used": Decimal("9.999"), "limit": Decimal(10)})
    assert (len(str(held["name"])), str(held["name"])[-1]) == (80, "…")
    assert (held["used"], held["limit"]) == (Decimal("9.99"), Decimal(10))
    assert fitted(ENTITLEMENT_FIELDS, {"name": "x" * 80})["name"] == "x" * 80


def test_what_isnt_said_is_emptied_and_nothing_else_is_let_in() -> None:
    assert set(fitted(COMPANY_FIELDS, {})) == {one.name for one in COMPANY_FIELDS}
    assert fitted(COMPANY_FIELDS, {})["covered"] is False  # a box is ticked or not
    with pytest.raises(KeyError, match="no field 'colour'"):
        fitted(COMPANY_FIELDS, {"colour": "red"})


def test_moments_have_no_parts_of_a_second() -> None:
    held = fitted(COMPANY_FIELDS, {"written_at": AT.replace(microsecond=123)})
    assert held["written_at"] == AT


def test_one_number_written_in_two_ways_is_one() -> None:
    assert record(limit=Decimal("10.00")).digest == record(limit=Decimal(10)).digest
    assert record(limit=Decimal(10)).digest != record(limit=Decimal(11)).digest


def test_a_number_is_spelled_without_what_says_nothing() -> None:
    assert [plain(one) for one in (Decimal("10.00"), Decimal("1E+3"), Decimal("0.50"), 7)] == ["10", "1000", "0.5", "7"]


def test_entitlements_are_written_by_their_key_and_companies_by_their_id_there() -> None:
    assert [one.name for one in ENTITLEMENT_FIELDS if one.sort is Sort.KEY] == ["key"]
    assert [one.name for one in COMPANY_FIELDS if one.sort is Sort.KEY] == []


def test_every_field_says_what_it_is_for() -> None:
    for one in (*COMPANY_FIELDS, *ENTITLEMENT_FIELDS):
        assert one.help.endswith(".")
        assert 1 <= len(one.words) <= 40 < 255 >= len(one.help)


def test_a_record_that_somebody_removed_there_is_as_if_it_had_never_been_written() -> None:
    before = sent(company(), record(), record("seats"))
    after = before.after_asking(["acme.calls", "acme.seats"], ["acme.seats"], at=LATER)
    assert written(parts(company(), record(), record("seats")), after) == [("acme.calls", False)]
    assert read_sent(after.json) == after
    assert before.after_asking(["acme.calls"], ["acme.calls"], at=LATER).records == before.records


def test_it_is_known_when_the_crm_was_asked() -> None:
    assert not sent(record()).was_asked(since=AT)
    asked = sent(record()).after_asking(["acme.calls"], ["acme.calls"], at=LATER)
    assert asked.was_asked(since=AT)
    assert not asked.was_asked(since=LATER)


def test_of_what_was_being_sent_when_somebody_was_killed_nobody_asks() -> None:
    assert sent(company(), record(), record("seats")).before(["acme.calls"]).entitlements_known == {"acme.seats"}


def test_a_text_that_a_shorter_field_cut_is_the_same() -> None:
    assert fields(sent(company(plan="Team and Gold")), there(plan="Team and G…")) == []
    assert fields(sent(company(plan="Team and Gold")), there(plan="Team or G…")) == ["plan"]
    assert fields(sent(company(plan="Team")), there(plan="…")) == ["plan"]
