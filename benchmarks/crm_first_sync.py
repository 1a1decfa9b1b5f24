"""The first reading of a CRM's companies: its minutes, its memory, and what a worker that is killed half-way repeats.

    python -m benchmarks.crm_first_sync [--companies 50000] [--known 5000]

`--known` of them are customers here already and found by their domains; the others become accounts. The CRM is a pretended
Salesforce in a process of its own; so is the worker, which is killed (-9) once half is read. Printed are the seconds, the
most memory of a worker, how many companies were asked for twice (a batch under way may be), and that no account is two.
"""

import argparse
import os
import signal
import subprocess
import sys
import time

from benchmarks.crm_desk import ROOT, There, connected, folder


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--companies", type=int, default=50_000)
    asked.add_argument("--known", type=int, default=5_000)
    asked.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.worker:
        work()
        return
    with folder():
        there = There(companies=told.companies)
        try:
            measure(there, told.companies, min(told.known, told.companies))
        finally:
            there.end()


def measure(there: There, companies: int, known: int) -> None:
    from django.db.models import Sum

    from desk.models import CrmCompany
    from entitlements.models import Account

    connected(there)
    customers(known)
    begun = time.perf_counter()
    first = worker()
    while read() < companies // 2 and first.poll() is None:
        time.sleep(0.5)
    first.send_signal(signal.SIGKILL)
    first.wait()
    print(f"killed after {read():,} of {companies:,}, {time.perf_counter() - begun:.0f} s")
    lapse()
    second = worker()
    said = second.communicate()[0].strip()
    took = time.perf_counter() - begun
    rows = CrmCompany.objects.aggregate(asked=Sum("asked"))
    accounts = Account.objects.count()
    print(f"read {read():,} in {took:.0f} s ({took / 60:.1f} minutes), {took / companies * 1000:.1f} ms each; {said}")
    print(f"asked for twice: {rows['asked'] - companies:,}; accounts: {accounts:,} for {companies:,} companies")
    assert accounts == read() == companies, "one account for each company"


def worker() -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.crm_first_sync", "--worker"]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, env=dict(os.environ))


def work() -> None:
    """As a worker of the desk's does it, turn by turn."""
    import django

    django.setup()
    from django.utils.timezone import now

    from desk.domain.crm.flows import Flow
    from desk.integrations.crm.running import run_flow
    from desk.models import CrmFlow

    row = CrmFlow.objects.select_related("connection").get(flow=Flow.COMPANIES)
    while row.mark_at is None:
        assert run_flow(row.connection, Flow.COMPANIES, clock=now)
        row.refresh_from_db()
        assert not row.trouble, row.trouble
    print(f"{most_memory():.0f} MB at most")


def most_memory() -> float:
    """MB of this process alone; what `resource` says may be of the one that began it."""
    with open("/proc/self/status") as told:
        return next(int(line.split()[1]) / 1024 for line in told if line.startswith("VmHWM"))


def read() -> int:
    from desk.models import CrmCompany

    return CrmCompany.objects.filter(told_at__isnull=False).count()


def lapse() -> None:
    """The lease of whoever was killed has run out."""
    from desk.models import CrmFlow

    CrmFlow.objects.update(lease_until=None)


def customers(known: int) -> None:
    from django.db import transaction
    from django.utils.timezone import now

    from entitlements.actions.accounts import open_account
    from entitlements.actions.identifiers import add_identifier
    from entitlements.models.account import IdentifierKind
    from journal.domain.actor import SYSTEM

    with transaction.atomic():
        for number in range(known):
            told = {"by": SYSTEM, "at": now()}
            account = open_account(key=f"c{number}", name=f"Customer {number}", zone="UTC", **told)
            add_identifier(account=account, kind=IdentifierKind.DOMAIN, value=f"c{number}.example", **told)


if __name__ == "__main__":
    main()
