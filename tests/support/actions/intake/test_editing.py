"""Intake’s settings: less surety needs a reason, and a provider’s key goes where it was given for."""

import pytest

from journal.actions.resealing import reseal
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed
from journal.models import AuditEvent
from journal.vault import unseal
from support.actions.intake.articles import remove_route, retire_article, set_article, set_route
from support.actions.intake.editing import set_intake
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Plays
from support.models import HelpArticle, IntakeSettings, Route
from support.queries.intake.settings import intake_settings
from tests.catalog.factories import FeatureFactory
from tests.conftest import actor
from tests.support.casework import NOW, tier_feature
from tests.support.factories import TeamFactory

pytestmark = pytest.mark.django_db
MODEL = {"read_by": "model", "provider": "openai", "provider_url": "https://model.example/v1", "provider_model": "m"}


def edit(reason: str = "", **said) -> IntakeSettings:
    return set_intake(by=SYSTEM, at=NOW, reason=reason, **said)


def test_what_is_named_changes_and_the_rest_stays():
    edit(checked=["email", "web"], accept_percent=95)
    edit(cost_micros=25_000_000)
    row = intake_settings()
    assert (row.checked, row.accept_percent, row.cost_micros) == (["email", "web"], 95, 25_000_000)
    assert row.history.count() == 2
    edit(cost_micros=25_000_000)
    assert AuditEvent.objects.filter(verb="intake:set").count() == 2


@pytest.mark.parametrize(
    "less", [{"accept_percent": 79}, {"suggest_percent": 50}, {"most_error_percent": 6}, {"labels_wanted": 99}]
)
def test_wanting_less_needs_a_reason(less):
    with pytest.raises(Invalid, match="Say why"):
        edit(**less)
    assert not IntakeSettings.objects.exists()
    edit("We looked at 200 of them", **less)
    assert AuditEvent.objects.get(verb="intake:set").reason == "We looked at 200 of them"


@pytest.mark.parametrize(
    "wrong",
    [
        {"accept_percent": 49}, {"accept_percent": "80"}, {"accept_percent": True}, {"checked": ["pigeon"]},
        {"read_by": "oracle"}, {"text_days": 0}, {"unheard_of": 1}, {"read_by": "model"}, {"provider_key": "x", **MODEL, "provider": ""},
        {**MODEL, "provider_url": "http://model.example"}, {**MODEL, "provider_url": "https://127.0.0.1/v1"},
        {**MODEL, "provider_url": "https://user:pw@model.example"}, {**MODEL, "provider_url": ""},
    ],
)  # fmt: skip
def test_what_can_t_be_right_is_refused(wrong):
    with pytest.raises(Invalid):
        edit("For a test", **wrong)
    assert not IntakeSettings.objects.exists()


def test_a_key_is_sealed_and_told_nowhere():
    edit(provider_key="sk-secret", **MODEL)
    row = intake_settings()
    assert "secret" not in row.provider_key
    assert unseal(row.provider_key) == "sk-secret"
    event = AuditEvent.objects.get(verb="intake:set")
    assert event.changes["provider_key"] == ["none", "set"]
    assert "sk-secret" not in str(event.changes)
    assert row.provider_key not in str(event.changes)
    assert not hasattr(row.history.first(), "provider_key")


def test_a_key_doesn_t_go_to_another_address():
    edit(provider_key="sk-secret", **MODEL)
    edit(provider_model="m2")
    assert intake_settings().provider_key
    edit(provider_url="https://elsewhere.example/v1")
    assert intake_settings().provider_key == ""


def test_keys_are_resealed_and_no_key_is_no_trouble(settings):
    edit(accept_percent=95)
    assert {place.name: (place.done, place.unreadable) for place in reseal()}[
        "support.IntakeSettings.provider_key"
    ] == (0, ())
    edit(provider_key="sk-secret", **MODEL)
    settings.DESK_VAULT_KEYS = ["another", *settings.DESK_VAULT_KEYS]
    assert {place.name: place.done for place in reseal()}["support.IntakeSettings.provider_key"] == 1
    settings.DESK_VAULT_KEYS = ["another"]
    assert unseal(intake_settings().provider_key) == "sk-secret"


def test_a_model_of_ones_own_network_where_the_machine_allows_it(settings):
    settings.DESK_INTAKE_PRIVATE_MODEL = True
    for address in (
        "http://10.1.2.3:8000/v1",
        "http://ollama:11434/v1",
        "http://localhost:11434/v1",
        "http://[fd12::1]/v1",
    ):
        assert edit(**{**MODEL, "provider_url": address}).provider_url == address
    for address in ("http://169.254.169.254/v1", "http://[fe80::1]/v1", "http://[::ffff:169.254.169.254]/v1"):
        with pytest.raises(Invalid):
            edit(provider_url=address)


def test_a_name_inside_a_network_is_refused_where_the_machine_doesn_t_allow_it():
    with pytest.raises(Invalid, match="name inside a network"):
        edit(**{**MODEL, "provider_url": "https://ollama:11434/v1"})


def test_an_article_takes_the_place_of_the_one_before():
    feature = FeatureFactory(key="exports")
    first = set_article(
        feature=feature, title="How", url="https://help.example/a", plays=Plays.FIRST, by=SYSTEM, at=NOW
    )
    set_article(feature=feature, title="How", url="https://help.example/b", plays=Plays.FIRST, by=SYSTEM, at=NOW)
    assert HelpArticle.objects.get().url == "https://help.example/b"
    retire_article(article=first, by=SYSTEM, at=NOW)
    assert not HelpArticle.objects.filter(retired_at__isnull=True).exists()
    for wrong in ({"title": " "}, {"url": "javascript:alert(1)"}, {"url": "https://no spaces.example"}):
        told = {"title": "How", "url": "https://help.example", **wrong}
        with pytest.raises(Invalid):
            set_article(feature=feature, plays=Plays.FIRST, by=SYSTEM, at=NOW, **told)


def test_a_route_is_one_for_what_it_fits():
    tier_feature()
    team, other = TeamFactory(key="one"), TeamFactory(key="two")
    for to in (team, other):
        set_route(team=to, tier="standard", channel=Channel.EMAIL, by=SYSTEM, at=NOW)
    set_route(team=team, by=SYSTEM, at=NOW)
    assert sorted(Route.objects.values_list("tier", "team__key")) == [("", "one"), ("standard", "two")]
    with pytest.raises(Invalid):
        set_route(team=team, tier="diamond", by=SYSTEM, at=NOW)
    remove_route(route=Route.objects.get(tier=""), by=SYSTEM, at=NOW)
    assert Route.objects.count() == 1


def test_only_who_may_edit_edits():
    for act in (
        lambda by: set_intake(by=by, at=NOW, accept_percent=95),
        lambda by: set_route(team=TeamFactory(key="one"), by=by, at=NOW),
    ):
        with pytest.raises(NotAllowed):
            act(actor("auditor"))
