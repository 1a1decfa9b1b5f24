"""Work and visits over HTTP: the happy paths first, then each refusal."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from journal.models import AuditEvent
from support.actions.work.planning import plan_visits
from support.models import Asset, Visit, WorkItem
from tests.conftest import AT
from tests.support.api.cases.calling import Caller
from tests.support.factories import CaseFactory
from tests.support.worked import EURO, a_pump, maintained, warranted

pytestmark = pytest.mark.django_db
AUTHORISED, WORK, VISITS = "/api/v1/authorised", "/api/v1/work", "/api/v1/visits"
RING = {
    "serial": "np 100", "kind": "parts", "description": "Seal ring", "amount_micros": 80 * EURO, "currency": "EUR",
    "id": "job-1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def pump(db: None) -> Asset:
    return a_pump()


@pytest.fixture
def caller(db: None) -> Caller:
    return Caller("work:read", "work:write")


@pytest.fixture
def visit(pump: Asset) -> Visit:
    plan_visits(maintained(pump.account), at=AT)
    return Visit.objects.get(number=1)


def refused(answer: Any) -> tuple[int, str, str | None]:
    body = answer.json()
    return answer.status_code, body["code"], next((one["field"] for one in body.get("errors", [])), None)


def test_before_dispatch_it_says_who_pays(caller: Caller, pump: Asset) -> None:
    maintained(pump.account, authorisation="Ask the plant manager.")
    warranty = warranted(pump)
    told = caller.get(AUTHORISED, serial="NP 100").json()
    assert (told["account"], told["device"]["serial"], told["device"]["location"]) == ("acme", "NP-100", "Plant North")
    assert (told["labour"]["borne_percent"], told["travel"]["customer_percent"]) == (100, 50)
    assert (told["parts"]["covered_by"], told["parts"]["customer_percent"]) == (f"warranty:{warranty.pk}", 0)
    assert told["authorisation"] == "Ask the plant manager."
    assert told["warranties"] == [
        {"name": "Maker’s warranty", "through_on": "2027-12-31", "in_force": True, "standing": "In force"}
    ]


def test_of_an_account_and_of_another_moment(caller: Caller, pump: Asset) -> None:
    maintained(pump.account)
    told = caller.get(AUTHORISED, account="acme", at="2027-06-01T00:00:00Z").json()
    assert told["device"] is None
    assert told["labour"]["customer_percent"] == 100
    assert "31 December 2026" in told["labour"]["why"]


def test_visits_left_are_told(caller: Caller, visit: Visit) -> None:
    told = caller.get(AUTHORISED, account="acme").json()
    assert told["visits_left"] == 2
    (line,) = told["visits"]
    assert (line["included"], line["done"], line["next"]["number"]) == (2, 0, visit.pk)


def test_work_is_recorded_once(caller: Caller, pump: Asset) -> None:
    case = CaseFactory(account=pump.account)
    answers = [caller.post(WORK, {**RING, "case": case.number}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    told = answers[0].json()
    assert told == answers[1].json()
    assert (told["billing"], told["customer_micros"], told["serial"]) == ("open", 80 * EURO, "NP-100")
    assert (told["case"], told["done_by"]) == (case.number, "Help desk")
    assert WorkItem.objects.count() == AuditEvent.objects.filter(verb="work:record").count() == 1


def test_under_an_idempotency_key_it_is_recorded_once(caller: Caller, pump: Asset) -> None:
    body = {**RING, "id": ""}
    told = [caller.post(WORK, body, **{"Idempotency-Key": '"k-1"'}).json()["number"] for _ in range(2)]
    assert told[0] == told[1]


def test_a_list_is_narrowed_and_led_on(caller: Caller, pump: Asset) -> None:
    for number in range(3):
        caller.post(WORK, {**RING, "id": f"job-{number}"})
    page = caller.get(WORK, account="acme", billing="open", most=2).json()
    assert len(page["work"]) == 2
    assert len(caller.get(WORK, account="acme", after=page["next"]).json()["work"]) == 1
    assert caller.get(WORK, billing="covered").json() == {"work": [], "next": None}
    assert len(caller.get(WORK, serial="NP-100").json()["work"]) == 3


def test_a_visit_is_arranged_and_done(caller: Caller, visit: Visit) -> None:
    when = (AT + timedelta(days=3)).isoformat()
    told = caller.post(f"{VISITS}/{visit.pk}/schedule", {"scheduled_for": when, "technician": "Suki"}).json()
    assert (told["state"], told["technician"]) == ("scheduled", "Suki")
    used = [{"kind": "labour", "description": "Maintenance", "quantity": 60}]
    for _ in range(2):
        done = caller.post(f"{VISITS}/{visit.pk}/done", {"note": "Fine.", "used": used}).json()
    assert (done["state"], done["note"]) == ("done", "Fine.")
    assert WorkItem.objects.get().billing == "covered"
    listed = caller.get(VISITS, account="acme", state="planned").json()["visits"]
    assert [one["visit"] for one in listed] == [2]


def test_missed_and_cancelled(caller: Caller, visit: Visit) -> None:
    reason = {"reason": "Nobody opened."}
    assert caller.post(f"{VISITS}/{visit.pk}/missed", reason).json()["state"] == "missed"
    assert caller.post(f"{VISITS}/{visit.pk}/cancelled", reason).json()["state"] == "cancelled"
    assert refused(caller.post(f"{VISITS}/{visit.pk}/done", {})) == (409, "visit_settled", None)


def test_late_visits_alone(caller: Caller, visit: Visit) -> None:
    assert caller.get(VISITS, late="true").json()["visits"] == []
    with time_machine.travel(AT + timedelta(days=150), tick=False):
        (late,) = caller.get(VISITS, late="true").json()["visits"]
    assert late["late"] is True


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"quantity": 0}, (422, "invalid", "quantity")),
        ({"quantity": -1}, (422, "invalid", "quantity")),
        ({"currency": ""}, (422, "invalid", "currency")),
        ({"amount_micros": 5}, (422, "invalid", "amount_micros")),
        ({"done_at": "2099-01-01T00:00:00Z"}, (422, "from_the_future", "done_at")),
        ({"serial": "XX-1"}, (404, "not_found", "serial")),
        ({"serial": ""}, (422, "invalid", "account")),
        ({"account": "nobody"}, (404, "not_found", None)),
        ({"id": "visit:1:1"}, (422, "invalid", "name")),
        ({"case": "C-1"}, (404, "not_found", None)),
        ({"visit": 1}, (404, "not_found", None)),
    ],
)
def test_what_cannot_be_right_is_refused(
    caller: Caller, pump: Asset, more: dict[str, Any], expected: tuple[int, str, str | None]
) -> None:
    status, code, field = refused(caller.post(WORK, {**RING, **more}))
    assert (status, code) == expected[:2]
    assert expected[2] is None or str(field).rpartition(".")[2] == expected[2]
    assert not WorkItem.objects.exists()


def test_two_makers_count_alike(caller: Caller, pump: Asset) -> None:
    other = a_pump(pump.account, product="valve")
    assert refused(caller.get(AUTHORISED, serial="NP-100"))[:2] == (409, "several_devices")
    told = caller.get(AUTHORISED, serial="NP-100", product="valve").json()
    assert told["device"]["product"] == other.product.key


def test_authorisation_comes_first(caller: Caller, pump: Asset) -> None:
    maintained(pump.account, parts=100, authorisation="Ask the plant manager.")
    assert refused(caller.post(WORK, RING)) == (422, "authorisation_needed", "authorised_by")
    assert caller.post(WORK, {**RING, "authorised_by": "J. de Boer"}).status_code == 201


def test_another_name_for_other_work(caller: Caller, pump: Asset) -> None:
    caller.post(WORK, RING)
    assert refused(caller.post(WORK, {**RING, "quantity": 2}))[:2] == (422, "work_reused")


def test_outside_of_its_cover_there_is_no_visit(caller: Caller, visit: Visit) -> None:
    body = {"scheduled_for": "2027-06-01T09:00:00Z"}
    assert refused(caller.post(f"{VISITS}/{visit.pk}/schedule", body)) == (422, "out_of_cover", "scheduled_for")


def test_scopes(pump: Asset) -> None:
    reads, writes = Caller("work:read"), Caller("work:write")
    assert reads.post(WORK, RING).status_code == 403
    assert writes.get(WORK).status_code == 403
    assert reads.get(AUTHORISED, account="acme").status_code == 200
