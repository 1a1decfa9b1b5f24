"""How tickets are checked, edited: each change with who made it; wanting less surety needs a reason.

A provider’s key is sealed as it comes, and never shown again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings as environment
from django.db import transaction

from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from journal.domain.webhooks.addresses import Network, parse_networks
from journal.domain.webhooks.url import UnusableUrl, parse_url
from journal.vault import seal
from support.actions.cases.handling import spoken
from support.domain.case_events import Channel
from support.domain.intake.settings import ReadBy
from support.models import IntakeSettings
from support.queries.intake.settings import ONE

PERMISSION = "support.edit_intake"
SURER = ("accept_percent", "redirect_percent", "suggest_percent", "labels_wanted")  # less of it is less surety
BOUNDS: Mapping[str, tuple[int, int, str]] = {
    "accept_percent": (50, 100, "How sure it has to be is from 50 to 100 percent."),
    "redirect_percent": (50, 100, "How sure it has to be is from 50 to 100 percent."),
    "suggest_percent": (50, 100, "How sure it has to be is from 50 to 100 percent."),
    "most_error_percent": (1, 50, "What may be wrong at most is from 1 to 50 percent."),
    "sampled_percent": (1, 100, "From 1 to 100 percent of its own decisions are shown to staff."),
    "labels_wanted": (1, 1_000_000, "It takes one labelled ticket at least before it acts by itself."),
    "cost_micros": (0, 10**15, "A ticket costs nothing at least."),
    "text_days": (1, 3_650, "The words of tickets are kept from 1 day to 10 years."),
    "answer_within_ms": (200, 30_000, "A model has from 200 to 30,000 milliseconds."),
    "outside_within_minutes": (1, 7 * 24 * 60, "A validator outside has from a minute to a week."),
}
WORDS = ("read_by", "acting", "provider", "provider_url", "provider_model", "cost_currency", "checked")
OWN_NETWORKS = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")


@transaction.atomic
def set_intake(
    *, by: Actor, at: datetime, reason: str = "", provider_key: str | None = None, **said: Any
) -> IntakeSettings:
    """Edited what is named in `said`, each by its column; the rest stays. An empty `provider_key` takes the key away.

    A reason is needed where it has to be less sure, or learn less, before it acts by itself. A key goes to the address it
    was given for and to no other: where that changes, it is given anew or gone.
    """
    by.require(PERMISSION)
    if unknown := sorted(set(said) - {*BOUNDS, *WORDS}):
        raise Invalid(f"Intake has no setting {', '.join(unknown)}.")
    held = IntakeSettings.objects.select_for_update().filter(pk=ONE).first() or IntakeSettings(pk=ONE)
    before = IntakeSettings.objects.filter(pk=ONE).first() or IntakeSettings(pk=ONE)
    for name, value in said.items():
        setattr(held, name, _fitting(name, value))
    moved = (before.provider, before.provider_url) != (held.provider, held.provider_url)
    if provider_key is None and before.provider_key and moved:
        provider_key = ""
    _refuse_half_a_model(held, key=held.provider_key if provider_key is None else provider_key)
    changes = {name: pair for name, pair in pending_changes(held).items() if name in said}
    if provider_key is not None:
        changes["provider_key"] = ["set" if before.provider_key else "none", "set" if provider_key.strip() else "none"]
        held.provider_key = seal(spoken(provider_key)) if provider_key.strip() else ""
    reason = spoken(reason)
    if not reason and _less_sure(before, held):
        raise Invalid(
            "Say why it may be less sure from now on: whoever looks into a wrong decision asks.", field="reason"
        )
    if not changes:
        return held
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    record(deed, "intake:set", subject=held, reason=reason, changes=changes)
    return held


def model_networks() -> tuple[Network, ...]:
    """The private networks in which a model may stand: none, unless this machine’s settings say so."""
    return parse_networks(OWN_NETWORKS) if environment.DESK_INTAKE_PRIVATE_MODEL else ()


def _less_sure(before: IntakeSettings, after: IntakeSettings) -> bool:
    lowered = any(getattr(after, name) < getattr(before, name) for name in SURER)
    return lowered or after.most_error_percent > before.most_error_percent


def _fitting(name: str, value: Any) -> Any:
    if name == "checked":
        known = {channel.value for channel in Channel}
        if unknown := sorted({str(one) for one in value} - known):
            raise Invalid(f"There is no channel {', '.join(unknown)}.", field=name)
        return [channel.value for channel in Channel if channel.value in {str(one) for one in value}]
    if name in WORDS:
        text = spoken(str(value))
        return _address(text) if name == "provider_url" and text else text
    low, high, words = BOUNDS[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Invalid(words, field=name)
    return value


def _address(text: str) -> str:
    try:
        parse_url(text, networks=model_networks())
    except UnusableUrl as error:
        hint = "" if model_networks() else " A model in your own network needs DESK_INTAKE_PRIVATE_MODEL=1."
        raise Invalid(f"{error}{hint}", field="provider_url") from error
    return text


def _refuse_half_a_model(row: IntakeSettings, *, key: str) -> None:
    if row.read_by != ReadBy.MODEL:
        return
    if not row.provider:
        raise Invalid("Choose who serves the model.", field="provider")
    if not row.provider_model:
        raise Invalid("Name the model, as its provider calls it.", field="provider_model")
    if not key.strip() and not row.provider_url:
        raise Invalid("Give the provider’s key, or the address of a model of your own.", field="provider_key")
