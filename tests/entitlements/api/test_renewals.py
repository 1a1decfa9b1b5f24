"""What ends, over HTTP; and webhooks that tell when a task is opened and decided."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from entitlements.actions.renewals.deciding import mark_renewed
from entitlements.actions.renewals.sweeping import sweep_renewals
from entitlements.models import Renewal
from journal.actions.api_keys import issue
from journal.actions.webhooks.endpoints import set_up
from journal.domain.actor import SYSTEM
from journal.models import Outbound
from tests.conftest import actor
from tests.entitlements.ending import credits, customer, ending, renewing, task
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
ALL = "/api/v1/renewals"


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def program(*scopes: str) -> Client:
    until = timezone.now() + timedelta(days=30)
    told: dict[str, Any] = {"scopes": list(scopes or ["renewals:read"]), "expires_at": until}
    _row, plain = issue(name="Shop", **told, by=SYSTEM, at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {plain}"})


def test_it_tells_what_ends_whose_task_it_is_and_what_becomes_of_it() -> None:
    acme = customer()
    ending(acme)
    renewing(acme)
    sweep_renewals(at=AT)
    one, two = sorted(program().get(ALL).json()["renewals"], key=lambda told: str(told["kind"]), reverse=True)
    assert (one["account"], one["kind"], one["state"], one["owner"]) == (
        "acme",
        "subscription",
        "open",
        "ana@desk.example",
    )
    assert (one["late"], one["goes_on"]) == (False, None)
    assert (two["kind"], two["state"], two["decided_by"]) == ("contract", "renewed", "Its terms")
    assert two["goes_on"]["gap_days"] == 0


def test_it_tells_the_gap_between_what_ends_and_what_goes_on() -> None:
    ending(customer())
    sweep_renewals(at=AT)
    row = task()
    mark_renewed(renewal=row, what="Order 7", starts_at=row.ends_at - 3 * DAY, by=actor("sales"), at=AT)
    told = program().get(f"{ALL}/{row.pk}").json()
    assert told["goes_on"]["what"] == "Order 7"
    assert told["goes_on"]["gap_days"] < 0


def test_it_is_narrowed_and_told_page_by_page() -> None:
    acme, other = customer(), customer("other")
    ending(acme)
    credits(acme)
    ending(other)
    sweep_renewals(at=AT)
    shop = program()
    assert len(shop.get(ALL, {"account": "acme"}).json()["renewals"]) == 2
    assert len(shop.get(ALL, {"kind": "credits", "state": "open"}).json()["renewals"]) == 1
    assert shop.get(ALL, {"ends_before": "2026-03-05T00:00:00Z"}).json()["renewals"] == []
    first = shop.get(ALL, {"most": 2}).json()
    rest = shop.get(ALL, {"most": 2, "after": first["next"]}).json()
    assert (len(first["renewals"]), len(rest["renewals"]), rest["next"]) == (2, 1, None)


def test_only_a_key_with_the_scope_reads_and_what_is_not_there_is_not_found() -> None:
    assert program("entitlements:read").get(ALL).status_code == 403
    assert program().get(f"{ALL}/999999999").status_code == 404
    assert program().get(f"{ALL}/nonsense").status_code == 404
    assert program().get(ALL, {"account": "nobody"}).status_code == 404
    assert program().get(ALL, {"state": "nonsense"}).status_code == 422


def test_other_systems_are_told_when_a_task_is_opened_and_decided() -> None:
    set_up(url="https://shop.example/hook", by=SYSTEM, at=AT, events=["renewal.opened", "renewal.decided"])
    ending(customer())
    sweep_renewals(at=AT)
    row = task()
    mark_renewed(renewal=row, what="Order 7", starts_at=row.ends_at, by=actor("sales"), at=AT)
    told = [message.payload for message in Outbound.objects.filter(kind="webhook").order_by("pk")]
    assert [one["type"] for one in told] == ["renewal.opened", "renewal.decided"]
    assert told[0]["data"]["subject"]["key"] == str(Renewal.objects.get().pk)
