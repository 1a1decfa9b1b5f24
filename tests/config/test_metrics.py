"""What whoever watches the desk reads; nobody reads it without the token."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from entitlements.queries.billed.figures import Figure
from tests.entitlements.factories import BillingFindingFactory
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db
TOLD = {"authorization": "Bearer let-me-read"}


@pytest.fixture(autouse=True)
def token(settings) -> None:
    settings.DESK_METRICS_TOKEN = "let-me-read"


@pytest.mark.parametrize("said", [{}, {"authorization": "Bearer other"}, {"authorization": "let-me-read"}])
def test_without_the_token_there_is_nothing(said: dict[str, str]) -> None:
    assert Client().get("/metrics", headers=said).status_code == 404


def test_where_no_token_is_set_there_is_nothing(settings) -> None:
    settings.DESK_METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_what_is_open_and_how_old_it_is() -> None:
    there = ConnectionFactory()
    began = now() - timedelta(days=2)
    BillingFindingFactory(connection=there, kind="drift", first_at=began, last_at=began)
    said = Client().get("/metrics", headers=TOLD).content.decode().splitlines()
    labels = f'{{connection="{there.key}",mode="test",kind="drift"}}'
    assert f"desk_billing_findings_open{labels} 1" in said
    (age,) = (line for line in said if line.startswith(f"desk_billing_findings_oldest_seconds{labels} "))
    assert 172_800 <= float(age.split()[-1]) < 172_900
    assert said.count("# TYPE desk_billing_findings_open gauge") == 1


def test_a_label_breaks_out_of_nothing() -> None:
    from config.metrics import written

    assert list(written([Figure("a", "A.", 1, {"b": 'x"\n\\'})]))[1] == 'a{b="x\\"\\n\\\\"} 1\n'
