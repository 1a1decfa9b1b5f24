"""Held-back tickets, decided: `python -m benchmarks.intake_tickets [--model FOLDER]` (benchmarks/intake_tickets.md).

Each ticket is split, read by the classifier that was taught by the demo's example phrases alone, and decided for one
customer of each plan, by the rule the desk decides by, as settings come: 80 % to accept, 90 % to redirect or to suggest.
What should follow is what the same rule makes of the features the writer named, were one certain of them. Nothing is
chosen on these tickets and nobody tunes on them: whatever comes is what stands in RESULTS.md.

Only what rests on reading is judged: for plans whose customers are owed help on the ticket's channel. For others the
engine decides without a word of the text, and those are counted apart (exact).

decided: an outcome other than hold. wrong: decided, and the outcome is another than by the true features; what is about
none of the catalog should be held. granted: a request accepted for a feature that the engine doesn't give. refused: a
request blocked by a reading. Both are the rule's to keep at zero. Beside them, what a wrong reading does at worst:
taken (accepted, though none of the true features is given) and put off (nothing but an offer, though all are given).
"""

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.conf import settings
from django.db import transaction
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from benchmarks.ticket_desk import NOW, PLANS, classifiers, customer, straight_from_models, the_catalog, topics
from entitlements.models import Account
from support.domain.case_events import Channel
from support.domain.intake.deciding import decide
from support.domain.intake.measuring import interval
from support.domain.intake.outcomes import Decision, Outcome, Question, Wanted
from support.domain.intake.piecing import with_pieces
from support.domain.intake.splitting import split
from support.domain.intake.tickets import Attachment, Request, Ticket
from support.domain.intake.understood import Candidate, Reading, Topic, Understood
from support.intake.embedded import EmbeddedClassifier
from support.queries.covering import About
from support.queries.intake.standing import Engine, engine_of

FILE = Path(__file__).with_suffix(".jsonl")
ACTING = Wanted(acting=True)


@dataclass(frozen=True)
class Judged:
    """One ticket for one customer: what was decided, and what should have been."""

    kinds: Sequence[str]
    plan: str
    got: Outcome
    truth: Outcome
    granted: bool
    refused: bool
    taken: bool
    put_off: bool

    @property
    def decided(self) -> bool:
        return self.got is not Outcome.HOLD

    @property
    def wrong(self) -> bool:
        return self.decided and self.got is not self.truth


def tickets() -> list[dict[str, Any]]:
    return [json.loads(line) for line in FILE.read_text().splitlines() if line.strip()]


def ticket_of(told: Mapping[str, Any]) -> Ticket:
    files = (Attachment(one["name"], one.get("text", ""), one.get("unreadable", "")) for one in told["attachments"])
    return Ticket(told["subject"], told["text"], tuple(files))


def question(understood: Sequence[Understood], engine: Engine, ticket: Ticket, *, too_long: bool) -> Question:
    return Question(
        tuple(understood), True, engine.features, engine.help, ACTING, ticket.unreadable, too_long
    )  # fmt: skip


def understood(told: Mapping[str, Any], ticket: Ticket, classifier: EmbeddedClassifier, known: Sequence[Topic]) -> Any:
    """As `read_ticket` makes it: a feature that a field named is the first request's."""
    whole, given = split(ticket), told["fields"].get("feature", "")
    requests = whole.requests or ((Request(ticket.subject),) if given else ())
    unread = requests[1:] if given else requests
    texts = [one.said for one in unread]
    read = with_pieces(texts, classifier.read(texts, known), read=lambda pieces: classifier.read(pieces, known))
    pairs = zip(requests, [*([Reading()] if given else []), *read], strict=True)
    return [Understood(one, made, given=given if n == 0 else "") for n, (one, made) in enumerate(pairs)], whole.too_long


def truth(told: Mapping[str, Any], engine: Engine, ticket: Ticket) -> Decision:
    """By the writer's labels, certain; a ticket about nothing of the catalog is a person's."""
    given = told["fields"].get("feature", "")
    sure = [Understood(Request("…"), Reading((Candidate(key, 1.0),)), given=given) for key in told["features"]]
    return decide(question(sure, engine, ticket, too_long=False))


