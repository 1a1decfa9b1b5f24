"""Work and visits on the customer's page: what is to bill, what visits are left, what is due next."""

from datetime import datetime
from typing import Any

from entitlements.models import Account
from support.admin.work.asked import address
from support.admin.work.pages import dispatch_url
from support.admin.work.wording import visit_line, work_line
from support.queries.visits import open_visits_of, visits_left
from support.queries.work.listing import WantedWork, listed_work, open_work_of, totals

FEW = 5


def work_block(account: Account, at: datetime) -> dict[str, Any]:
    """The same reads for every account, however much was done for it."""
    latest = listed_work(WantedWork(account=account))[:FEW]
    return {
        "to_bill": totals(open_work_of(account)),
        "latest": [work_line(item, zone=account.zone) for item in latest],
        "left": visits_left(account, at=at),
        "visits": [visit_line(visit, at=at) for visit in open_visits_of(account, limit=FEW)],
        "here": dispatch_url(account=account.key),
        "work_query": address(account=account.key, billing="any"),
        "visits_query": address(account=account.key),
    }
