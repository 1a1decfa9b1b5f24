"""A mapping is tried before it is switched on: exactly what was tried, by whoever may, with a reason."""

from datetime import date, timedelta
from typing import Any

import pytest

from desk.actions.crm import mapping_switch, mappings
from desk.domain.crm.mapping import DealTerms, Reading
from desk.models import CrmDeal, DealMapping
from desk.queries.crm.mapping import in_force
from desk.queries.crm.mapping_versions import is_tried, mapping_token
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.conftest import actor
from tests.desk.mapped import crm, disk, drafted, switched_on, team, tried
from tests.entitlements.world import AT, Catalog, catalog

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"by": SYSTEM, "at": AT}
ON: dict[str, Any] = {**BY, "reason": "As agreed with sales"}


@pytest.fixture(autouse=True)
def shop() -> Catalog:
    return catalog()


def test_what_was_tried_is_switched_on_and_the_former_rests() -> None:
    connection = crm()
    first = switched_on(connection, team())
    second = tried(mappings.draft(connection=connection, **BY))
    on = mapping_switch.switch_on(mapping=second, reason="More to sell", by=actor("finance"), at=AT)
    first.refresh_from_db()
    assert (first.state, on.state, on.in_force_at, on.since) == ("former", "in_force", AT, None)
    assert in_force(connection) == on
    told = AuditEvent.objects.latest("seq")
    assert (told.verb, told.reason) == ("deal_mapping:switch_on", "More to sell")
    assert told.changes == {"in force": ["Version 1", "Version 2"]}


def test_what_was_never_tried_is_refused() -> None:
    with pytest.raises(Refusal, match="Try it on real deals first"):
        mapping_switch.switch_on(mapping=drafted(crm(), team()), **ON)


@pytest.mark.parametrize("how", ["rule", "order", "terms"])
def test_what_was_changed_since_it_was_tried_is_refused(how: str) -> None:
    mapping = tried(drafted(crm(), team(), disk()))
    assert is_tried(mapping)
    match how:
        case "rule":
            mappings.edit_rule(mapping=mapping, key="team-seat", rule=team(quantity=Reading("2")), **BY)
        case "order":
            mappings.move_rule(mapping=mapping, key="disk", up=True, **BY)
        case "terms":
            mappings.set_terms(mapping=mapping, terms=DealTerms(months=Reading("12")), **BY)
    assert not is_tried(mapping)
    with pytest.raises(Refusal, match="as it stands now"):
        mapping_switch.switch_on(mapping=mapping, **ON)


def test_taken_back_to_what_was_tried_it_is_tried() -> None:
    mapping = tried(drafted(crm(), team(), disk()))
    mappings.move_rule(mapping=mapping, key="disk", up=True, **BY)
    mappings.move_rule(mapping=mapping, key="disk", up=False, **BY)
    assert mapping_switch.switch_on(mapping=mapping, **ON).state == "in_force"


def test_a_reason_is_asked_for() -> None:
    with pytest.raises(Invalid) as refused:
        mapping_switch.switch_on(mapping=tried(drafted(crm(), team())), reason=" ", **BY)
    assert refused.value.field == "reason"


def test_only_who_may_switches_on() -> None:
    with pytest.raises(NotAllowed):
        mapping_switch.switch_on(mapping=tried(drafted(crm(), team())), reason="Why", by=actor("sales"), at=AT)


def test_a_plan_that_went_off_sale_since_is_told(shop: Catalog) -> None:
    mapping = tried(drafted(crm(), disk(), team()))
    _withdraw(shop)
    with pytest.raises(Refusal, match="Rule 2: The plan it names is not on sale any more"):
        mapping_switch.switch_on(mapping=mapping, **ON)


def test_deals_won_since_a_day_become_due_and_no_others() -> None:
    connection = crm()
    there: dict[str, Any] = {"connection": connection, "told_at": AT}
    for id, state, closed_on in (
        ("new", "won", "2026-02-10"),
        ("old", "won", "2026-01-10"),
        ("open", "open", "2026-02-11"),
    ):
        CrmDeal.objects.create(external_id=id, state=state, told={"closed_on": closed_on}, **there)
    on = switched_on(connection, team(), since=date(2026, 2, 1))
    assert list(CrmDeal.objects.filter(due_at=AT).values_list("external_id", flat=True)) == ["new"]
    assert on.since == date(2026, 2, 1)
    assert AuditEvent.objects.latest("seq").changes["deals won since"] == [None, "2026-02-01"]


@pytest.mark.parametrize(
    ("since", "words"), [(date(2026, 3, 3), "still to come"), (date(2025, 12, 1), "Try more days first")]
)
def test_a_day_nobody_has_tried_is_refused(since: date, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        mapping_switch.switch_on(mapping=tried(drafted(crm(), team())), since=since, **ON)
    assert refused.value.field == "since"


def test_a_trial_of_what_was_changed_meanwhile_doesnt_count() -> None:
    mapping = drafted(crm(), team())
    token = mapping_token(mapping)
    mappings.add_rule(mapping=mapping, rule=disk(), **BY)
    mapping = mapping_switch.keep_tried(mapping=mapping, tried={}, tried_as=token, **BY)
    assert not is_tried(mapping)


def test_trying_starts_a_job_that_remembers_as_what_it_tries() -> None:
    mapping = drafted(crm(), team())
    job = mapping_switch.start_trying(mapping=mapping, by=actor("finance"), at=AT, days=30)
    assert job.payload["as"] == mapping_token(mapping)
    assert job.payload["first_day"] == (AT - timedelta(days=30)).date().isoformat()
    with pytest.raises(Refusal, match="being tried already"):
        mapping_switch.start_trying(mapping=mapping, **BY)


def test_what_cant_be_tried_says_why() -> None:
    paused = drafted(crm(state="paused"), team())
    with pytest.raises(Refusal, match="is paused, so nobody asks it"):
        mapping_switch.start_trying(mapping=paused, **BY)
    mapping = drafted(crm())
    with pytest.raises(Refusal, match="no rule yet"):
        mapping_switch.start_trying(mapping=mapping, **BY)
    mappings.add_rule(mapping=mapping, rule=team(), **BY)
    with pytest.raises(Invalid, match="from 1 to 730"):
        mapping_switch.start_trying(mapping=mapping, days=1000, **BY)
    with pytest.raises(Stale):
        mapping_switch.start_trying(mapping=mapping, seen="something else", **BY)
    assert DealMapping.objects.count() == 2


def _withdraw(shop: Catalog) -> None:
    from catalog.models.plan import VersionState
    from journal.actions.deeds import begin, keep

    for version in shop.team.versions.all():
        version.state, version.retired_at = VersionState.RETIRED, AT
        keep(version, deed=begin(**BY))
