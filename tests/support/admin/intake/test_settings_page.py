"""How tickets are checked: shown, previewed, saved, refused beside the field, and taken up again."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from journal.models import AuditEvent
from journal.vault import unseal
from support.domain.intake.outcomes import Outcome
from support.models import IntakeSettings
from tests.conftest import AT
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import reader
from tests.support.intake_world import a_version, decision, settled
from tests.support.ticket_world import checking

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def lead(db: None) -> Client:
    return reader("support")


def page() -> str:
    return reverse("admin:intake_settings")


def filled(client: Client, query: str = "", **changed: Any) -> dict[str, Any]:
    """The form as it stands, as a browser sends it."""
    form = client.get(page() + query).context["form"]
    told = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in {**told, **changed}.items() if value is not None}


def save(client: Client, query: str = "", **changed: Any) -> Any:
    return client.post(page(), {**filled(client, query, **changed), "do": "save"})


def test_it_is_saved_and_stands_in_the_history(lead: Client) -> None:
    assert save(lead, cost="25.5", cost_currency="eur", checked=["email", "web"], accept_percent=85).status_code == 302
    row = IntakeSettings.objects.get()
    assert (row.cost_micros, row.cost_currency, row.checked, row.accept_percent) == (
        25_500_000,
        "EUR",
        ["email", "web"],
        85,
    )
    assert "Suki" not in text_of(lead.get(page()))
    assert AuditEvent.objects.filter(verb="intake:set").count() == 1


def test_less_surety_needs_a_reason_beside_its_field(lead: Client) -> None:
    refused = save(lead, accept_percent=70)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["reason"])
    assert save(lead, accept_percent=70, reason="The samples were all right").status_code == 302


def test_a_preview_saves_nothing_and_counts(lead: Client) -> None:
    checking(accept_percent=95, labels_wanted=1)
    decision(Outcome.HOLD, at=AT)
    settled(Outcome.HOLD, Outcome.REDIRECT, at=AT)
    answer = lead.post(page(), {**filled(lead, accept_percent=80), "do": "preview"})
    words = text_of(answer)
    assert "Of the last 2 tickets, 2 would be decided by themselves with this, instead of 0" in words
    assert "Of the last 1 that staff labelled, 1 would be decided otherwise than staff did, instead of 0" in words
    assert IntakeSettings.objects.get().accept_percent == 95


def test_a_preview_tells_what_was_changed_and_each_action_by_itself(lead: Client) -> None:
    checking(accept_percent=80, labels_wanted=1)
    settled(Outcome.HOLD, Outcome.REDIRECT, at=AT)
    stricter = lead.post(page(), {**filled(lead, accept_percent=95), "do": "preview"})
    words = text_of(stricter)
    assert "How sure, to accept: 80\N{NO-BREAK SPACE}% → 95\N{NO-BREAK SPACE}%" in stricter.content.decode().replace(
        "<strong>", ""
    )
    assert "Accepted 1 0 1 0" in words  # by itself now, with this; wrong now, with this
    assert "come out as they do now" not in words
    same = text_of(lead.post(page(), {**filled(lead, accept_percent=81), "do": "preview"}))
    assert "These tickets would all come out as they do now." in same
    unchanged = text_of(lead.post(page(), {**filled(lead), "do": "preview"}))
    assert "The form is as it is saved: change something first." in unchanged


def test_the_history_speaks_as_the_form_does(lead: Client) -> None:
    save(lead, checked=["email"])
    save(lead, checked=["email", "web"], accept_percent=85)
    words = text_of(lead.get(page()))
    assert "How sure, to accept: 80 → 85" in words
    assert "Channels whose tickets are checked as they come: E-mail → E-mail, Web form" in words
    assert "Accept percent" not in words


def test_a_key_is_kept_replaced_and_taken_away_and_never_shown(lead: Client) -> None:
    model = {"read_by": "model", "provider": "anthropic", "provider_model": "m-1"}
    assert save(lead, **model, key="replace", provider_key="sk-secret").status_code == 302
    row = IntakeSettings.objects.get()
    assert (unseal(row.provider_key), "sk-secret" in row.provider_key) == ("sk-secret", False)
    shown = lead.get(page()).content.decode()
    assert ("A key is kept." in shown, "sk-secret" in shown, row.provider_key in shown) == (True, False, False)
    assert save(lead, accept_percent=90).status_code == 302
    assert IntakeSettings.objects.get().provider_key == row.provider_key
    assert list(save(lead, provider_key="typed").context["form"].errors) == ["key"]
    assert list(save(lead, key="replace").context["form"].errors) == ["provider_key"]
    assert save(lead, read_by="embedded", key="remove").status_code == 302
    assert IntakeSettings.objects.get().provider_key == ""


def test_an_earlier_version_is_taken_up_again(lead: Client) -> None:
    save(lead, accept_percent=85)
    save(lead, accept_percent=95)
    first = IntakeSettings.objects.get().history.earliest()
    answer = lead.get(page(), {"version": first.pk})
    assert answer.context["form"]["accept_percent"].value() == 85
    assert "The form shows an earlier version" in text_of(answer)
    assert save(lead, f"?version={first.pk}", reason="It held too much").status_code == 302
    assert IntakeSettings.objects.get().accept_percent == 85
    for odd in ("999999", "x", "9" * 30):
        assert lead.get(page(), {"version": odd}).status_code == 404


def test_nobody_overwrites_what_was_saved_meanwhile(lead: Client) -> None:
    mine = filled(lead, accept_percent=85)
    save(lead, accept_percent=95)
    refused = lead.post(page(), {**mine, "do": "save"})
    assert (refused.status_code, IntakeSettings.objects.get().accept_percent) == (422, 95)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"accept_percent": 49}, "accept_percent"), ({"accept_percent": "x"}, "accept_percent"),
        ({"cost": "-1"}, "cost"), ({"cost_currency": "€"}, "cost_currency"), ({"checked": ["fax"]}, "checked"),
        ({"provider_url": "http://10.0.0.1/"}, "provider_url"), ({"read_by": "model"}, "provider"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_beside_its_field(lead: Client, changed: dict[str, Any], field: str) -> None:
    refused = save(lead, **changed)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, [field])
    assert not IntakeSettings.objects.exists()


def test_it_says_what_the_labels_bear_out(lead: Client) -> None:
    a_version(evidence={
        "accept": {"right": 118, "of": 120, "bound": 0.0441, "threshold": 0.83},
        "redirect": {"right": 9, "of": 10, "bound": 0.337, "threshold": None},
    })  # fmt: skip
    words = text_of(lead.get(page()))
    assert "Labels bear out 83\N{NO-BREAK SPACE}% and more" in words.replace("83 %", "83\N{NO-BREAK SPACE}%")
    assert "118 of 120 labelled tickets were right, so at most 4.4" in words
    assert "It never does this by itself yet: 9 of 10 labelled tickets were right, so up to 33.7" in words
    assert "No labelled ticket bears anything out yet." in words


def test_an_auditor_reads_and_edits_nothing() -> None:
    auditor = reader("auditor")
    assert "Save it" not in text_of(auditor.get(page()))
    assert auditor.post(page(), {"do": "save"}).status_code == 403
