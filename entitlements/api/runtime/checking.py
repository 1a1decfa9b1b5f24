"""May this account do this, and how much is left: checks, one or many."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from entitlements.actions.answers_given import name_of
from entitlements.actions.usage.access import note_access
from entitlements.api.render import render_decision, render_explanation
from entitlements.api.runtime.answers import (
    AccountChecks,
    BatchAnswer,
    BoundAnswer,
    CheckAnswer,
    head_of,
    utc,
    whole,
)
from entitlements.api.runtime.gating import Gate, GateRequest, gate_of, ground_of
from entitlements.api.runtime.knowledge import account_named, all_named, freshness, known, sources_at
from entitlements.api.runtime.outage import AWAY, relied_on
from entitlements.api.runtime.problems import BatchTooLarge, UnknownAccount, problem_of
from entitlements.api.runtime.refusals import offers_for
from entitlements.api.runtime.requests import (
    MOST_ACCOUNTS,
    MOST_FEATURES,
    BatchRequest,
    CheckRequest,
    refuse_far_away,
)
from entitlements.api.runtime.standing import stands_now, stands_then
from entitlements.domain.safeguards import Safeguard
from entitlements.domain.usage.charging import Line
from entitlements.domain.usage.operations import Outcome
from entitlements.queries.account_names import Named
from entitlements.queries.check import memory
from entitlements.queries.check.holding import FOREVER
from entitlements.queries.check.lasts import remember
from entitlements.queries.usage.landing import Sources
from entitlements.queries.usage.standing import Question, Standing, asked_of, reasons_of
from entitlements.snapshots.account import UnknownAccount as NotYetKnown
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal

SCOPE = "entitlements:read"


def check(request: CheckRequest, *, by: Actor, now: datetime) -> CheckAnswer:
    """The answer to one question; a Refusal where it can't be asked. While the database is away, what the feature's
    fallback says."""
    by.require(SCOPE)
    for field in ("at", "known_at"):
        refuse_far_away(getattr(request, field), field=field)
    try:
        return _checked(request, by=by, now=now)
    except AWAY:
        return check_without_rows(request, by=by, now=now)


def check_without_rows(request: CheckRequest, *, by: Actor, now: datetime) -> CheckAnswer:
    """What is answered while the database is away; an OperationalError where nothing is known."""
    answer, checked = relied_on(request, now=now)
    feature_id = memory.feature_id(request.feature, by_heart=True)
    if feature_id is not None:
        question = Question(request.feature, request.quantity, request.subject, request.choice, request.value)
        note_access(
            point=request.point,
            feature_id=feature_id,
            account_id=checked.account_id,
            allowed=answer.allowed,
            asked_by=name_of(by),
            question=lambda: asdict(question),
            answer=lambda: {"why": answer.why, "because": [*checked.because]},
            at=now,
        )
    return answer


def _checked(request: CheckRequest, *, by: Actor, now: datetime) -> CheckAnswer:
    account = account_named(request.account)
    question = Question(request.feature, request.quantity, request.subject, request.choice, request.value)
    if request.at is not None or request.known_at is not None:
        return _told(_at_another_time(account, question, request, now), question, request, now=now, as_of=now)
    sources = sources_at(now, by_rows=request.consistent or request.explain)  # the rows name what memory forgets
    [standing] = stands_now(account, [question], sources=sources, now=now)
    remember(standing, question, now=now.timestamp())
    answer = _told(standing, question, request, now=now, **_fresh(sources))
    _note(standing, answer, point=request.point, question=question, by=by, now=now)
    return answer


def gate(request: GateRequest, *, by: Actor, now: datetime) -> Gate:
    """The same, for a proxy."""
    answer = check(request.question, by=by, now=now)
    return gate_of(ground_of(answer, until=_until(request.account, answer, now)), now=now)


def gate_without_rows(request: GateRequest, *, by: Actor, now: datetime) -> Gate:
    """A gate while the database is away; an OperationalError where nothing is known."""
    return gate_of(ground_of(check_without_rows(request.question, by=by, now=now), until=FOREVER), now=now)


def _until(account: str, answer: CheckAnswer, now: datetime) -> float:
    """Up to when nothing of the account's own ends: what came from memory doesn't say it of one feature."""
    if answer.source != "cache":
        return FOREVER
    held, compiled, _source = memory.named(account, now.timestamp())
    return min(held.until, compiled.until)


def check_many(request: BatchRequest, *, by: Actor, now: datetime) -> BatchAnswer:
    """Each account's answers, in the order asked; what is wrong with one account's name is no fault of the others."""
    by.require(SCOPE)
    features = list(dict.fromkeys(request.features or ()))
    if len(request.accounts) > MOST_ACCOUNTS or len(request.features or ()) > MOST_FEATURES:
        raise BatchTooLarge(f"Ask about at most {MOST_ACCOUNTS} accounts and {MOST_FEATURES} features at once.")
    named = all_named(request.accounts)
    sources, found = sources_at(now, by_rows=request.consistent), []
    for name in request.accounts:
        try:
            account = known(named, name)
            found.append(AccountChecks(name, _of_account(account, features, request, sources=sources, by=by, now=now)))
        except Refusal as refusal:
            found.append(AccountChecks(name, problem=problem_of(refusal)))
    return BatchAnswer(found, at=now)


def _fresh(sources: Sources) -> dict[str, Any]:
    source, as_of = freshness(sources)
    return {"source": source, "as_of": as_of}


def _of_account(
    account: Named, features: Sequence[str], request: BatchRequest, *, sources: Sources, by: Actor, now: datetime
) -> list[CheckAnswer]:
    asked = [Question(key) for key in features or sources.terms_for(account.id, at=now)]
    answers = []
    for question, standing in zip(asked, stands_now(account, asked, sources=sources, now=now), strict=True):
        answers.append(_answer(standing, at=now, **_fresh(sources)))
        _note(standing, answers[-1], point=request.point, question=question, by=by, now=now)
    return answers


def _at_another_time(account: Named, question: Question, request: CheckRequest, now: datetime) -> Standing:
    """By the terms alone: how much was in use then isn't told."""
    if request.known_at is not None and request.known_at > now:
        raise Invalid("What will be known later can't be told; ask about a moment that has passed.", field="known_at")
    try:
        return stands_then(account, question, at=request.at or now, known_at=request.known_at)
    except NotYetKnown:
        words = f"The account {request.account!r} was not known yet at {request.known_at}."
        raise UnknownAccount(words, field="account") from None


