"""The reasons staff choose from when they give a customer something special."""

from django.db.models import QuerySet

from entitlements.models import ReasonCode
from journal.domain.refusal import Invalid


def reason_codes() -> QuerySet[ReasonCode]:
    """Those that can be chosen, by name."""
    return ReasonCode.objects.filter(retired_at__isnull=True)


def reason_code_by_key(key: str) -> ReasonCode:
    found = ReasonCode.objects.filter(key=key).first()
    if found is None:
        raise Invalid(f"There is no reason with the key “{key[:60]}”.", field="reason_code")
    return found
