"""Finding one customer among 100,000, by 1,000,000 identifiers: `python -m benchmarks.lookup`.

The server's time for the whole page, by what was typed, in turn with a bare list of the same back office; 200,000
devices, 20,000 licences, contracts and cases are there too. On PostgreSQL: `python -m tests.postgres benchmarks.lookup`.
Each answer is checked: an exact one is the customer meant, a typo has that customer among those offered.
DESK_BENCH_ACCOUNTS makes the crowd smaller, for a look at whether it runs.
"""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases
from django.urls import reverse

from benchmarks.lookup_crowd import CHANCE, FIFTH, crowd, key_of, made_whole
from benchmarks.pages import beside_a_bare_list, load, signed_in
from entitlements.models import Account, Identifier
from journal import triggers
from support.models import Asset, Cover, CoverScope
from tests.support.world import the_promise

ACCOUNTS = int(os.environ.get("DESK_BENCH_ACCOUNTS", "100000"))
SAMPLE, ROUNDS = 60, 60
AIM, GATE = 0.3, 12


def typo(text: str, number: int) -> str:
    """A letter left out, two swapped, or one wrong; never the first."""
    place = 1 + number % (len(text) - 2)
    left, right = text[:place], text[place:]
    if number % 3 == 0:
        return left + right[1:]
    return left + right[1] + right[0] + right[2:] if number % 3 == 1 and len(right) > 1 else f"{left}q{right[1:]}"


def kinds(numbers: list[int]) -> Iterator[tuple[str, list[tuple[str, int | None]]]]:
    """What is typed for each of the sample, and who is meant by it; None: nobody."""
    names = {n: Account.objects.get(key=f"acc-{n:06}").name for n in numbers}
    fifth = [n - n % FIFTH for n in numbers]
    yield "our key", [(f"acc-{n:06}", n) for n in numbers]
    yield "another system's id", [(f"cus_acc-{n:06}", n) for n in numbers]
    yield "e-mail address", [(f"Ana@acc-{n:06}.example", n) for n in numbers]
    yield "address nobody has", [(f"new{n}@acc-{n:06}.example", n) for n in numbers]
    yield "domain", [(f"acc-{n:06}.example", n) for n in numbers]
    yield "the first letters of a name", [(names[n][: len(names[n]) - 3], n) for n in numbers]
    yield "a few first letters", [(names[n][:4], -1) for n in numbers]
    yield "a part of a name", [(names[n][2:-1], n) for n in numbers if len(names[n]) > 18]
    yield "a name mistyped", [(typo(names[n], n), n) for n in numbers]
    yield "a word of it mistyped", [(typo(names[n].split()[0], n), n) for n in numbers if len(names[n].split()[0]) > 5]
    yield "serial number", [(f"hp{n:07} 0", n) for n in numbers]
    yield "licence key", [(key_of(n // FIFTH)[1], n) for n in fifth]
    yield "what is shown of a key", [(f"el_{key_of(n // FIFTH)[0]}_…", n) for n in fifth]
    yield "contract number", [(f"c-2026-{n // FIFTH:06}", n) for n in fifth]
    yield "help desk's number", [(f"{n // FIFTH:07}", n) for n in fifth]
    yield "nothing found", [(f"zzqq{n}xx wwkkjj", None) for n in numbers]


# Several customers may have what was typed, and only so many are shown.
LEAST = {"a part of a name": 0.9, "a name mistyped": 0.75, "a word of it mistyped": 0.75}


def measure(client: Client, kind: str, asked: list[tuple[str, int | None]]) -> bool:
    url = reverse("admin:support_lookup")
    hit = sum(meant(client.get(url, {"q": text}, follow=True).content.decode(), number) for text, number in asked)
    least = int(len(asked) * LEAST.get(kind, 1))
    assert hit >= least, f"{kind}: {hit} of {len(asked)}"
    note = "" if hit == len(asked) else f"found {hit} of {len(asked)}"
    acts: list[Callable[[], object]] = [lambda q=text: client.get(url, {"q": q}, follow=True) for text, _ in asked]
    return beside_a_bare_list(client, kind, acts, rounds=ROUNDS, gate=GATE, aim=AIM, note=note)


def meant(page: str, number: int | None) -> bool:
    """Whether the page is about that customer, or offers it; of -1 only that it offers somebody."""
    if number is None:
        return "Nobody found for" in page
    return "acc-" in page if number < 0 else f"acc-{number:06}" in page


def main() -> int:
    setup_test_environment(debug=False)  # or every statement would be kept
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        begun = time.perf_counter()
        the_promise()
        with triggers.suspended(connection), transaction.atomic():
            crowd(ACCOUNTS)
        numbers = CHANCE.sample(range(ACCOUNTS), SAMPLE)
        made_whole(numbers)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        gc.collect()
        gc.freeze()  # what building the crowd left behind is no part of serving a page
        print(
            f"database: {connection.vendor}; {Account.objects.count():,} accounts, {Identifier.objects.count():,} "
            f"identifiers, {Asset.objects.count():,} devices, {Cover.objects.count()} covers, "
            f"{CoverScope.objects.count()} of them narrowed; built in {time.perf_counter() - begun:.0f} s; {load()}"
        )
        client = signed_in()
        within = [measure(client, kind, asked) for kind, asked in kinds(numbers)]
        return 0 if all(within) else 1
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
