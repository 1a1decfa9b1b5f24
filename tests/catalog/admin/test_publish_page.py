"""Review and publish: read before it is done, done with a reason."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.actions.drafts import open_draft
from catalog.actions.terms import set_term
from catalog.domain.values import TermState
from catalog.models import PlanVersion, Rollout
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.catalog.factories import PlanTermFactory, StorageFactory, published_version

pytestmark = pytest.mark.django_db


def address(version: PlanVersion) -> str:
    return reverse("admin:catalog_publish", args=[version.pk])


def send(client: Client, version: PlanVersion, **given: Any) -> HttpResponse:
    version.refresh_from_db()
    return client.post(address(version), {"edits": version.edits, "audience": "now", "reason": "agreed"} | given)


def a_second_draft(reading: str, at: datetime) -> PlanVersion:
    first = published_version(feature=StorageFactory(name="Storage"), amount=8 * 10**9, typed_unit="GB")
    draft = open_draft(plan=first.plan, by=SYSTEM, at=at)
    return set_term(
        version=draft, feature=draft.terms.get().feature, reading=reading, edits=0, by=SYSTEM, at=at
    ).version


def test_finance_publishes_and_is_told_who_gets_it(finance_desk: Client, at: datetime) -> None:
    draft = a_second_draft("10 GB", at)
    response = finance_desk.post(
        address(draft), {"edits": draft.edits, "audience": "new_customers", "reason": "agreed"}, follow=True
    )
    assert "New customers get it; everybody else keeps what they have." in response.content.decode()
    assert AuditEvent.objects.filter(verb="plan:publish").latest("seq").reason == "agreed"
    draft.refresh_from_db()
    assert draft.state == "published"


def test_the_review_says_what_changes(finance_desk: Client, at: datetime) -> None:
    shown = finance_desk.get(address(a_second_draft("10 GB", at))).content.decode()
    assert "goes up from 8 GB to 10 GB" in shown
    assert "takes something away" not in shown


def test_a_lowering_is_called_out_before_the_button(finance_desk: Client, at: datetime) -> None:
    shown = finance_desk.get(address(a_second_draft("5 GB", at))).content.decode()
    assert shown.index("takes something away") < shown.index("is-danger")


def test_what_blocks_is_listed_with_the_cell_to_mend(finance_desk: Client) -> None:
    term = PlanTermFactory(state=TermState.UNSETTLED)
    response = finance_desk.get(address(term.version))
    assert reverse("admin:catalog_term_edit", args=[term.version_id, term.feature_id]) in response.content.decode()
    refused = send(finance_desk, term.version)
    assert refused.status_code == 422
    assert "not settled yet" in refused.content.decode()


@time_machine.travel(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), tick=False)
def test_a_day_begins_at_midnight_in_the_readers_zone(finance_desk: Client) -> None:
    version = PlanTermFactory().version
    assert "Europe/Amsterdam" in finance_desk.get(address(version)).content.decode()
    send(finance_desk, version, audience="on_date", effective_at="2026-04-01")
    assert Rollout.objects.get().effective_at == datetime(2026, 3, 31, 22, 0, tzinfo=UTC)


def test_a_day_that_is_missing_is_asked_for_beside_its_input(finance_desk: Client) -> None:
    response = send(finance_desk, PlanTermFactory().version, audience="on_date")
    assert "which date" in response.context["form"].errors["effective_at"][0]


def test_publishing_without_a_reason_is_refused(finance_desk: Client) -> None:
    response = send(finance_desk, PlanTermFactory().version, reason="")
    assert response.status_code == 422
    assert not Rollout.objects.exists()


def test_a_draft_edited_since_the_review_is_not_published(finance_desk: Client) -> None:
    version = PlanTermFactory().version
    assert "Someone else changed this" in send(finance_desk, version, edits=9).content.decode()


def test_sales_may_read_the_review_but_not_publish(sign_in: Any) -> None:
    desk, version = sign_in("sales"), PlanTermFactory().version
    assert "someone who may publish" in desk.get(address(version)).content.decode()
    assert send(desk, version).status_code == 403
    assert not Rollout.objects.exists()


def test_a_published_version_has_nothing_to_review(finance_desk: Client) -> None:
    assert finance_desk.get(address(published_version())).status_code == 404
