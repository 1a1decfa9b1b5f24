"""The ways by which an override can come about, change or end, each tried like a person or a program would.

`tests/entitlements/test_every_path.py` holds every guard against every one of them. A new way is a function that takes
(world, attempt) and returns the HTTP status, and one line in that file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from entitlements.actions.override_changes import edit, renew
from entitlements.actions.overrides import grant, revoke
from entitlements.admin.overrides.bulk_page import bulk_url
from entitlements.domain.facts import Mode
from entitlements.models import Override
from entitlements.queries.concessions import override_ids, token_of
from journal.actions import approvals
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import NotFound, Refusal
from journal.models import Approval, AuditEvent, Staff
from tests.catalog.imports.bringing import staged
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.agreed import drafted, plan_line
from tests.entitlements.lending import lent
from tests.entitlements.world import AT, DAY, GB, account, subscribed

REFUSED = 409


@dataclass(frozen=True)
class Attempt:
    """What somebody tries; a guard sets one thing of it otherwise than right.

    `seen` is a token that was read before, empty: as it stands; `about` is which override of the world it is about.
    """

    role: str = "sales"
    feature: str = "tier"
    mode: str = "at_most"
    value: str = "basic"
    through_on: str = "2026-04-15"
    seen: str = ""
    about: str = "live"


class World:
    """Acme, with an override in force, a denial someone approved beyond policy, and a request that waits.

    Whoever asked for the denial and made the request is of sales and of finance at once.
    """

    def __init__(self, acme: Customer) -> None:
        self.acme, self.people = acme, {}
        sales, both = self.person("sales"), self.person("both", "sales", "finance")
        self.person("support")
        self.live = self._granted(sales, "tier", Mode.REPLACE, "smart", date(2026, 3, 31))
        self.cap = self._granted(both, "sso", Mode.DENY, None, date(2026, 12, 31))
        approvals.approve(approval=self.request(self.cap), by=self.person("finance"), at=AT - DAY)
        self.asked = self._granted(both, "storage", Mode.ADD, 900 * GB, date(2026, 12, 31))
        scopes = {"sales": ["overrides:write", "contracts:write"], "support": ["entitlements:read"]}
        self.keys = {role: _key(role, allowed) for role, allowed in scopes.items()}
        self._deal()

    def _deal(self) -> None:
        """A draft of a contract, a loan that gives and one that holds down, a duplicate, and a file of accounts."""
        world, self.duplicate = self.acme.catalog, account("double")
        subscribed(self.duplicate, world.free)
        self.draft = drafted(self.acme.account, at=AT - DAY)
        plan_line(self.draft, world.team, at=AT - DAY)
        told = {"account": self.acme.account, "feature": world.seats, "at": AT - DAY}
        self.lent = lent(mode=Mode.AT_LEAST, value=Decimal(12), **told)
        self.holding_down = lent(mode=Mode.AT_MOST, value=Decimal(20), through_on=date(2026, 12, 31), **told)
        self.brought = staged("accounts", "Key,Name\nnewcomer,Newcomer\n", at=AT - DAY)

    def _granted(self, by: Actor, feature: str, mode: Mode, value: Any, through_on: date) -> Override:
        told = {"mode": mode, "value": value, "through_on": through_on, "reason": "A deal"}
        return grant(
            account=self.acme.account, feature=getattr(self.acme.catalog, feature), by=by, at=AT - DAY, **told,
            subscription=self.acme.subscription,
        )  # fmt: skip

    def person(self, name: str, *roles: str) -> Actor:
        if name not in self.people:
            self.people[name] = Staff.objects.create_user(name, email=f"{name}@desk.example", is_staff=True)
            self.people[name].groups.set(Group.objects.filter(name__in=roles or [name]))
        return Staff.objects.get(username=name).as_actor()

    def desk(self, role: str) -> Client:
        self.person(role)
        client = Client()
        client.force_login(self.people[role])
        return client

    def request(self, override: Override) -> Approval:
        return Approval.objects.get(kind="override", subject_key=str(override.pk))

    def override(self, attempt: Attempt) -> Override:
        found: Override = getattr(self, attempt.about)
        found.refresh_from_db()
        return found

    def token(self, attempt: Attempt) -> str:
        return attempt.seen or token_of(Override.objects.get(pk=self.override(attempt).pk))


Try = Callable[[World, Attempt], int]


def _key(role: str, scopes: list[str]) -> str:
    _row, plain = issue(name=f"{role} key", scopes=scopes, by=SYSTEM, at=AT - DAY, expires_at=None)
    return plain


# By screen


def _form(a: Attempt, seen: str) -> dict[str, str]:
    given = {"feature": a.feature, "mode": a.mode, "value": a.value, "through_on": a.through_on, "seen": seen}
    return {**given, "scope": "1", "reason": "Migration", "step": "confirm"}


def grant_page(w: World, a: Attempt) -> int:
    ids = override_ids(account_id=w.acme.account.pk, feature_id=w.acme.catalog.tier.pk)
    seen = a.seen or ",".join(map(str, sorted(ids)))
    return w.desk(a.role).post(url("account_override", "acme"), _form(a, seen)).status_code


def edit_page(w: World, a: Attempt) -> int:
    page = url("override_edit", w.override(a).pk)
    return w.desk(a.role).post(page, _form(a, w.token(a))).status_code


def renew_page(w: World, a: Attempt) -> int:
    page = url("override_renew", w.override(a).pk)
    return w.desk(a.role).post(page, _form(a, w.token(a))).status_code


def revoke_page(w: World, a: Attempt) -> int:
    told = {"reason": "Over", "seen": w.token(a)}
    return w.desk(a.role).post(url("override_revoke", w.override(a).pk), told).status_code


def bulk_revocation(w: World, a: Attempt) -> int:
    override = w.override(a)
    told = {"reason": "Over", "seen": f'{{"{override.pk}": "{w.token(a)}"}}'}
    response = w.desk(a.role).post(bulk_url([override.pk]), told)
    return REFUSED if "Not revoked:" in text_of(response) else response.status_code


def revert_page(w: World, a: Attempt) -> int:
    """Taking back, from the audit, what put an override in force."""
    event = AuditEvent.objects.get(verb="override:grant", subject_key=str(w.live.pk))
    return w.desk(a.role).post(f"/admin/journal/auditevent/{event.pk}/revert/", {"reason": "Over"}).status_code


def approval_page(w: World, a: Attempt) -> int:
    page = f"/admin/journal/approval/{w.request(w.asked).pk}/approve/"
    return w.desk(a.role).post(page, {"note": ""}).status_code


def withdrawal_page(w: World, a: Attempt) -> int:
    page = f"/admin/journal/approval/{w.request(w.asked).pk}/withdraw/"
    return w.desk(a.role).post(page, {"note": ""}).status_code


def stock_page(name: str, *, model: str = "override") -> Try:
    """Django's own page to add, change or delete a row, or to bring an old version back."""

    def attempted(w: World, a: Attempt) -> int:
        arguments = [] if name == "add" else [w.live.pk]
        form = {**_form(a, ""), "state": "approved", "reason": "By hand", "post": "yes"}
        return w.desk(a.role).post(url(f"{model}_{name}", *arguments), form).status_code

    return attempted


