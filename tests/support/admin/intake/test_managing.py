"""Articles and routes: written through actions, refused beside the field, taken back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from support.models import HelpArticle, Route
from tests.catalog.factories import FeatureFactory
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import reader
from tests.support.factories import TeamFactory
from tests.support.intake_world import a_route, an_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(db: None) -> Client:
    return reader("support")


def address(model: str, page: str, *args: Any) -> str:
    return reverse(f"admin:support_{model}_{page}", args=args)


def test_an_article_is_written_edited_and_taken_back(lead: Client) -> None:
    exports = FeatureFactory(key="exports", name="Exports")
    told = {"feature": exports.pk, "title": "Exports", "url": "help.example", "plays": "first"}
    refused = lead.post(address("helparticle", "add"), told)
    assert refused.context["adminform"].form.errors == {"url": ["Enter a valid URL."]}
    assert lead.post(address("helparticle", "add"), {**told, "url": "https://help.example/e"}).status_code == 302
    row = HelpArticle.objects.get()
    form = lead.get(address("helparticle", "change", row.pk)).context["adminform"].form
    changed = {"title": "Better", "url": row.url, "plays": "instead", "version_token": form["version_token"].value()}
    assert lead.post(address("helparticle", "change", row.pk), changed).status_code == 302
    assert HelpArticle.objects.values_list("title", "plays").get() == ("Better", "instead")
    assert lead.post(address("helparticle", "delete", row.pk), {"post": "yes"}).status_code == 302
    assert HelpArticle.objects.get().retired_at is not None
    assert "Taken back" in text_of(lead.get(address("helparticle", "changelist")))
    assert lead.post(address("helparticle", "delete", row.pk), {"post": "yes"}).status_code == 403


def test_a_route_is_written_edited_and_taken_away(lead: Client) -> None:
    team, other = TeamFactory(name="First"), TeamFactory(name="Second")
    told = {"tier": "", "feature": "", "channel": "phone", "team": team.pk, "position": 3}
    refused = lead.post(address("route", "add"), {**told, "position": 10_001})
    assert "from 0 to 10,000" in text_of(refused)
    assert lead.post(address("route", "add"), told).status_code == 302
    row = Route.objects.get()
    form = lead.get(address("route", "change", row.pk)).context["adminform"].form
    changed = {"team": other.pk, "to_manager": "on", "position": 1, "version_token": form["version_token"].value()}
    assert lead.post(address("route", "change", row.pk), changed).status_code == 302
    assert Route.objects.values_list("team__name", "to_manager", "channel").get() == ("Second", True, "phone")
    assert "Second" in text_of(lead.get(address("route", "changelist")))
    assert lead.post(address("route", "delete", row.pk), {"post": "yes"}).status_code == 302
    assert not Route.objects.exists()


def test_an_auditor_reads_them(db: None) -> None:
    auditor, article, route = reader("auditor"), an_article(), a_route()
    for model, row in (("helparticle", article), ("route", route)):
        assert auditor.get(address(model, "change", row.pk)).status_code == 200
        assert auditor.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
