"""A kind of long work for the tests: it counts numbers, stumbles where it is told to, and remembers what it did."""

from dataclasses import dataclass, field

from journal import jobs
from journal.domain.refusal import Refusal
from journal.jobs import JobHandler, Outcome, Planned
from journal.models import Notice

CHUNK = 4


@dataclass
class Counting:
    """`refuses` fail for good, `breaks` raise so many times, `odd` ones have nothing to do."""

    refuses: set[str] = field(default_factory=set)
    breaks: dict[str, int] = field(default_factory=dict)
    odd: set[str] = field(default_factory=set)
    finished: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    finishing: Exception | None = None

    def plan(self, *, job, cursor, at):
        first = int(cursor or 1)
        last = min(first + CHUNK - 1, job.payload["up_to"])
        units = [Planned(str(number), f"Number {number}") for number in range(first, last + 1)]
        return units, None if last == job.payload["up_to"] else str(last + 1)

    def act(self, *, job, item, by, at):
        self.seen.append(item.key)
        if item.key in self.odd:
            return Outcome.passed_over("It is odd.")
        Notice.objects.create(
            recipient=f"{by.name}",
            subject=item.key,
            body="",
            kind="count",
            once_key=f"{job.pk}:{item.key}",
            created_at=at,
        )
        if item.key in self.refuses:
            raise Refusal(f"{item.label} can't be counted.")
        if self.breaks.get(item.key, 0) > 0:
            self.breaks[item.key] -= 1
            raise RuntimeError("a wire broke")
        return Outcome.done("Counted.")

    def finish(self, *, job, by, at):
        if self.finishing is not None:
            raise self.finishing
        self.finished.append(job.title)


def registered(counting: Counting, monkeypatch) -> None:
    handler = JobHandler("Counting", "journal.steer_job", counting.plan, counting.act, counting.finish)
    monkeypatch.setitem(jobs._handlers, "counting", handler)
