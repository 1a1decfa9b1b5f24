"""How Stripe's identifiers begin (docs.stripe.com/api): a hint for the eye, never a reason to refuse."""

from collections.abc import Mapping

PREFIXES: Mapping[str, str] = {"product": "prod_", "price": "price_", "feature": "feat_"}


def unusual(identifier: str, *, sort: str) -> str:
    """A sentence where an identifier doesn't look like one of that sort; empty where it does."""
    expected = PREFIXES[sort]
    if not identifier or identifier.startswith(expected):
        return ""
    other = next((name for name, prefix in PREFIXES.items() if identifier.startswith(prefix)), None)
    mistaken = f"it looks like the id of a {other}" if other else f"such ids begin with {expected}"
    return f"{identifier} is unusual for a {sort}: {mistaken}. Check it."
