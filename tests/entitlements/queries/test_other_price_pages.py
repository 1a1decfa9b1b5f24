"""Customers of the two pages we did not design for get exactly what those pages promise."""

from decimal import Decimal
from pathlib import Path

import pytest

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.dimensions import add_dimension
from catalog.actions.publishing import publish
from catalog.domain.choice_lines import Weighed
from catalog.domain.declarations import read_declarations
from catalog.domain.rollouts import Audience
from catalog.domain.values import UNLIMITED, Enforcement, Reset
from catalog.models import Feature, Plan, PlanVersion
from entitlements.queries.entitlements import entitlements_of
from journal.domain.actor import SYSTEM
from tests.catalog.page import import_text
from tests.entitlements.world import AT, DAY, GB, account, answer, subscribed, value

pytestmark = pytest.mark.django_db
PAGES = Path(__file__).parents[2] / "catalog" / "pages"
LONG_AGO = AT - 30 * DAY
MACHINES = [Weighed("linux", "Linux"), Weighed("windows", "Windows", 2_000), Weighed("macos", "macOS", 10_000)]


def imported(page: str) -> None:
    files = {name: (PAGES / page / f"{name}.csv").read_bytes() for name in ("features", "plans", "plan_matrix")}
    declared = read_declarations(files["features"])
    import_text(matrix=files["plan_matrix"], declarations=declared, plans=files["plans"], at=LONG_AGO)


def write(plan: str, **cells: str) -> None:
    draft = PlanVersion.objects.get(plan__name=plan)
    writes = [CellWrite(draft, Feature.objects.get(key=key), text) for key, text in cells.items()]
    write_cells(writes=writes, tokens={draft.pk: draft.edits}, by=SYSTEM, at=LONG_AGO)


def published(plan: str) -> Plan:
    draft = PlanVersion.objects.get(plan__name=plan)
    publish(
        version=draft,
        audience=Audience.NOW,
        effective_at=None,
        edits=draft.edits,
        reason="Open",
        by=SYSTEM,
        at=LONG_AGO,
    )
    return Plan.objects.get(name=plan)


def test_storage_per_member_grows_with_the_members():
    imported("slack")
    write("Pro", members="12", file_storage="10 GB per seat of Members, pooled", guests="5 per seat of Members, pooled")
    write("Pro", ai="no")
    held_by = account()
    subscribed(held_by, published("Pro"))
    assert value(held_by, "file_storage", AT) == 120 * GB
    assert value(held_by, "guests", AT) == Decimal(60)
    assert value(held_by, "message_history", AT) is UNLIMITED


def test_a_rate_by_the_second_is_answered_with_its_period():
    imported("slack")
    write("Free", canvases="1")
    held_by = account()
    subscribed(held_by, published("Free"))
    rate = answer(held_by, "api_rate", AT)
    assert (rate.value, rate.reset) == (Decimal(1), Reset.SECOND)
    assert answer(held_by, "message_history", AT).value == Decimal(90 * 86_400)
    assert entitlements_of(account=held_by, at=AT)["saml_sso"].value is None


def test_minutes_of_another_machine_weigh_more():
    imported("github")
    minutes = Feature.objects.get(key="actions_minutes")
    machines = add_dimension(feature=minutes, key="machine", name="Machine", choices=MACHINES, by=SYSTEM, at=LONG_AGO)
    assert {choice.key: choice.weight_thousandths for choice in machines.choices.all()} == {
        "linux": 1000, "windows": 2000, "macos": 10_000,
    }  # fmt: skip
    write("Team", actions_minutes="3,000 minutes a month; then $0.008 per minute; of which macOS: 500 minutes")
    write("Team", seats="Unlimited", codespaces="no", copilot="no")
    held_by = account()
    subscribed(held_by, published("Team"))
    got = answer(held_by, "actions_minutes", AT)
    assert (got.value, got.reset, got.enforcement) == (Decimal(3000 * 60), Reset.MONTH, Enforcement.TRACK)
    assert dict(got.sub_limits) == {"machine.macos": Decimal(500 * 60)}
