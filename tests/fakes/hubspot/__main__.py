"""Starts the counterpart as a process of its own: `python -m tests.fakes.hubspot --webhook http://127.0.0.1:8000/hooks/…`."""

import argparse
import os
import time

from tests.fakes import dealings, process
from tests.fakes.hubspot import demo
from tests.fakes.hubspot.counterpart import Counterpart
from tests.fakes.hubspot.state import Settings
from tests.fakes.process import SOON, Turns


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fakes.hubspot", description="A stand-in for a HubSpot portal on this machine."
    )
    parser.add_argument("--port", type=int, default=12113, help="where it listens; 0 takes a free port")
    parser.add_argument("--webhook", action="append", default=[], metavar="URL", help="who is told; may be repeated")
    parser.add_argument("--secret", default=os.environ.get("COUNTERPART_SECRET", ""),
                        help="what signs them; otherwise one is made and said")  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same ids")
    parser.add_argument("--index-lag", type=float, default=0, help="seconds until search knows of a write")
    parser.add_argument("--empty", action="store_true", help="begin with no company and no deal")
    process.add_options(parser)
    return parser.parse_args()


def stocked(fake: Counterpart, asked: argparse.Namespace) -> None:
    if asked.records:
        demo.told(fake, dealings.read(asked.records))
    elif not asked.empty:
        demo.stocked(fake)


def main() -> None:
    asked, turns = options(), Turns()
    settings = Settings(delivery_retries=SOON, index_lag=asked.index_lag, paced=True)
    token = os.environ.get("COUNTERPART_KEY", "")
    fake = Counterpart(
        asked.seed, clock=time.time, settings=settings, port=asked.port, told=turns.wake.set, token=token
    )
    kept = process.kept_in(asked.state, fake, demo.KEPT)
    if not (kept and kept.read()):
        stocked(fake, asked)
    apps = [fake.listen(url, *demo.LISTENED, secret=asked.secret) for url in asked.webhook]
    said = {"base": fake.base, "access_token": fake.token, "developer_key": fake.developer_key,
            "portal_id": fake.settings.portal, "client_secrets": {app.url: app.secret for app in apps}}  # fmt: skip
    process.run(fake, turns, kept, {} if asked.quiet else said)


if __name__ == "__main__":
    main()
