"""The ways by which something can be lent, as `paths` tries those of overrides."""

from datetime import date

from django.test import Client

from entitlements.actions.loans import LoanTerms, lend
from entitlements.domain.facts import Mode
from entitlements.queries.loans import loan_ids
from journal.domain.refusal import Refusal
from tests.entitlements.admin.reading import url
from tests.entitlements.paths import REFUSED, Attempt, World
from tests.entitlements.world import AT


def lend_page(w: World, a: Attempt) -> int:
    seen = a.seen or ",".join(map(str, sorted(loan_ids(account=w.acme.account))))
    given = {"name": "Beta", "mode": a.mode, "value": a.value, "through_on": a.through_on, "seen": seen}
    page = f"{url('loan_lend')}?account=acme&what=feature.{a.feature}"
    return w.desk(a.role).post(page, {**given, "reason": "Migration", "step": "confirm"}).status_code


def lend_by_api(w: World, a: Attempt) -> int:
    told = {"name": "Beta", "feature": a.feature, "mode": a.mode, "value": a.value, "through_on": a.through_on}
    headers = {"Authorization": f"Bearer {w.keys.get(a.role, '')}"}
    page, told = "/api/v1/accounts/acme/loans", {**told, "reason": "Migration"}
    return Client().post(page, data=told, content_type="application/json", headers=headers).status_code


def lend_action(w: World, a: Attempt) -> int:
    terms = LoanTerms(
        name="Beta",
        account=w.acme.account,
        feature=w.acme.catalog.tier,
        mode=Mode(a.mode),
        value=a.value,
        through_on=date.fromisoformat(a.through_on),
        reason="Migration",
    )
    try:
        lend(terms=terms, by=w.person(a.role), at=AT, seen=[0] if a.seen else None)
    except Refusal:
        return REFUSED
    return 200
