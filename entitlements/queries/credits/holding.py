"""Which credits an account has anything to do with."""

from datetime import datetime

from catalog.domain.values import Kind
from catalog.models import Feature
from entitlements.domain.facts import Facts
from entitlements.domain.resolve import resolve
from entitlements.models import Account, CreditBalance


def credit_features(account: Account, *, at: datetime, facts: Facts) -> list[Feature]:
    """The credit features that the account is given now, or has ever been granted or used anything of."""
    answers = resolve(facts, at=at)
    given = {key for key, answer in answers.items() if answer.granted and answer.shape.kind is Kind.CREDIT}
    touched = set(CreditBalance.objects.filter(account=account).values_list("feature_id", flat=True))
    rows = Feature.objects.filter(kind=Kind.CREDIT).select_related("group")
    return [row for row in rows if row.key in given or row.pk in touched]
