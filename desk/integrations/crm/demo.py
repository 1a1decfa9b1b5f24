"""What a CRM of the demo, which stands on this machine, is made ready with.

Companies come in and entitlements go out from the first start; what won deals become is drafted, so that a person tries
it and switches it on.
"""

from datetime import datetime
from time import sleep

from desk.actions.crm.flows import switch_on
from desk.actions.crm.mappings import add_rule, draft, set_terms
from desk.domain.crm.flows import Flow
from desk.domain.crm.mapping import DealTerms, Reading, Rule, Target
from desk.integrations.crm.opening import opened
from desk.models import CrmFlow, DealMapping
from desk.queries.crm.mapping_versions import sold_plans
from journal.domain.actor import SYSTEM
from journal.models import Connection

NOT_SOLD_ALONE = "TRAINING"  # a product that is no plan
PATIENCE = 20  # seconds


def prepare(connection: Connection, *, months: Reading, at: datetime) -> None:
    """Made the fields there, switched on what needs no decision, and drafted the mapping; once. The CRM is asked.

    `months` is where a deal there says how long it lasts.
    """
    if not CrmFlow.objects.filter(connection=connection).exists():
        with opened(connection, at=at) as crm:
            crm.set_up()
        switch_on(connection=connection, flow=Flow.COMPANIES, by=SYSTEM, at=at)
        switch_on(connection=connection, flow=Flow.ENTITLEMENTS, by=SYSTEM, at=at)
    if not DealMapping.objects.filter(connection=connection).exists():
        _draft(connection, months=months, at=at)


def _draft(connection: Connection, *, months: Reading, at: datetime) -> None:
    """Each product whose code is a plan's key in capitals becomes that plan, for a year; a training becomes nothing."""
    mapping = draft(connection=connection, by=SYSTEM, at=at)
    mapping = set_terms(mapping=mapping, terms=DealTerms(months=months, renews=True, notice_days=30), by=SYSTEM, at=at)
    plans = sold_plans()
    for product in _sold(connection, at=at):
        key = product.lower().replace("-", "_")
        if key in plans:
            rule = Rule(key="", target=Target.PLAN, products=(product,), plan=key, interval="year")
            add_rule(mapping=mapping, rule=rule, by=SYSTEM, at=at)
        elif product == NOT_SOLD_ALONE:
            add_rule(mapping=mapping, rule=Rule(key="", target=Target.NOTHING, products=(product,)), by=SYSTEM, at=at)


def _sold(connection: Connection, *, at: datetime) -> list[str]:
    """The codes of its products; a CRM that was only just begun knows them by searching a few seconds later."""
    for _ in range(PATIENCE):
        with opened(connection, at=at) as crm:
            codes = [one.name for one in crm.products()]
        if codes:
            return codes
        sleep(1)
    return []
