"""What the sheet asks the desk while somebody works in it: write, read, open, look again, reorder."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.drafts import discard_draft, open_draft
from catalog.models import Plan, PlanTerm, PlanVersion
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    PlanFactory,
    PlanTermFactory,
    SeatsFactory,
    publish_now,
    published_version,
)

pytestmark = pytest.mark.django_db


def ask(client: Client, name: str, body: Any) -> HttpResponse:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(reverse(f"admin:catalog_sheet_{name}"), text, content_type="application/json")


def cell(term: PlanTerm, text: str, **other: Any) -> dict[str, Any]:
    subject = f"f{term.feature_id}" if term.feature_id else f"g{term.group_id}"
    return {"version": term.version_id, "subject": subject, "case": "", "text": text, **other}


def write(client: Client, *cells: dict[str, Any], edits: int = 0) -> HttpResponse:
    return ask(client, "write", {"writes": cells, "tokens": {str(c["version"]): edits for c in cells}})


@pytest.fixture
def term(db: None) -> PlanTerm:
    return PlanTermFactory(feature=SeatsFactory(name="Seats", key="seats"), amount=5, version__plan__name="Team")


def amounts() -> list[int | None]:
    return list(PlanTerm.objects.order_by("pk").values_list("amount", flat=True))


def test_a_cell_is_written_and_comes_back_drawn(finance_desk: Client, term: PlanTerm) -> None:
    response = write(finance_desk, cell(term, "25"))
    assert response.status_code == 200
    (drawn,) = response.json()["cells"]
    assert (drawn["plan"], drawn["subject"]) == (term.version.plan_id, f"f{term.feature_id}")
    assert 'data-text="25"' in drawn["html"]
    assert 'data-edits="1"' in response.json()["columns"][0]["html"]
    assert amounts() == [25]
    assert AuditEvent.objects.get().actor_name


def test_a_block_is_written_as_one_deed(finance_desk: Client, term: PlanTerm) -> None:
    other = PlanTermFactory(version=term.version)
    assert write(finance_desk, cell(term, "25"), cell(other, "no")).status_code == 200
    assert AuditEvent.objects.count() == 1


def test_an_empty_text_clears_the_cell(finance_desk: Client, term: PlanTerm) -> None:
    response = write(finance_desk, cell(term, ""))
    assert 'data-text=""' in response.json()["cells"][0]["html"]
    assert not PlanTerm.objects.exists()


def test_a_special_case_is_written_beside_the_general_one(finance_desk: Client, term: PlanTerm) -> None:
    response = write(finance_desk, cell(term, "3", case="trial~~"))
    assert [drawn["case"] for drawn in response.json()["cells"]] == ["", "trial~~"]
    assert PlanTerm.objects.get(phase="trial").amount == 3


def test_a_group_brings_its_features_back_with_it(finance_desk: Client) -> None:
    feature = FeatureFactory()
    term = PlanTermFactory(feature=None, group=feature.group, state="not_included")
    response = write(finance_desk, cell(term, "Included"))
    html = {drawn["subject"]: drawn["html"] for drawn in response.json()["cells"]}
    assert "is-inherited" in html[f"f{feature.pk}"]


def test_cells_that_can_not_be_read_are_named_and_nothing_is_written(finance_desk: Client, term: PlanTerm) -> None:
    others = [PlanTermFactory(version=term.version, feature=SeatsFactory(), amount=1) for _ in range(2)]
    response = write(finance_desk, cell(others[0], "7"), cell(term, "a few"), cell(others[1], "some"))
    assert response.status_code == 422
    assert response.headers["Content-Type"].startswith("application/problem+json")
    bad = response.json()["bad"]
    assert [each["index"] for each in bad] == [1, 2]
    assert "a few" in bad[0]["sentence"]
    assert amounts() == [5, 1, 1]


def test_an_old_token_is_told_who_was_faster(finance_desk: Client, term: PlanTerm, at: datetime) -> None:
    by_hand = CellWrite(term.version, term.feature, "8")
    write_cells(writes=[by_hand], tokens={term.version_id: 0}, by=SYSTEM, at=at)
    response = write(finance_desk, cell(term, "25"))
    assert response.status_code == 409
    problem = response.json()
    assert (problem["plans"], problem["gone"]) == ([term.version.plan_id], False)
    assert problem["edits"] == [{"who": SYSTEM.name, "when": "2 March 2026 10:00 (Amsterdam)", "said": "seats: 5 → 8"}]
    assert amounts() == [8]


def test_one_old_token_holds_the_whole_block_back(finance_desk: Client, term: PlanTerm) -> None:
    other = PlanTermFactory(feature=term.feature, amount=1)
    writes = [cell(term, "25"), cell(other, "30")]
    response = ask(finance_desk, "write", {"writes": writes, "tokens": {term.version_id: 0, other.version_id: 9}})
    assert response.status_code == 409
    assert response.json()["plans"] == [other.version.plan_id]
    assert amounts() == [5, 1]


def test_a_draft_that_was_published_meanwhile_is_gone(finance_desk: Client, term: PlanTerm) -> None:
    publish_now(term.version)
    response = write(finance_desk, cell(term, "25"))
    assert (response.status_code, response.json()["gone"]) == (409, True)
    assert "published it" in [edit["said"] for edit in response.json()["edits"]]


def test_a_draft_that_was_discarded_meanwhile_is_gone(finance_desk: Client, term: PlanTerm, at: datetime) -> None:
    asked = cell(term, "25")
    discard_draft(version=term.version, edits=0, by=SYSTEM, at=at)
    response = write(finance_desk, asked)
    assert (response.status_code, response.json()["gone"]) == (409, True)
    assert response.json()["plans"] == [term.version.plan_id]


def test_a_version_that_never_was_is_told_apart(finance_desk: Client, term: PlanTerm) -> None:
    assert write(finance_desk, cell(term, "1", version=987_654)).status_code == 409


def test_a_feature_that_is_gone_is_told(finance_desk: Client, term: PlanTerm) -> None:
    assert write(finance_desk, cell(term, "1", subject="f987654")).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{", {"writes": 1}, {"writes": [1]}, {"writes": [{}]}, {"writes": [], "tokens": []},
        {"writes": [], "tokens": {"x": 1}}, {"writes": [{"version": True}], "tokens": {}},
        {"writes": [{"version": "1" * 40}], "tokens": {}},
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_in_words(finance_desk: Client, body: Any) -> None:
    response = ask(finance_desk, "write", body)
    assert response.status_code in {409, 422}
    assert response.json()["detail"]


@pytest.mark.parametrize("case", ["trial", "nonsense~~", "~~decade", "a~b~c~d"])
def test_a_case_that_does_not_exist_is_refused(finance_desk: Client, term: PlanTerm, case: str) -> None:
    assert write(finance_desk, cell(term, "1", case=case)).status_code == 422
    assert amounts() == [5]


def test_a_market_that_does_not_exist_is_a_bad_cell(finance_desk: Client, term: PlanTerm) -> None:
    response = write(finance_desk, cell(term, "1", case="~atlantis~"))
    assert "atlantis" in response.json()["bad"][0]["sentence"]


def test_a_request_larger_than_any_sheet_is_refused(finance_desk: Client) -> None:
    assert ask(finance_desk, "write", "x" * 2_100_000).status_code == 422


@pytest.mark.parametrize("name", ["write", "draft", "order"])
def test_support_may_not_write(support_desk: Client, term: PlanTerm, name: str) -> None:
    response = ask(support_desk, name, {"writes": [cell(term, "9")], "tokens": {}, "plan": term.version.plan_id})
    assert response.status_code == 403
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert amounts() == [5]


@pytest.mark.parametrize("name", ["write", "read", "columns", "draft", "order"])
def test_nothing_is_asked_by_get(finance_desk: Client, name: str) -> None:
    assert finance_desk.get(reverse(f"admin:catalog_sheet_{name}")).status_code == 405


@pytest.mark.parametrize("name", ["write", "read", "columns", "draft", "order"])
def test_a_request_from_elsewhere_is_turned_away(finance_desk: Client, name: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = finance_desk.cookies
    assert ask(strict, name, {}).status_code == 403


def test_cells_are_read_without_being_written(support_desk: Client, term: PlanTerm) -> None:
    response = ask(support_desk, "read", {"cells": [cell(term, "2 Million"), cell(term, "lots")]})
    good, bad = response.json()["cells"]
    assert (good["words"], good["sentence"]) == ("2 Million; hard limit", "")
    assert "lots" in bad["sentence"]
    assert amounts() == [5]


def test_reading_takes_the_same_queries_for_a_whole_block(
    finance_desk: Client, term: PlanTerm, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        ask(finance_desk, "read", {"cells": [cell(term, str(number)) for number in range(200)]})


def test_columns_come_back_as_they_stand_now(support_desk: Client, term: PlanTerm) -> None:
    PlanTermFactory(feature=term.feature)
    response = ask(support_desk, "columns", {"plans": [term.version.plan_id]})
    assert [column["plan"] for column in response.json()["columns"]] == [term.version.plan_id]
    assert {drawn["plan"] for drawn in response.json()["cells"]} == {term.version.plan_id}


def test_a_draft_is_opened_and_its_column_comes_back(finance_desk: Client) -> None:
    version = published_version(feature=SeatsFactory(), amount=5)
    response = ask(finance_desk, "draft", {"plan": version.plan_id})
    draft = PlanVersion.objects.get(state="draft")
    head = response.json()["columns"][0]["html"]
    assert f'data-version="{draft.pk}"' in head
    assert "data-draft" in head
    assert reverse("admin:catalog_term_edit", args=[draft.pk, draft.terms.get().feature_id]) in "".join(
        drawn["html"] for drawn in response.json()["cells"]
    )


def test_a_draft_that_someone_opened_meanwhile_is_shown_before_it_is_written(
    finance_desk: Client, at: datetime
) -> None:
    plan = published_version().plan
    open_draft(plan=plan, by=SYSTEM, at=at)
    response = ask(finance_desk, "draft", {"plan": plan.pk})
    assert (response.status_code, response.json()["plans"]) == (409, [plan.pk])
    assert response.json()["edits"][0]["who"] == SYSTEM.name


@pytest.mark.parametrize(("plan", "status"), [(987_654, 404), ("x", 422), (None, 422)])
def test_a_plan_that_is_not_there_has_no_draft(finance_desk: Client, plan: object, status: int) -> None:
    assert ask(finance_desk, "draft", {"plan": plan}).status_code == status


def test_columns_are_put_in_another_order(finance_desk: Client) -> None:
    first, second = PlanFactory(), PlanFactory()
    response = ask(finance_desk, "order", {"was": [first.pk, second.pk], "plans": [second.pk, first.pk]})
    assert response.status_code == 200
    assert list(Plan.objects.values_list("pk", flat=True)) == [second.pk, first.pk]
    again = ask(finance_desk, "order", {"was": [first.pk, second.pk], "plans": [second.pk, first.pk]})
    assert again.status_code == 409


def step(client: Client, plan: object, by: str, query: str = "") -> HttpResponse:
    return client.post(reverse("admin:catalog_sheet_order"), {"plan": plan, "by": by, "query": query})


def test_the_menu_moves_a_column_without_any_script(finance_desk: Client) -> None:
    first, add_on, second = PlanFactory(), AddOnFactory(), PlanFactory()
    response = step(finance_desk, first.pk, "1", query="hide=pro&kind=plan")
    assert response.url == f"{reverse('admin:catalog_sheet')}?hide=pro&kind=plan"
    assert list(Plan.objects.values_list("pk", flat=True)) == [second.pk, add_on.pk, first.pk]


@pytest.mark.parametrize(("place", "by"), [(0, "-1"), (1, "1")])
def test_a_column_at_the_edge_stays(finance_desk: Client, place: int, by: str) -> None:
    plans = [PlanFactory().pk, PlanFactory().pk]
    assert step(finance_desk, plans[place], by).status_code == 302
    assert list(Plan.objects.values_list("pk", flat=True)) == plans


@pytest.mark.parametrize("plan", ["", "x", "987654", "9" * 30])
def test_a_column_that_is_gone_moves_nowhere(finance_desk: Client, plan: str) -> None:
    assert step(finance_desk, plan, "1", query="\r\nX: y").status_code == 302
