"""Stripe's counterpart: a server on this machine that behaves as Stripe does, asked only through the official client.

`with stripe_counterpart(seed=7) as fake:` for tests; `python -m tests.fakes.stripe` for a person, with pages to buy on.
"""

from tests.fakes.stripe.counterpart import Counterpart as Counterpart
from tests.fakes.stripe.counterpart import stripe_counterpart as stripe_counterpart
from tests.fakes.stripe.state import Settings as Settings
