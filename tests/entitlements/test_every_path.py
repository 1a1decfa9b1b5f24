"""Every guard on every path by which an override comes about, changes or ends: tried, refused, nothing written.

A path is one line of PATHS: the function that tries it (tests/entitlements/paths.py) and the guards it must keep.
A guard is one line of GUARDS: what is wrong with the attempt. What is right is tried too, so that no line is refused
for another reason than its guard.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction

from catalog.models import ImportRun
from entitlements.models import Override
from entitlements.models.override import OverrideState
from journal.models import Approval, AuditEvent
from tests.entitlements import dealing_paths, lending_paths, paths
from tests.entitlements.admin.conftest import Customer, _monday_morning, acme  # noqa: F401  # its fixtures
from tests.entitlements.paths import Attempt, Try, World
from tests.entitlements.world import AT, DAY, value

pytestmark = pytest.mark.django_db

GUARDS = {
    "no permission": Attempt(role="support"),
    "ends before it starts": Attempt(through_on="2026-03-01"),
    "unknown feature": Attempt(feature="nothing"),
    "a mode that doesn't fit": Attempt(mode="add"),
    "changed meanwhile": Attempt(seen="0"),
    "gives back what someone approved": Attempt(about="cap"),
    "asked for it oneself": Attempt(role="both"),
    "somebody else's request": Attempt(role="finance"),
    "no such way": Attempt(),
}
ANYONE, WINDOW, FEATURE, MODE, STALE, GIVES_BACK, OWN, OTHERS, CLOSED = GUARDS
RIGHT = Attempt()
PROMISE = (ANYONE, WINDOW, MODE, STALE)
REVOKING = (ANYONE, STALE, GIVES_BACK)


@dataclass(frozen=True)
class Path:
    """`right` is the attempt that goes through; None: there is none. `judged`: policy decides whether it waits."""

    tried: Try
    guards: Iterable[str]
    right: Attempt | None = RIGHT
    judged: bool = False


PATHS = {
    "grant page": Path(paths.grant_page, (*PROMISE, FEATURE), judged=True),
    "grant by the API": Path(paths.api_grant, (ANYONE, WINDOW, FEATURE, MODE), judged=True),
    "grant action": Path(paths.grant_action, PROMISE, judged=True),
    "lend page": Path(lending_paths.lend_page, (*PROMISE, FEATURE)),
    "lend by the API": Path(lending_paths.lend_by_api, (ANYONE, WINDOW, FEATURE, MODE)),
    "lend action": Path(lending_paths.lend_action, PROMISE),
    "recall page": Path(dealing_paths.recall_page, REVOKING),
    "recall by the API": Path(dealing_paths.recall_by_api, REVOKING),
    "recall action": Path(dealing_paths.recall_action, REVOKING),
    "sign page": Path(dealing_paths.sign_page, (ANYONE, STALE)),
    "sign by the API": Path(dealing_paths.sign_by_api, (ANYONE,)),
    "sign action": Path(dealing_paths.sign_action, (ANYONE, STALE)),
    "merge page": Path(dealing_paths.merge_page, (ANYONE, STALE)),
    "merge action": Path(dealing_paths.merge_action, (ANYONE, STALE)),
    "import page": Path(dealing_paths.import_page, (ANYONE,)),
    "import action": Path(dealing_paths.import_action, (ANYONE,)),
    "edit page": Path(paths.edit_page, PROMISE, judged=True),
    "edit by the API": Path(paths.api_edit, PROMISE, judged=True),
    "edit action": Path(paths.edit_action, PROMISE, judged=True),
    "renew page": Path(paths.renew_page, (ANYONE, WINDOW, STALE), judged=True),
    "renew by the API": Path(paths.api_renew, (ANYONE, WINDOW, STALE), judged=True),
    "renew action": Path(paths.renew_action, (ANYONE, WINDOW, STALE), judged=True),
    "revoke page": Path(paths.revoke_page, REVOKING),
    "bulk revocation": Path(paths.bulk_revocation, REVOKING),
    "revoke by the API": Path(paths.api_revoke, REVOKING),
    "revoke action": Path(paths.revoke_action, REVOKING),
    "revert page": Path(paths.revert_page, (ANYONE,), right=Attempt(role="finance")),
    "approval page": Path(paths.approval_page, (ANYONE, OWN), right=Attempt(role="finance")),
    "approve action": Path(paths.approve_action, (ANYONE, OWN), right=Attempt(role="finance")),
    "withdrawal page": Path(paths.withdrawal_page, (ANYONE, OTHERS), right=Attempt(role="both")),
    "withdraw by the API": Path(paths.api_withdraw, (ANYONE, CLOSED), right=None),  # another person's request
    "withdraw action": Path(paths.withdraw_action, (ANYONE, OTHERS), right=Attempt(role="both")),
    **{
        f"stock page to {name}": Path(paths.stock_page(name), (CLOSED,), right=None)
        for name in ("add", "change", "delete", "history")
    },
}
WENT_THROUGH, REFUSED = {200, 201, 202, 302}, {403, 404, 405, 409, 422}


@pytest.fixture
def world(acme: Customer) -> World:  # noqa: F811
    return World(acme)


def written() -> Any:
    """All that any of the paths could write."""
    rows = [list(model.objects.order_by("pk").values()) for model in (Override, Approval, ImportRun)]
    return rows, AuditEvent.objects.count()


def tried(path: Path, world: World, attempt: Attempt) -> tuple[int, bool]:
    """The status, and whether anything was written; the world is as it was before."""
    before = written()
    with transaction.atomic():
        status = path.tried(world, attempt)
        changed = written() != before
        transaction.set_rollback(True)
    return status, changed


@pytest.mark.parametrize("guard", GUARDS)
def test_every_path_keeps_the_guard(world: World, guard: str) -> None:
    wrong = []
    for name, path in PATHS.items():
        if guard in path.guards:
            status, changed = tried(path, world, GUARDS[guard])
            shown = status == 200 and not changed and "page" in name  # the form again, or a history to read
            if changed or not (status in REFUSED or shown):
                wrong.append(f"{name}: {status}, {'written' if changed else 'nothing written'}")
    assert not wrong, f"{guard}: " + "; ".join(wrong)


def test_what_is_right_goes_through_on_every_path(world: World) -> None:
    wrong = []
    for name, path in PATHS.items():
        if path.right is not None:
            status, changed = tried(path, world, path.right)
            if status not in WENT_THROUGH or not changed:
                wrong.append(f"{name}: {status}, {'written' if changed else 'nothing written'}")
    assert not wrong, "; ".join(wrong)


def beyond_policy() -> Iterator[tuple[str, Path]]:
    yield from ((name, path) for name, path in PATHS.items() if path.judged)


def answers(world: World) -> list[Any]:
    return [value(world.acme.account, feature, AT + n * DAY) for feature in ("tier", "sso") for n in (0, 20, 60, 200)]


def test_beyond_policy_it_waits_on_every_path_and_changes_no_answer(world: World) -> None:
    before, wrong = answers(world), []
    for name, path in beyond_policy():
        with transaction.atomic():
            status = path.tried(world, replace(Attempt(), through_on="2026-12-31"))
            waits = Override.objects.filter(state=OverrideState.REQUESTED).count()
            if status not in WENT_THROUGH or waits != 2 or answers(world) != before:
                wrong.append(f"{name}: {status}, {waits} requests wait")
            transaction.set_rollback(True)
    assert not wrong, "; ".join(wrong)


def test_nobody_approves_what_they_asked_for_by_whichever_path(world: World) -> None:
    """Not even somebody who may grant and approve."""
    beyond = Attempt(role="both", through_on="2026-12-31")
    for name, path in beyond_policy():
        if "API" in name:  # a program decides nothing
            continue
        with transaction.atomic():
            path.tried(world, beyond)
            newest = Override.objects.filter(state=OverrideState.REQUESTED).latest("pk")
            world.asked = newest
            assert paths.approve_action(world, beyond) == paths.REFUSED, name
            paths.approval_page(world, beyond)
            newest.refresh_from_db()
            assert newest.state == OverrideState.REQUESTED, name
            transaction.set_rollback(True)


def test_a_request_of_another_role_is_decided_by_that_role_alone(world: World) -> None:
    request = world.request(world.asked)
    Approval.objects.filter(pk=request.pk).update(approver_role="auditor")
    for path in (PATHS["approval page"], PATHS["approve action"]):
        status, changed = tried(path, world, Attempt(role="finance"))
        assert not changed, status


def test_a_program_never_holds_a_role_that_policy_could_give(world: World) -> None:
    paths.api_grant(world, Attempt())
    assert Override.objects.latest("pk").state == OverrideState.REQUESTED
