"""What a product tells of a trial: that a feature was used in it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from entitlements.actions.trial_uses import SCOPE, note_uses
from entitlements.api.offers import feature_by_key
from entitlements.queries.accounts import account_by_key
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS

router = Router(tags=["Trials"], auth=KeyAuth(SCOPE))


class UseIn(Schema):
    feature: str = Field(description="The key of the feature that was used.", examples=["sso"])


class UseOut(Schema):
    """The first use in one trial."""

    subscription: int = Field(description="The number of the account's subscription.")
    used_at: datetime = Field(description="When it was first told.")


class UseList(Schema):
    account: str
    feature: str
    noted: list[UseOut] = Field(description="By running trial that gives the feature; empty where none does.")


@router.post(
    "/accounts/{key}/trial-uses",
    response={200: UseList, **PROBLEMS},
    summary="A feature was used",
    url_name="trial_uses",
)
def trial_use(request: HttpRequest, key: str, told: UseIn) -> Any:
    """Note that a feature was used, in every running trial of the account that gives it.

    Some features stay after a trial only if they were used in it. The first use counts, so the same request may be
    sent as often as you like. Where no running trial gives the feature, nothing is noted and the list is empty.
    """
    account, feature = account_by_key(key), feature_by_key(told.feature)
    uses = note_uses(account=account, feature=feature, by=request.auth, at=timezone.now())  # type: ignore[attr-defined]
    noted = [UseOut(subscription=use.subscription.number, used_at=use.used_at) for use in uses]
    return UseList(account=account.key, feature=feature.key, noted=noted)
