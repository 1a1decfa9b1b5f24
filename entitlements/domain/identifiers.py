"""What an account is found by beside its key, name and contacts: ids in systems we know, and domains of e-mail (E1)."""

import re
from collections.abc import Mapping

SYSTEMS: Mapping[str, str] = {
    "own": "our own system",
    "stripe": "Stripe",
    "salesforce": "Salesforce",
    "hubspot": "HubSpot",
}
_LABEL = re.compile(r"[^\W_](?:[^\W_]|-)*")  # letters of any script: müller.example is a domain as people write it


class NoDomain(ValueError):
    """What was typed is no domain."""


def read_domain(text: str) -> str:
    """ "@Acme.example " → "acme.example"; NoDomain for an address, a path or a single word."""
    domain = text.strip().lower().removeprefix("@").removesuffix(".")
    labels = domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) and not label.endswith("-") for label in labels):
        raise NoDomain("Write the domain alone, for example acme.example.")
    return domain
