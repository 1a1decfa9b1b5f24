"""What the tests of webhooks share: who keeps them, and tries as receivers make them."""

from journal.actions.webhooks import endpoints, replaying
from journal.actions.webhooks.carrying import claim, settle
from journal.domain.webhooks.outcomes import Outcome, Try
from tests.journal.factories import EPOCH, person

KEEPER = person("Ada", endpoints.PERMISSION)
REPLAYER = person("Bob", replaying.PERMISSION)
OK = Try(Outcome.OK, 5, status=204)
NO = Try(Outcome.FAILED, 5, status=500, error="It answered 500 (Internal Server Error).", response="Oh")
GONE = Try(Outcome.GONE, 5, status=410, error="It answered 410 (Gone).")
SILENCE = Try(Outcome.TIMED_OUT, 15_000, error="Nothing answered within 15 seconds.")


def tried(endpoint, made, *, at=EPOCH):
    """Claim the next message of this endpoint and settle it so; None where there was none."""
    claimed = claim(endpoint_id=endpoint.pk, at=at)
    if claimed is not None:
        settle(claimed, made, jitter=0.0, at=at)
        claimed.message.refresh_from_db()
        return claimed.message
    return None
