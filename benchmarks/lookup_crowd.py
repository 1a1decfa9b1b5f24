"""The crowd of the lookup's benchmark: customers with made-up names, ten identifiers each, and what belongs to them.

Django is set up by whoever imports this.
"""

import hashlib
import itertools
import random
from datetime import UTC, datetime, timedelta

from django.db import connection

from entitlements.domain.licences.key_text import write_key, write_prefix
from entitlements.models import Account, Contract, Licence
from support.models import Asset, Case, Severity
from tests.entitlements.licensing import policy_of
from tests.support.factories import (
    CaseFactory,
    CoverFactory,
    CoverScopeFactory,
    ProductFactory,
    WarrantyFactory,
    WorkItemFactory,
)
from tests.support.world import START, subscribe, the_plans

NOW = datetime.now(UTC)
DEVICES, FIFTH = 2, 5
CHANCE = random.Random(20261122)
SYLLABLES = [
    "ac", "al", "ar", "bal", "be", "bio", "bra", "ca", "cel", "cor", "cra", "da", "del", "dor", "el", "em", "fen",
    "fi", "for", "ga", "gal", "gri", "ha", "hel", "hol", "in", "ix", "ja", "ka", "kel", "kor", "la", "len", "lo",
    "lum", "mar", "me", "mi", "mor", "na", "nel", "nor", "o", "om", "or", "pal", "pe", "pra", "qua", "ra", "rel",
    "ri", "ro", "sa", "sel", "sil", "so", "ta", "tel", "ter", "tor", "u", "va", "vel", "vi", "wen", "wi", "xan",
    "yo", "za", "zel"
]  # fmt: skip
TRADES = [
    "Traders", "Works", "Analytics", "Foods", "Logistics", "Pumps", "Clinics", "Optics", "Freight", "Energy",
    "Labs", "Press", "Bakery", "Robotics"
]  # fmt: skip
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


def crowd(accounts: int) -> None:
    """Written past the actions, as rows alone; what the database keeps by itself is filled when triggers come back."""
    rows = (
        Account(key=f"acc-{number:06}", name=name(), zone="Europe/Amsterdam", country="NL", created_at=START)
        for number in range(accounts)
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
