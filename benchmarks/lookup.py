"""Finding one customer among 100,000, by 1,000,000 identifiers: `python -m benchmarks.lookup`.

The server's time for the whole page, by what was typed, in turn with a bare list of the same back office; 200,000
devices, 20,000 licences, contracts and cases are there too. On PostgreSQL: `python -m tests.postgres benchmarks.lookup`.
Each answer is checked: an exact one is the customer meant, a typo has that customer among those offered.
DESK_BENCH_ACCOUNTS makes the crowd smaller, for a look at whether it runs.
"""

import gc
import hashlib
import itertools
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_databases, setup_test_environment, teardown_databases
from django.urls import reverse

from entitlements.domain.licences.key_text import write_key, write_prefix
from entitlements.models import Account, Contract, Identifier, Licence
from journal import triggers
from journal.models import Staff
from support.models import Asset, Case, Cover, CoverScope, Severity
from tests.entitlements.licensing import policy_of
from tests.support.factories import (
    CaseFactory,
    CoverFactory,
    CoverScopeFactory,
    ProductFactory,
    WarrantyFactory,
    WorkItemFactory,
)
from tests.support.world import START, subscribe, the_plans, the_promise

NOW = datetime.now(UTC)
ACCOUNTS = int(os.environ.get("DESK_BENCH_ACCOUNTS", "100000"))
DEVICES, FIFTH = 2, 5
SAMPLE, ROUNDS = 60, 60
AIM, GATE = 0.3, 12
CHANCE = random.Random(20261122)
SYLLABLES = [
    "ac",
    "al",
    "ar",
    "bal",
    "be",
    "bio",
    "bra",
    "ca",
    "cel",
    "cor",
    "cra",
    "da",
    "del",
    "dor",
    "el",
    "em",
    "fen",
    "fi",
    "for",
    "ga",
    "gal",
    "gri",
    "ha",
    "hel",
    "hol",
    "in",
    "ix",
    "ja",
    "ka",
    "kel",
    "kor",
    "la",
    "len",
    "lo",
    "lum",
    "mar",
    "me",
    "mi",
    "mor",
    "na",
    "nel",
    "nor",
    "o",
    "om",
    "or",
    "pal",
    "pe",
    "pra",
    "qua",
    "ra",
    "rel",
    "ri",
    "ro",
    "sa",
    "sel",
    "sil",
    "so",
    "ta",
    "tel",
    "ter",
    "tor",
    "u",
    "va",
    "vel",
    "vi",
    "wen",
    "wi",
    "xan",
    "yo",
    "za",
    "zel",
]
TRADES = [
    "Traders",
    "Works",
    "Analytics",
    "Foods",
    "Logistics",
    "Pumps",
    "Clinics",
    "Optics",
    "Freight",
    "Energy",
    "Labs",
    "Press",
    "Bakery",
    "Robotics",
]
FORMS = ("", " B.V.", " GmbH", " Ltd", " Inc.")
# Ten ways to find each account, made of its own row by the database.
WAYS = (
    ("key", "key", ""), ("name", "LOWER(name)", ""), ("domain", "key || '.example'", ""),
    ("email", "'ana@' || key || '.example'", ""), ("email", "'bo@' || key || '.example'", ""),
    ("email", "'help@' || key || '.example'", ""), ("external", "'cus_' || key", "stripe"),
    ("external", "'001' || key", "salesforce"), ("external", "'9' || key", "hubspot"), ("external", "'old-' || key", "own"),
)  # fmt: skip


def name() -> str:
    words = ["".join(CHANCE.choices(SYLLABLES, k=CHANCE.randint(2, 4))).title() for _ in range(CHANCE.randint(1, 2))]
    return f"{' '.join(words)} {CHANCE.choice(TRADES)}{CHANCE.choice(FORMS)}"


def crowd() -> None:
    """Written past the actions, as rows alone; what the database keeps by itself is filled when triggers come back."""
    rows = (
        Account(key=f"acc-{number:06}", name=name(), zone="Europe/Amsterdam", country="NL", created_at=START)
        for number in range(ACCOUNTS)
    )
    while batch := list(itertools.islice(rows, 5_000)):
        Account.objects.bulk_create(batch, batch_size=1_000)
    with connection.cursor() as cursor:
        for kind, value, system in WAYS:
            cursor.execute(
                f'INSERT INTO "entitlements_identifier" ("account_id", "kind", "value", "value_key", "system") '
                f'SELECT "id", %s, {value}, {value}, %s FROM "entitlements_account"',
                [kind, system],
            )
    things()


def things() -> None:
    """Two devices to each account; a contract, a licence and a case to every fifth."""
    product = ProductFactory(key="press", name="Press 600")
    ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    stamped = {"held_since": START, "recorded_at": START}
    serials = (f"HP{number:07}-{n}" for number in range(len(ids)) for n in range(DEVICES))
    devices = (
        Asset(account_id=pk, product=product, serial=serial, serial_key=serial.lower().replace("-", ""), **stamped)
        for pk, serial in zip((pk for pk in ids for _ in range(DEVICES)), serials, strict=True)
    )
    while batch := list(itertools.islice(devices, 5_000)):
        Asset.objects.bulk_create(batch, batch_size=1_000)
    fifth = ids[::FIFTH]
    Contract.objects.bulk_create(
        [
            Contract(account_id=pk, key=f"C-2026-{n:06}", name="Maintenance", created_at=START)
            for n, pk in enumerate(fifth)
        ],
        batch_size=1_000,
    )
    policy = policy_of(None, at=START)
    licences = [_licence(n, pk, policy) for n, pk in enumerate(fifth)]
    Licence.objects.bulk_create(licences, batch_size=1_000)
    severity = Severity.objects.order_by("position")[0]
    opened = {"severity": severity, "channel": "phone", "source": "zendesk", "recorded_at": START, "opened_at": START}
    cases = [Case(account_id=pk, subject=f"Stop {n}", external_id=f"{n:07}", **opened) for n, pk in enumerate(fifth)]
    Case.objects.bulk_create(cases, batch_size=1_000)


