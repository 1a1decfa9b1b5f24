"""The shop and the desk beside it, for one test."""

import logging
from collections.abc import Iterator

import pytest

from tests.fakes.stripe import stripe_counterpart
from tests.journeys.stripe.making import Made, clock_at_start, made_at


@pytest.fixture
def made(db: None) -> Iterator[Made]:
    logging.getLogger("stripe").setLevel(logging.WARNING)  # two lines of each question cost a tenth of the time
    with clock_at_start() as clock, stripe_counterpart(seed=11) as fake:
        yield made_at(fake, clock)
