"""Starts the counterpart as a process of its own: `python -m tests.fakes.stripe --webhook http://127.0.0.1:8000/hooks/…`."""

import argparse
import json
import os
import threading
import time
from pathlib import Path

from tests.fakes.process import SOON, Turns
from tests.fakes.stripe.catalog import price_made, product_made
from tests.fakes.stripe.counterpart import Counterpart
from tests.fakes.stripe.keeping import Keeping
from tests.fakes.stripe.portal import configured, default
from tests.fakes.stripe.state import Settings

DEMO = (("Starter", "starter", 2900), ("Team", "team", 9900), ("Scale", "scale", 29900))


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fakes.stripe", description="A stand-in for Stripe on this machine."
    )
    parser.add_argument("--port", type=int, default=12111, help="where it listens; 0 takes a free port")
    parser.add_argument(
        "--webhook", action="append", default=[], metavar="URL", help="who is told of events; may be repeated"
    )
    parser.add_argument(
        "--secret",
        default=os.environ.get("COUNTERPART_SECRET", ""),
        help="what signs them; otherwise one is made and said",
    )
    parser.add_argument("--events", default="*", help="which types are told, with commas between them")
    parser.add_argument("--thin", action="store_true", help="send thin events instead of snapshots")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same ids")
    parser.add_argument("--after-retries", choices=("cancel", "unpaid", "pause", "past_due"), default="cancel")
    parser.add_argument("--no-catalog", action="store_true", help="begin with no product")
    parser.add_argument(
        "--desk", default="", metavar="URL", help="where the pages lead on to; then an invoice is due at once"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="where all that happens is kept, for the next start")
    parser.add_argument("--quiet", action="store_true", help="don't say the key and the secrets")
    return parser.parse_args()


def stocked(fake: Counterpart) -> None:
    """Three plans to buy, with lookup keys."""
    for name, key, cents in DEMO:
        product = product_made(fake.state, {"name": name, "description": f"All of {name}, billed monthly."})
        given = {"currency": "eur", "unit_amount": cents, "lookup_key": f"{key}_monthly", "product": product["id"]}
        price = price_made(fake.state, given | {"recurring": {"interval": "month"}})
        product["default_price"] = price["id"]


def begun(asked: argparse.Namespace, wake: threading.Event) -> Counterpart:
    """As asked for; for a person there is no hour between an invoice and its payment, and changes are billed at once."""
    settings = Settings(after_retries=asked.after_retries, delivery_retries=SOON, desk=asked.desk)
    if asked.desk:
        settings.finalize_after = 0
    key = os.environ.get("COUNTERPART_KEY", "")
    return Counterpart(asked.seed, clock=time.time, settings=settings, port=asked.port, told=wake.set, api_key=key)


def furnished(fake: Counterpart, asked: argparse.Namespace, kept: Keeping | None) -> dict[str, str]:
    """What was kept, or a new account; and who listens now, with what signs."""
    if not (kept and kept.read()):
        if asked.desk:
            billed = {"subscription_update": {"proration_behavior": "always_invoice"}}
            configured(fake.state, billed, default=True, params={})
        if not asked.no_catalog:
            stocked(fake)
    default(fake.state)
    for row in fake.state.all("webhook_endpoint"):
        fake.state.drop(row)
    listening = [
        fake.listen(url, tuple(asked.events.split(",")), secret=asked.secret, thin=asked.thin) for url in asked.webhook
    ]
    return {one["url"]: fake.secret(one) for one in listening}


def main() -> None:
    asked, turns = options(), Turns()
    fake = begun(asked, turns.wake)
    kept = Keeping(asked.state, fake.state) if asked.state else None
    secrets = furnished(fake, asked, kept)

    def turn() -> None:
        fake.tick()
        if kept:
            kept.write()
        fake.deliver()

    fake.start()
    if not asked.quiet:
        print(json.dumps({"base": fake.base, "api_key": fake.api_key, "webhook_secrets": secrets}), flush=True)
    turns.take(turn)
    fake.stop()
    if kept:
        kept.write()


if __name__ == "__main__":
    main()