# By the API


def _post(w: World, a: Attempt, path: str, told: dict[str, Any]) -> int:
    headers = {"Authorization": f"Bearer {w.keys.get(a.role, '')}"}
    page = f"/api/v1/accounts/acme/overrides{path}"
    return Client().post(page, data=told, content_type="application/json", headers=headers).status_code


def _told(a: Attempt) -> dict[str, Any]:
    return {"mode": a.mode, "value": a.value, "through_on": a.through_on, "reason": "Migration"}


def api_grant(w: World, a: Attempt) -> int:
    return _post(w, a, "", {**_told(a), "feature": a.feature, "subscription": 1})


def api_edit(w: World, a: Attempt) -> int:
    return _post(w, a, f"/{w.override(a).pk}/edit", {**_told(a), "seen": w.token(a)})


def api_renew(w: World, a: Attempt) -> int:
    told = {"through_on": a.through_on, "reason": "Migration", "seen": w.token(a)}
    return _post(w, a, f"/{w.override(a).pk}/renew", told)


def api_revoke(w: World, a: Attempt) -> int:
    return _post(w, a, f"/{w.override(a).pk}/revoke", {"reason": "Over", "seen": w.token(a)})


def api_withdraw(w: World, a: Attempt) -> int:
    return _post(w, a, f"/{w.asked.pk}/withdraw", {})


# By the actions themselves, as whatever is written next will call them


def _acted(act: Callable[..., Any], w: World, a: Attempt, **told: Any) -> int:
    try:
        act(by=w.person(a.role), at=AT, **told)
    except NotFound:
        return 404
    except Refusal:
        return REFUSED
    return 200


def _promised(a: Attempt) -> dict[str, Any]:
    through_on = date.fromisoformat(a.through_on)
    return {"mode": Mode(a.mode), "value": a.value, "through_on": through_on, "reason": "Migration"}


def grant_action(w: World, a: Attempt) -> int:
    about = {"account": w.acme.account, "feature": w.acme.catalog.tier, "subscription": w.acme.subscription}
    return _acted(grant, w, a, **about, **_promised(a), seen=[0] if a.seen else None)


def edit_action(w: World, a: Attempt) -> int:
    return _acted(edit, w, a, override=w.override(a), **_promised(a), seen=w.token(a))


def renew_action(w: World, a: Attempt) -> int:
    through_on = date.fromisoformat(a.through_on)
    return _acted(renew, w, a, override=w.override(a), through_on=through_on, reason="Again", seen=w.token(a))


def revoke_action(w: World, a: Attempt) -> int:
    return _acted(revoke, w, a, override=w.override(a), reason="Over", seen=w.token(a))


def approve_action(w: World, a: Attempt) -> int:
    return _acted(approvals.approve, w, a, approval=w.request(w.asked))


def withdraw_action(w: World, a: Attempt) -> int:
    return _acted(approvals.withdraw, w, a, approval=w.request(w.asked))
