"""A customer's life on a counterpart of its own, told as its events."""

import json

from tests.fakes.stripe import stripe_counterpart
from tests.fakes.stripe.rendering import rendered


def told(seed: int) -> str:
    with stripe_counterpart(seed=seed) as fake:
        stripe = fake.client(max_network_retries=0)
        price = {
            "currency": "eur",
            "unit_amount": 500,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Team"},
        }
        session = stripe.v1.checkout.sessions.create({
            "mode": "subscription", "line_items": [{"price": stripe.v1.prices.create(price).id, "quantity": 2}],
            "success_url": "http://127.0.0.1/done",
        })  # fmt: skip
        fake.pay(session.id)
        fake.fail_next_payment(fake.state.all("customer")[0]["id"], 2)
        fake.advance(days=70)
        events = [{**rendered(event), "request": None} for event in fake.events]
        return json.dumps(events).replace(fake.base, "http://here")
