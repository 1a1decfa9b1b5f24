"""What one would write first: a check and a report by plain ORM, behind the same server, with all of Django's middleware.

Both are right as far as they go: rows are read anew for each request, and a report is counted once, under a lock.
"""

import json
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from catalog.models import Feature, PlanTerm
from entitlements.models import Account, Override, SubscriptionItem, UsageCounter, UsageEvent
from journal.domain.key_text import digest_of, prefix_of
from journal.models import ApiKey


def caller(request: HttpRequest) -> ApiKey:
    plain = request.headers["Authorization"].removeprefix("Bearer ")
    return ApiKey.objects.get(prefix=prefix_of(plain), digest=digest_of(plain).hex(), revoked_at=None)


@csrf_exempt
def check(request: HttpRequest) -> HttpResponse:
    caller(request)
    asked, now = json.loads(request.body), timezone.now()
    account = Account.objects.get(key=asked["account"])
    feature = Feature.objects.get(key=asked["feature"])
    open_ended = Q(ends_at=None) | Q(ends_at__gt=now)
    items = SubscriptionItem.objects.filter(open_ended, subscription__account=account, starts_at__lte=now)
    versions = [item.version for item in items.select_related("version", "plan", "subscription")]
    terms = PlanTerm.objects.filter(Q(feature=feature) | Q(group=feature.group), version__in=versions)
    overrides = Override.objects.filter(open_ended, account=account, feature=feature, starts_at__lte=now)
    granted = (
        any(term.state in {"value", "unlimited"} for term in terms.select_related("feature")) or overrides.exists()
    )
    used = UsageCounter.objects.filter(account=account, feature=feature).aggregate(used=Sum("used"))["used"]
    return JsonResponse({"account": account.key, "feature": feature.key, "allowed": granted, "used": used})


@csrf_exempt
def report(request: HttpRequest) -> HttpResponse:
    key = caller(request)
    told: dict[str, Any] = json.loads(request.body)
    now = timezone.now()
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    account, feature = Account.objects.get(key=told["account"]), Feature.objects.get(key=told["feature"])
    with transaction.atomic():
        counter, _ = UsageCounter.objects.select_for_update().get_or_create(
            account=account, feature=feature, starts_at=month, subject="", choice="",
            defaults={"since": month, "updated_at": now},
        )  # fmt: skip
        _, new = UsageEvent.objects.get_or_create(
            source=key.prefix, event_id=told["id"],
            defaults={
                "account": account, "feature": feature, "act": "report", "quantity": 1, "amount": 1, "at": now,
                "recorded_at": now, "answer": {}, "told_by": key.prefix,
            },
        )  # fmt: skip
        if new:
            counter.used += 1
            counter.total += 1
            counter.events += 1
            counter.updated_at = now
            counter.save()
    return JsonResponse({"used": counter.used})


urlpatterns = [path("check", check), path("report", report)]
