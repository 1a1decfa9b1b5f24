from collections.abc import Iterator

import pytest
import time_machine

from support.models import Asset
from tests.conftest import AT
from tests.support.admin.work.desks import the_pump


@pytest.fixture
def pump(db: None) -> Iterator[Asset]:
    asset = the_pump()
    with time_machine.travel(AT, tick=False):
        yield asset
