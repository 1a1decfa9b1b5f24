"""Work and parts on the page of a case: who would pay for more, and what was recorded."""

from datetime import datetime
from typing import Any

from support.admin.work.pages import record_url
from support.admin.work.wording import work_line
from support.domain.cover_terms import Billing
from support.models import Case
from support.queries.work.authorised import authorised
from support.queries.work.listing import WantedWork, listed_work, totals, work_of_case

MOST = 30


def work_block(case: Case, *, at: datetime, may: bool) -> dict[str, Any]:
    """Nothing for a case of nobody known: nobody knows who would pay."""
    if case.account is None:
        return {"unknown": True}
    found, first = work_of_case(case, limit=MOST + 1), authorised(case.account, asset=case.asset, at=at, case=case)
    return {
        "shares": first.shares,
        "caution": first.caution,
        "lines": [work_line(item, zone=case.account.zone) for item in found[:MOST]],
        "more": len(found) > MOST,
        "to_bill": totals(listed_work(WantedWork(case=case, billing=Billing.OPEN))) if found else [],
        "record": record_url(case=case.pk) if may else "",
    }
