"""How long a company in a CRM says the same, and use that was counted otherwise before."""

from datetime import datetime, timedelta

import pytest

from catalog.domain.values import ParentRule
from desk.models import CrmCompany
from desk.queries.crm.rendered import rendered, renderings
from entitlements.domain.facts import Mode
from entitlements.models import UsageCounter
from entitlements.models.usage import OUTDATED
from journal.models import Connection
from tests.catalog.factories import FeatureRevisionFactory
from tests.desk.integrations.crm.written_there import company_of, connected
from tests.entitlements.crediting import credited, granted
from tests.entitlements.factories import overridden
from tests.entitlements.using import customer, metered, use
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

pytestmark = pytest.mark.django_db
SOON = AT + timedelta(hours=3)


@pytest.fixture
def connection(db: None) -> Connection:
    return connected()[0]


def until(company: CrmCompany) -> datetime | None:
    return renderings([company], at=AT)[0].until


def test_what_a_child_will_have_by_its_parent_is_told_when_it_comes(connection: Connection) -> None:
    shop = catalog()
    FeatureRevisionFactory(feature=shop.sso, parent_rule=ParentRule.INHERIT)
    parent = account("parent")
    subscribed(parent, shop.free)
    overridden(parent, shop.sso, Mode.REPLACE, True, at=AT - DAY, starts_at=SOON)
    company = company_of(account("child", parent=parent), connection)
    assert until(company) == SOON
    assert "sso" not in rendered([company], at=AT)[company.pk]
    assert rendered([company], at=SOON)[company.pk]["sso"].fields["granted"] is True


@pytest.mark.parametrize("before", [timedelta(0), DAY])
def test_credits_that_expire_are_told_of_then(connection: Connection, before: timedelta) -> None:
    world = credited()
    granted(world, 50, expires_at=SOON, at=AT - before)
    company = company_of(world.acme, connection)
    assert until(company) == SOON
    told = [rendered([company], at=at)[company.pk]["ai_credits"].fields["left"] for at in (AT, SOON)]
    assert told == [150, 100]


def test_a_counter_that_use_has_passed_by_is_worked_out_again(connection: Connection) -> None:
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 300)
    UsageCounter.objects.update(used=100, events=OUTDATED)
    company = company_of(acme, connection)
    fields = rendered([company], at=AT)[company.pk]["calls"].fields
    assert (fields["used"], fields["left"], fields["used_percent"]) == (300, 700, 30)
