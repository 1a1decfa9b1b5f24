"""Stands in for the systems that bill until one of them is connected: it writes down what they would be told."""

import logging

from journal.models import Outbound

logger = logging.getLogger("entitlements.billing")


def send(row: Outbound) -> None:
    """Log one message to a billing system, under the id that it would carry however often it is tried."""
    told = row.payload
    logger.info(
        "%s would be told to %s of %s: %s (message %s)",
        row.destination,
        told["do"].replace("_", " "),
        told["subscription"] or f"{told['account']}, subscription {told['number']}",
        told["trial_end"],
        row.message_id,
    )
