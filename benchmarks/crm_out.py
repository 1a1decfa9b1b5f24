"""What goes out to a CRM, for many accounts at once: how long each takes to work out and to write, and how many reads.

    python -m benchmarks.crm_out [--accounts 1000]

Beside it, in the same run, the baseline: the same accounts one by one, by the queries of an account's own page. Printed
are milliseconds of the processor and statements for each account, and their ratio to the baseline: where the clock has
foreseen the use already, as it does every hour, and where all of it is foreseen anew. Then what is written, and a second
run, in which nothing differs.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection as database
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from desk.actions.crm.marking import make_due
from desk.integrations.crm.writing import write_due
from desk.models import CrmCompany
from desk.queries.crm.rendered import renderings
from entitlements.actions.usage.forecasting import look_ahead
from entitlements.models import Account
from entitlements.queries.concessions import placed_overrides
from entitlements.queries.entitlements import facts_of
from entitlements.queries.holdings import holdings
from entitlements.queries.usage.overview import meters_of
from support.queries.one_line import cover_in_a_line
from tests.desk.integrations.crm.written_there import There, company_of, connected
from tests.entitlements.spent import counted, days_before
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT

SINGLY = 50


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--accounts", type=int, default=1000)
    number = asked.parse_args().accounts
    setup_test_environment()
    kept = setup_databases(verbosity=0, interactive=False)
    try:
        measure(number)
    finally:
        teardown_databases(kept, verbosity=0)


def measure(number: int) -> None:
    line, there = prepared(number)
    rows = list(CrmCompany.objects.select_related("account", "connection").order_by("pk"))
    some = rows[:SINGLY]
    renderings(some[:1], at=AT)  # what is read once for good
    alone = timed(f"one by one ({len(some)})", len(some), lambda: [singly(row.account) for row in some if row.account])
    anew = timed("at once, all foreseen anew", number, lambda: renderings(rows, at=AT))
    print(f"{'':28}{anew / alone:10.2f} × one by one")
    look_ahead(at=AT)
    at_once = timed("worked out at once", number, lambda: renderings(rows, at=AT))
    print(f"{'':28}{at_once / alone:10.2f} × one by one")
    make_due(CrmCompany.objects.all(), at=AT)
    timed("worked out and written", number, lambda: write_due(line, at=AT))
    print(f"{'':28}{there.sent:10,} records in {len(there.calls)} calls")
    make_due(CrmCompany.objects.all(), at=AT)
    timed("again, nothing differs", number, lambda: write_due(line, at=AT))
    print(f"{'':28}{there.sent:10,} records in {len(there.calls)} calls")


def prepared(number: int) -> tuple[Any, There]:
    """Accounts with a plan of seven features, use of three of them and eight weeks of days of one."""
    world, (line, there) = metered(), connected()
    for place in range(number):
        one = customer(world, f"customer-{place}")
        for feature, used in ((world.calls, 100 + place % 900), (world.seats, place % 6), (world.tokens, place % 90)):
            counted(one, feature, used)
        days_before(one, world.calls, [7] * 56)
        company_of(one, line)
    return line, there


def singly(account: Account) -> None:
    """What the head, the overview and the use of an account's page read."""
    cover_in_a_line(account=account, facts=facts_of(account=account), at=AT)
    meters_of(account_id=account.pk, at=AT)
    holdings(account_ids=[account.pk], at=AT)
    placed_overrides(account_id=account.pk, at=AT)


def timed(words: str, number: int, does: Callable[[], object]) -> float:
    """Milliseconds of the processor for each account: on a machine that others use too the clock says little."""
    with statements() as asked:
        begun = time.process_time()
        does()
        took = (time.process_time() - begun) * 1000 / number
    print(f"{words:28}{took:10.2f} ms{len(asked) / number:10.2f} statements each")
    return took


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked meanwhile; Django's own record of it costs more than the statements."""
    asked: list[str] = []

    def noted(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with database.execute_wrapper(noted):
        yield asked


if __name__ == "__main__":
    main()
