"""The part of an account's page about what it was lent."""

from datetime import datetime
from typing import Any

from entitlements.admin.loans.lend_page import lend_url
from entitlements.models import Account
from entitlements.queries.loans import LoanPlace, how_long, loans_of, place_of, what_is_lent

BADGES = {
    LoanPlace.RUNNING: "in_force",
    LoanPlace.TO_COME: "to_come",
    LoanPlace.WAITING: "waiting",
    LoanPlace.REJECTED: "rejected",
    LoanPlace.RECALLED: "revoked",
}
NEWEST = 10


def loans_block(account: Account, *, at: datetime) -> dict[str, Any]:
    """The newest loans it takes part in or was asked for, each with where it stands."""
    lines = []
    for loan in loans_of(account)[:NEWEST]:
        place = place_of(loan, at=at)
        lines.append(
            {
                "loan": loan,
                "what": what_is_lent(loan),
                "how_long": how_long(loan),
                "place": place.words,
                "badge": BADGES.get(place, "ended"),
                "lasting": place in {LoanPlace.RUNNING, LoanPlace.TO_COME},
            }
        )
    return {"lines": lines, "lend": lend_url(account=account)}
