"""Contracts as people and programs read them: their versions, terms and lines, and what signing or ending one does."""

from entitlements.queries.contracts.difference import LineDifference, difference, terms_difference
from entitlements.queries.contracts.ending import end_by_notice, ends_with
from entitlements.queries.contracts.previewing import LineVerdict, Preview, preview_signing
from entitlements.queries.contracts.standing import ContractAt, LineAt, Place, contract_at, contracts_of
from entitlements.queries.contracts.token import contract_token, draft_token
from entitlements.queries.contracts.versions import last_signed, open_version, terms_of, version_at
from entitlements.queries.contracts.wording import say_day, say_line, say_ordinal, say_term, say_terms

__all__ = [
    "ContractAt",
    "LineAt",
    "LineDifference",
    "LineVerdict",
    "Place",
    "Preview",
    "contract_at",
    "contract_token",
    "contracts_of",
    "difference",
    "draft_token",
    "end_by_notice",
    "ends_with",
    "last_signed",
    "open_version",
    "preview_signing",
    "say_day",
    "say_line",
    "say_ordinal",
    "say_term",
    "say_terms",
    "terms_difference",
    "terms_of",
    "version_at",
]
