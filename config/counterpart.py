"""`make run STRIPE=demo`: a pretended Stripe beside the desk, as a process of its own on this machine.

It needs no key and moves no money. Its keys are made once and kept beside the demo's other secrets; what was bought is
kept in the demo's folder too, so that after a restart neither knows more than the other.

`python -m config.counterpart --base http://127.0.0.1:12111` is the demo's own step: it connects the desk, once both are there.
"""

import argparse
import os
import sys
import time
import urllib.request
from contextlib import suppress

from django.conf import settings

from config import environment as env
from config.supervisor import Program, say

KEY = "stripe-demo"  # the end of the address that the desk is told at
API_KEY, SIGNING = "COUNTERPART_KEY", "COUNTERPART_SECRET"
PATIENCE = 30.0  # seconds
# What docs/stripe.md asks for, as somebody would choose it at the endpoint.
EVENTS = (
    "customer.subscription.*", "subscription_schedule.*", "customer.created", "customer.updated", "customer.deleted",
    "checkout.session.completed", "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed", "invoice.paid", "invoice.payment_succeeded", "invoice.payment_failed",
    "invoice.payment_action_required", "invoice.marked_uncollectible", "invoice.voided", "invoice.overdue",
    "entitlements.active_entitlement_summary.updated",
)  # fmt: skip


def programs(*, port: int, desk: str) -> list[Program]:
    """The counterpart, and what connects the desk with it and stocks its shop, once at each start."""
    if settings.PRODUCTION:
        raise SystemExit("A pretended Stripe is for trying out; it isn’t started where DESK_ENV is production.")
    command = ["-m", "tests.fakes.stripe", "--port", str(port), "--webhook", f"{desk}/hooks/{KEY}", "--desk", desk]
    kept = ["--events", ",".join(EVENTS), "--no-catalog", "--quiet", "--state", str(settings.VAR / "counterpart.state")]
    connecting = ["-m", "config.counterpart", "--base", base_of(port)]
    return [
        Program("the pretended Stripe", [sys.executable, *command, *kept], keys()),
        Program("its connection", [sys.executable, *connecting], keys(), once=True),
    ]


def base_of(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def buy_url(port: int) -> str:
    """Where a refused check sends the customer, as DESK_BUY_URL."""
    return base_of(port) + "/?account={account}&plan={plan}"


def keys() -> dict[str, str]:
    """Made once; told to both processes by their environment, since anybody may read what a command was given."""
    made = env.secret("DESK_COUNTERPART_KEY", kept_in=settings.VAR / "counterpart_key", required=False)
    made = "".join(one for one in made if one.isalnum())
    return {API_KEY: f"sk_test_{made[: len(made) // 2]}", SIGNING: f"whsec_{made[len(made) // 2 :]}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    base = parser.parse_args().base
    wait_for(base)
    import django

    django.setup()
    from django.utils.timezone import now

    from entitlements.integrations.stripe.demo import connect, stock

    connection = connect(key=KEY, base=base, api_key=os.environ[API_KEY], signing=os.environ[SIGNING], at=now())
    plans = stock(connection, at=now())
    say(f"Stripe is pretended on {base}: buy {', '.join(plans[:2])} and more there without any card or key.")


def wait_for(base: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError):
            urllib.request.urlopen(base, timeout=5).close()  # noqa: S310 — an address of this machine
            return
        time.sleep(0.1)
    raise SystemExit(f"Nothing answers at {base}.")


if __name__ == "__main__":
    main()