def key_of(number: int) -> tuple[str, str]:
    """A prefix and the whole key."""
    prefix = write_prefix(number.to_bytes(5, "big"))
    return prefix, write_key(prefix=prefix, secret=hashlib.sha256(str(number).encode()).digest()[:20])


def _licence(number: int, account: int, policy: object) -> Licence:
    prefix, whole = key_of(number)
    digest = hashlib.sha256(whole.encode()).hexdigest()
    row = {"policy": policy, "issued_at": START, "issued_by": "The desk", "expires_at": NOW + timedelta(days=400)}
    return Licence(account_id=account, prefix=prefix, digest=digest, **row)


def made_whole(numbers: list[int]) -> None:
    """Those that are asked for hold a plan, a cover on a device, a warranty, and have a history."""
    plans = the_plans()
    severity = Severity.objects.order_by("position")[0]
    for number in numbers:
        account = Account.objects.get(key=f"acc-{number:06}")
        subscribe(account, plans["team" if number % 2 else "free"])
        device = account.assets.order_by("pk")[0]
        cover = CoverFactory(account=account, tier="priority", starts_at=START, ends_at=NOW + timedelta(days=90))
        CoverScopeFactory(cover=cover, kind="asset", product=None, asset=device)
        WarrantyFactory(asset=device, starts_at=START, ends_at=NOW + timedelta(days=300))
        for _ in range(3):
            case = CaseFactory(account=account, asset=device, severity=severity, opened_at=NOW - timedelta(days=9))
            WorkItemFactory(account=account, asset=device, case=case)


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


def seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def measure(client: Client, kind: str, asked: list[tuple[str, int | None]]) -> bool:
    url, bare = reverse("admin:support_lookup"), reverse("admin:support_severity_changelist")
    hit = sum(meant(client.get(url, {"q": text}, follow=True).content.decode(), number) for text, number in asked)
    least = len(asked) if "mistyped" not in kind else int(len(asked) * 0.75)
    assert hit >= least, f"{kind}: {hit} of {len(asked)}"
    with CaptureQueriesContext(connection) as reads:
        client.get(url, {"q": asked[0][0]}, follow=True)
    count = len(reads)  # the next request forgets them
    turns = list(itertools.islice(itertools.cycle(asked), ROUNDS))
    pairs = [
        (seconds(lambda: client.get(bare)), seconds(lambda q=text: client.get(url, {"q": q}, follow=True)))
        for text, _ in turns
    ]
    plain, own = statistics.median(pair[0] for pair in pairs), sorted(pair[1] for pair in pairs)
    p50, p95 = statistics.median(own), own[int(ROUNDS * 0.95)]
    ratio = p50 / plain
    print(
        f"{kind:<28} p50 {p50 * 1e3:6.1f} ms  p95 {p95 * 1e3:6.1f} ms (aim < {AIM * 1e3:.0f} ms{'' if p95 < AIM else ', MISSED'})"
        f"  {count:3d} reads  {ratio:5.2f} × a bare list ({plain * 1e3:.1f} ms)   (gate {GATE} ×)  "
        f"{'ok' if ratio <= GATE else 'MISSED'}{'' if hit == len(asked) else f'   found {hit} of {len(asked)}'}",
        flush=True,
    )
    return ratio <= GATE


def meant(page: str, number: int | None) -> bool:
    """Whether the page is about that customer, or offers it; of -1 only that it offers somebody."""
    if number is None:
        return "Nobody found for" in page
    return "acc-" in page if number < 0 else f"acc-{number:06}" in page


def signed_in() -> Client:
    person = Staff.objects.create_user("bench", is_staff=True, email="bench@desk.example")
    person.groups.set(Group.objects.filter(name="support"))
    client = Client()
    client.force_login(person)
    return client


def main() -> int:
    setup_test_environment(debug=False)  # or every statement would be kept
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        begun = time.perf_counter()
        the_promise()
        with triggers.suspended(connection), transaction.atomic():
            crowd()
        numbers = CHANCE.sample(range(ACCOUNTS), SAMPLE)
        made_whole(numbers)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        gc.collect()
        gc.freeze()  # what building the crowd left behind is no part of serving a page
        load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
        print(
            f"database: {connection.vendor}; {Account.objects.count():,} accounts, {Identifier.objects.count():,} "
            f"identifiers, {Asset.objects.count():,} devices, {Cover.objects.count()} covers, "
            f"{CoverScope.objects.count()} of them narrowed; built in {time.perf_counter() - begun:.0f} s; load {load}"
        )
        client = signed_in()
        within = [measure(client, kind, asked) for kind, asked in kinds(numbers)]
        return 0 if all(within) else 1
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
