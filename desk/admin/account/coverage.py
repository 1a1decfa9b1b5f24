"""The tab that answers what help this customer is owed on what: covers, equipment, prepaid help, visits, what ends."""

from typing import Any

from desk.in_view import AccountInView
from entitlements.admin.renewals.block import renewals_block
from support.admin.assets.block import assets_block
from support.admin.covers.block import covers_block
from support.admin.covers.pages import WRITE
from support.admin.time.block import time_block
from support.admin.work.block import work_block


def coverage(view: AccountInView) -> dict[str, Any]:
    """Each part is read by whoever owns it; here they only stand below each other."""
    account, at = view.account, view.now
    return {
        "covers": covers_block(account, at),
        "may_agree": view.may(WRITE),
        "equipment": assets_block(account, at),
        "time": time_block(account, at=at),
        "work": work_block(account, at=at),
        "renewals": renewals_block(account, at),
    }