def _told(standing: Standing, question: Question, request: CheckRequest, *, now: datetime, **more: Any) -> CheckAnswer:
    at = request.at or now
    if not standing.decision.allowed and request.known_at is None and request.at is None:
        more["offers"] = offers_for(standing, question, at=at)
    if request.explain:
        more["explanation"] = _explained(standing, question)
    return _answer(standing, at=at, **more)


def _answer(standing: Standing, *, at: datetime, **more: Any) -> CheckAnswer:
    decision, terms, outcome = standing.decision, standing.terms, standing.outcome
    use: dict[str, Any] = {"limit": whole(terms.limit) if terms.counted else None}
    if outcome is not None:
        use |= {
            "used": int(outcome.used),
            "held": int(outcome.held),
            "left": whole(outcome.left),
            "limit": whole(outcome.limit),
            "resets_at": utc(outcome.resets_at),
            "bounds": bounds_of(standing.lines),
        }
    return CheckAnswer(
        account=standing.account.key,
        allowed=decision.allowed,
        because=decision.because,
        why=None if standing.why is None else standing.why.value,
        certain=decision.certain,
        **head_of(terms) | {"granted": standing.granted},
        **use,
        at=at,
        **more,
    )


def bounds_of(lines: Sequence[tuple[Line, Outcome]]) -> list[BoundAnswer]:
    """Every limit that bounds it; none are listed where the account's own is the only one."""
    if len(lines) < 2:
        return []
    own = lines[0][0].key
    return [
        BoundAnswer(
            of=_whose(line, own.account_id),
            name=line.key.subject or line.key.choice,
            limit=whole(said.limit),
            used=int(said.used),
            held=int(said.held),
            left=whole(said.left),
            resets_at=utc(line.end),
        )
        for line, said in lines
    ]


def _whose(line: Line, account_id: int) -> Any:
    if line.key.account_id != account_id:
        return "parent"
    return "subject" if line.key.subject else "choice" if line.key.choice else "account"


def _explained(standing: Standing, question: Question) -> dict[str, Any]:
    """Every reason, in the words of the screens; the last line and the verdict are those of this answer."""
    terms = standing.terms
    safeguard = Safeguard(terms.reliance, terms.thresholds, terms.buffer_percent)
    found = render_explanation(terms.answer, zone=terms.zone, asked=asked_of(standing, question), safeguard=safeguard)
    lines = [*found.in_words[:-1], standing.decision.words]
    told: dict[str, Any] = found.model_copy(
        update={"in_words": lines, "decision": render_decision(standing.decision)}
    ).model_dump(mode="json")
    return told


def _note(standing: Standing, answer: CheckAnswer, *, point: str, question: Question, by: Actor, now: datetime) -> None:
    note_access(
        point=point,
        feature_id=standing.feature_id,
        account_id=standing.account.id,
        allowed=answer.allowed,
        asked_by=name_of(by),
        question=lambda: asdict(question),
        answer=lambda: trace_of(standing, question),
        at=now,
    )


def trace_of(standing: Standing, question: Question) -> dict[str, Any]:
    """What is kept of an answer, for whoever asks later why it was given."""
    why = None if standing.why is None else standing.why.value
    return {"why": why, "because": reasons_of(standing, question)}