def judged(told: Mapping[str, Any], got: Decision, right: Decision, engine: Engine, plan: str) -> Judged:
    given = {key: one.granted for key, one in engine.features.items()}
    has = [given.get(key, False) for key in told["features"]]
    read = [part for part in got.parts if not part.understood.given]
    return Judged(
        told["kinds"], plan, got.outcome, right.outcome,
        granted=any(part.outcome is Outcome.ACCEPT and not given.get(part.feature, False) for part in read),
        refused=any(part.outcome is Outcome.BLOCK for part in read),
        taken=got.outcome is Outcome.ACCEPT and not any(has),
        put_off=got.outcome is Outcome.SUGGEST and bool(has) and all(has) and right.outcome is not Outcome.SUGGEST,
    )  # fmt: skip


def runs(classifier: EmbeddedClassifier, known: Sequence[Topic], engines: Mapping[tuple[str, str], Engine]) -> Any:
    """Each ticket for each plan, how many were exact, and the milliseconds of each reading."""
    found, exact, times = [], 0, []
    for told in tickets():
        ticket = ticket_of(told)
        begun = time.perf_counter()
        read, too_long = understood(told, ticket, classifier, known)
        times.append((time.perf_counter() - begun) * 1_000)
        for plan in PLANS:
            engine = engines[plan, told["channel"]]
            if not engine.help.covered:
                exact += 1
                continue
            got = decide(question(read, engine, ticket, too_long=too_long))
            found.append(judged(told, got, truth(told, engine, ticket), engine, plan))
    return found, exact, times


def engines(accounts: Mapping[str, Account], known: Sequence[Topic]) -> Iterator[tuple[tuple[str, str], Engine]]:
    keys = [topic.key for topic in known if topic.key]
    for plan, account in accounts.items():
        for channel in Channel:
            about = About(channel=channel.value)
            yield (plan, channel.value), engine_of(account, about=about, channel=channel, features=keys, at=NOW)


def line(rows: Sequence[Judged]) -> dict[str, Any]:
    decided = [row for row in rows if row.decided]
    wrong = sum(row.wrong for row in decided)
    low, high = interval(wrong, len(decided)) if decided else (0.0, 1.0)
    return {
        "judged": len(rows), "decided": len(decided), "share": round(len(decided) / len(rows), 4), "wrong": wrong,
        "error": round(wrong / len(decided), 4) if decided else None, "from": round(low, 4), "to": round(high, 4),
        "granted": sum(row.granted for row in rows), "refused": sum(row.refused for row in rows),
        "taken": sum(row.taken for row in rows), "put_off": sum(row.put_off for row in rows),
    }  # fmt: skip


def told_as_table(name: str, rows: Sequence[Judged]) -> None:
    by_kind: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        for kind in row.kinds:
            by_kind[f"kind {kind}"].append(row)
        by_kind[f"plan {row.plan}"].append(row)
        by_kind[f"decided as {row.got.value}"].append(row)
    print(
        f"\n{name:<32}{'judged':>7}{'decided':>9}{'wrong':>7}{'error':>8}   95 % from to     granted refused   taken put off"
    )
    for label, some in [("all", rows), *sorted(by_kind.items())]:
        one = line(some)
        error = "—" if one["error"] is None else f"{one['error']:.1%}"
        print(
            f"{label:<32}{one['judged']:>7}{one['share']:>9.1%}{one['wrong']:>7}{error:>8}   "
            f"{one['from']:>6.1%} {one['to']:>6.1%}{one['granted']:>11}{one['refused']:>8}{one['taken']:>8}{one['put_off']:>8}"
        )


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--model", default=settings.DESK_MODELS, type=Path, help="where the model's weights are")
    setup_test_environment(debug=False)
    straight_from_models()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            the_catalog()
            accounts = {plan: customer(f"held-{plan}", plan) for plan in PLANS}
        known = topics()
        owed = dict(engines(accounts, known))
        for name, classifier in classifiers(asked.parse_args().model, known).items():
            rows, exact, times = runs(classifier, known, owed)
            told_as_table(name, rows)
            p95 = round(quantiles(times, n=20)[-1], 2)
            print(
                json.dumps(
                    {"benchmark": "intake_tickets", "read_by": name, **line(rows), "exact": exact, "read_p95_ms": p95}
                )
            )
        return 0
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
