"""The shop and the desk beside it, for one test."""

import gc
import logging
from collections.abc import Iterator

import pytest

from tests.fakes.stripe import stripe_counterpart
from tests.journeys.stripe.making import Made, clock_at_start, made_at


@pytest.fixture(scope="session")
def seldom_swept() -> Iterator[None]:
    """All of the code, looked through for garbage again and again, cost a seventh of the time."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


@pytest.fixture
def made(seldom_swept: None, db: None) -> Iterator[Made]:
    logging.getLogger("stripe").setLevel(logging.WARNING)  # two lines of each question cost a tenth of the time
    with clock_at_start() as clock, stripe_counterpart(seed=11) as fake:
        yield made_at(fake, clock)
