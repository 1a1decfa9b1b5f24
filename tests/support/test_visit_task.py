import pytest

from support.models import Visit
from support.tasks import visits
from tests.entitlements.factories import AccountFactory
from tests.support.worked import maintained

pytestmark = pytest.mark.django_db


def test_each_night_visits_are_planned_ahead() -> None:
    maintained(AccountFactory(), ends_at=None)
    assert visits() > 0
    assert visits() == 0
    assert Visit.objects.exists()
