"""A customer with a pump and a maintenance contract, as people of the desk look at it."""

from support.actions.work.planning import plan_visits
from support.models import Asset
from tests.conftest import AT
from tests.remembered import remembered
from tests.support.factories import SeverityFactory
from tests.support.worked import a_pump, maintained
from tests.support.world import customer


@remembered
def the_plant() -> int:
    """Acme has a pump; labour is covered, travel half, two visits a year through 2026."""
    acme = customer("acme", plan=None, zone="UTC")
    pump = a_pump(acme)
    plan_visits(maintained(acme), at=AT)
    SeverityFactory(key="normal", name="Normal")
    return pump.pk


def the_pump() -> Asset:
    return Asset.objects.get(pk=the_plant())
