"""Ratios of what the desk does to a baseline in the same run: `make bench`."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from catalog.actions.drafts import open_draft
from catalog.actions.publishing import publish
from catalog.actions.terms import set_term
from catalog.domain.rollouts import Audience
from catalog.models import Feature, Plan
from desk.demo import story
from entitlements.api.render import render_entitlement
from entitlements.domain.resolve import resolve
from entitlements.models import Account, Identifier, Subscription, SubscriptionItem
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import find_accounts
from entitlements.queries.entitlements import entitlements_of, facts_of
from journal.actions.api_keys import issue
from journal.actions.deeds import begin, keep_many
from journal.domain.actor import SYSTEM

ROUNDS = 15
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Result:
    name: str
    baseline: float
    measured: float
    gate: float

    @property
    def ratio(self) -> float:
        return self.measured / self.baseline


def timed(act: Callable[[], object], *, times: int) -> float:
    """Seconds for one act, in the mean of so many."""
    start = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - start) / times


def compare(
    name: str, baseline: Callable[[], object], measured: Callable[[], object], *, times: int, gate: float
) -> Result:
    """The two in turn, so that a machine that slows down slows both; the medians are compared."""
    pairs = [(timed(baseline, times=times), timed(measured, times=times)) for _ in range(ROUNDS)]
    return Result(name, statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs), gate)


def crowd(count: int) -> None:
    """So many accounts on Pro, each with an e-mail address; rows only, since only their number matters here."""
    pro = Plan.objects.get(key="pro")
    version = pro.versions.exclude(state="draft").latest("number")
    deed = begin(by=SYSTEM, at=NOW - timedelta(days=1))
    with transaction.atomic():
        accounts = keep_many(
            [Account(key=f"crowd-{n}", name=f"Crowd {n}", zone="UTC", created_at=deed.at) for n in range(count)],
            deed=deed,
        )
        rows = [(account, f"mail{n}@crowd.example") for n, account in enumerate(accounts)]
        emails = [Identifier(account=a, kind=IdentifierKind.EMAIL, value=mail, value_key=mail) for a, mail in rows]
        keep_many(emails, deed=deed)
        held = keep_many([Subscription(account=a, number=1, starts_at=deed.at) for a in accounts], deed=deed)
        keep_many(
            [SubscriptionItem(subscription=s, plan=pro, version=version, starts_at=deed.at) for s in held], deed=deed
        )


def resolving() -> Result:
    facts = facts_of(account=paying())
    answers = resolve(facts, at=NOW)
    assert sum(answer.granted for answer in answers.values()) > 30, "a paying customer has most of the page"
    rendered = [render_entitlement(answer).model_dump(mode="json") for answer in answers.values()]
    return compare(
        "resolve 60 features, facts at hand",
        lambda: json.dumps(rendered),
        lambda: resolve(facts, at=NOW),
        times=20,
        gate=20,
    )


def over_http() -> Result:
    client, account = Client(), paying()
    _row, plain = issue(name="Bench", scopes=["entitlements:read"], expires_at=None, by=SYSTEM, at=NOW)
    url, headers = f"/api/v1/accounts/{account.key}/entitlements", {"Authorization": f"Bearer {plain}"}
    body = client.get(url, headers=headers).json()
    assert len(body["entitlements"]) == len(entitlements_of(account=account, at=NOW))
    return compare(
        "the whole set over WSGI",
        lambda: client.get("/healthz"),
        lambda: client.get(url, headers=headers),
        times=3,
        gate=90,
    )


def finding() -> Result:
    account = Account.objects.get(key="crowd-1234")
    assert find_accounts(text="mail1234@crowd.example") == [account]
    return compare(
        "find by e-mail among 5,000",
        lambda: Account.objects.get(pk=account.pk),
        lambda: find_accounts(text="mail1234@crowd.example"),
        times=20,
        gate=12,
    )


def publishing() -> Result:
    """Everybody on Pro against the few on Enterprise: publishing must not count holders."""

    def publish_next(plan: Plan) -> float:
        draft = open_draft(plan=plan, by=SYSTEM, at=NOW)
        storage = Feature.objects.get(key="storage")
        size = f"{draft.number * 100} GB included; then $0.021 per GB"
        set_term(version=draft, feature=storage, reading=size, edits=draft.edits, by=SYSTEM, at=NOW)
        draft.refresh_from_db()
        start = time.perf_counter()
        publish(version=draft, audience=Audience.NOW, effective_at=None, edits=draft.edits, by=SYSTEM, at=NOW)
        return time.perf_counter() - start

    few, many = Plan.objects.get(key="enterprise"), Plan.objects.get(key="pro")
    assert SubscriptionItem.objects.filter(plan=many).count() >= 5_000
    pairs = [(publish_next(few), publish_next(many)) for _ in range(ROUNDS)]
    account = Account.objects.get(key="crowd-7")
    newest = many.versions.exclude(state="draft").latest("number")
    assert newest.number > 2
    assert entitlements_of(account=account, at=datetime.now(UTC))["storage"].granted
    return Result(
        "publish for 5,000 holders against a handful",
        statistics.median(p[0] for p in pairs),
        statistics.median(p[1] for p in pairs),
        1.5,
    )


def paying() -> Account:
    return Account.objects.filter(subscriptions__items__plan__key="team", standings__isnull=True).first() or exit(2)


def say(result: Result) -> None:
    verdict = "ok" if result.ratio <= result.gate else "MISSED"
    print(
        f"{result.name:<46} {result.measured * 1e3:9.3f} ms   {result.ratio:7.2f} × the baseline's "
        f"{result.baseline * 1e3:.3f} ms   (gate {result.gate:g} ×)  {verdict}"
    )


def main() -> int:
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            story.tell(now=NOW, count=25)
        crowd(5_000)
        print(f"database: {connection.vendor}; medians of {ROUNDS} rounds, the two in turn")
        results = [measure() for measure in (resolving, over_http, finding, publishing)]
    finally:
        teardown_databases(databases, verbosity=0)
    for result in results:
        say(result)
    # In a process and on a database of its own: it needs a server that a browser can reach.
    sheet = subprocess.call([sys.executable, "-m", "benchmarks.plan_sheet"])
    return 0 if all(result.ratio <= result.gate for result in results) and sheet == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
