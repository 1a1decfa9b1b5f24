"""What benchmarks of pages share: somebody signed in, a stopwatch, and a page timed in turn with a bare list.

Django is set up by whoever imports this.
"""

import itertools
import os
import statistics
import time
from collections.abc import Callable, Sequence

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from journal.models import Staff


def signed_in(role: str = "support") -> Client:
    person = Staff.objects.create_user("bench", is_staff=True, email="bench@desk.example")
    person.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(person)
    return client


def seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def took(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of this process's own processor time, in which waiting and other programs don't count."""
    start, own = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - start, time.process_time() - own


def load() -> str:
    return f"load {', '.join(f'{one:.1f}' for one in os.getloadavg())}"


def beside_a_bare_list(
    client: Client,
    name: str,
    acts: Sequence[Callable[[], object]],
    *,
    rounds: int,
    gate: float,
    aim: float | None = None,
    note: str = "",
) -> bool:
    """Whether these acts, one a round in their order, keep the gate: their median over that of a bare list of the same
    back office, in turn. `aim` is for the 95th percentile, in seconds, and is only reported.
    """
    bare = reverse("admin:support_severity_changelist")
    with CaptureQueriesContext(connection) as reads:
        acts[0]()
    count = len(reads)  # the next request forgets them
    turns = list(itertools.islice(itertools.cycle(acts), rounds))
    pairs = [(seconds(lambda: client.get(bare)), took(act)) for act in turns]
    plain = statistics.median(pair[0] for pair in pairs)
    own, busy = sorted(pair[1][0] for pair in pairs), statistics.median(pair[1][1] for pair in pairs)
    p50, p95 = statistics.median(own), own[int(rounds * 0.95)]
    ratio = p50 / plain
    said = "" if aim is None else f" (aim < {aim * 1e3:.0f} ms{'' if p95 < aim else ', MISSED'})"
    print(
        f"{name:<34} p50 {p50 * 1e3:6.1f} ms  p95 {p95 * 1e3:6.1f} ms{said}  processor {busy * 1e3:6.1f} ms  "
        f"{count:3d} reads  {ratio:5.2f} × a bare list ({plain * 1e3:.1f} ms)   (gate {gate:g} ×)  "
        f"{'ok' if ratio <= gate else 'MISSED'}{f'   {note}' if note else ''}",
        flush=True,
    )
    return ratio <= gate
