"""Starts the counterpart as a process of its own: `python -m tests.fakes.salesforce --port 12112`."""

import argparse
import os
import time
from typing import Any

from tests.fakes import dealings, process
from tests.fakes.process import SOON, Turns
from tests.fakes.salesforce import demo, founding
from tests.fakes.salesforce.counterpart import VERSION, Counterpart
from tests.fakes.salesforce.state import Settings


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fakes.salesforce", description="A stand-in for a Salesforce org on this machine."
    )
    parser.add_argument("--port", type=int, default=12112, help="where it listens; 0 takes a free port")
    parser.add_argument("--outbound", action="append", default=[], metavar="URL", help="who gets outbound messages")
    parser.add_argument("--callout", action="append", default=[], metavar="URL", help="who gets flows' callouts")
    parser.add_argument("--bearer", default=os.environ.get("COUNTERPART_SECRET", ""),
                        help="what callouts bear; otherwise one is made and said")  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same ids")
    parser.add_argument("--daily-limit", type=int, default=15000, help="requests in 24 hours")
    parser.add_argument("--empty", action="store_true", help="begin with no account, product or opportunity")
    process.add_options(parser)
    return parser.parse_args()


def said(fake: Counterpart, bearer: str) -> dict[str, Any]:
    """All that somebody needs to log in."""
    access = fake.state.access
    password, token = access.passwords[founding.INTEGRATION]
    return {
        "base": fake.base, "instance_url": f"https://{fake.state.host}", "domain": fake.settings.domain,
        "api_version": VERSION, "organization_id": fake.state.org["Id"], "username": founding.INTEGRATION,
        "consumer_key": access.consumer_key, "consumer_secret": access.consumer_secret, "password": password,
        "security_token": token, "private_key": fake.private_key, "bearer": bearer,
    }  # fmt: skip


def stocked(fake: Counterpart, asked: argparse.Namespace) -> None:
    if asked.records:
        demo.stocked(fake, dealings.read(asked.records))
    elif not asked.empty:
        fake.world()


def locked(fake: Counterpart, key: str) -> None:
    """Nobody gets in by what stands in this folder, but by the key alone."""
    access = fake.state.access
    access.consumer_secret = key
    access.passwords = {name: (key, token) for name, (_, token) in access.passwords.items()}


def main() -> None:
    asked, turns = options(), Turns()
    settings = Settings(push_retries=SOON, daily_limit=asked.daily_limit)
    fake = Counterpart(asked.seed, clock=time.time, settings=settings, port=asked.port, told=turns.wake.set)
    if key := os.environ.get("COUNTERPART_KEY"):
        locked(fake, key)
    kept = process.kept_in(asked.state, fake, demo.KEPT)
    if not (kept and kept.read()):
        stocked(fake, asked)
    bearer = asked.bearer or f"bearer-of-a-flow-{asked.seed}"
    for url in asked.outbound:
        fake.outbound(url, fields=("Id", "StageName", "IsWon", "IsClosed", "SystemModstamp"))
    for url in asked.callout:
        for name in ("Account", "Opportunity"):
            fake.callout(url, bearer, name)
    process.run(fake, turns, kept, {} if asked.quiet else said(fake, bearer))


if __name__ == "__main__":
    main()
