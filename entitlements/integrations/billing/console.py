"""Stands in for the systems that bill until one of them is connected: it writes down what they would be told."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

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
        told.get("trial_end") or ", ".join([told["subject"], *_rules(told)]),
        row.message_id,
    )


def _rules(told: Mapping[str, Any]) -> Iterator[str]:
    """By which rules a change takes effect and is settled."""
    return (f"{word} {told[word]}" for word in ("timing", "proration") if told.get(word))
