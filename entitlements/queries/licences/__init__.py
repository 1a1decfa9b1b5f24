"""Licences as they stand: by account, by their key, and what is known of one at an instant."""

from entitlements.queries.licences.finding import licence_by_prefix, licences_of
from entitlements.queries.licences.reading import facts_of, standing_now

__all__ = ["facts_of", "licence_by_prefix", "licences_of", "standing_now"]
