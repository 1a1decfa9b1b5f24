"""The three questions about the past over HTTP: was true, was believed, was answered."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from entitlements.queries.accounts import account_by_key
from entitlements.queries.story.three_answers import ThreeAnswers, three_answers
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.refusal import Invalid, NotFound

router = Router(tags=["Entitlements"], auth=KeyAuth("entitlements:read"))


class PastMoment(Schema):
    at: Annotated[Instant, Field(description="The instant asked about; one that has passed.")]
    feature: Annotated[str, Field(max_length=64, description="One feature by its key; all if left out.")] = ""


class GivenAnswer(Schema):
    """What a key had last been told; it was told nothing else until the instant."""

    told: str = Field(description="The API key, by its name.", examples=["Web shop (ed_1f3a_…)"])
    value_text: str
    told_at: datetime


class PutRight(Schema):
    """The act since which the instant is known as it is today."""

    at: datetime
    act: str
    by: str
    reason: str
    event_id: str


class PastAnswers(Schema):
    feature: str
    name: str
    true: str = Field(description="What was true, by everything known today.", examples=["120 GB"])
    believed: str | None = Field(
        description="What was believed then; null: the customer, or the feature, wasn't known yet."
    )
    answered: list[GivenAnswer] = Field(description="What each key had been told; empty: nobody asked.")
    differs: bool
    put_right: PutRight | None = None


class PastAnswer(Schema):
    account: str
    at: datetime
    answers: list[PastAnswers] = Field(description="Those that differ come first.")


@router.get("/accounts/{key}/past", response={200: PastAnswer, **PROBLEMS}, summary="The past, three ways")
def past(request: HttpRequest, key: str, moment: Query[PastMoment]) -> Any:
    """What was true at an instant, what was believed then, and what each program had been told."""
    account = account_by_key(key)
    if moment.at > timezone.now():
        raise Invalid("This moment hasn't come yet; ask about one that has passed.", field="at")
    lines = three_answers(account=account, at=moment.at, feature=moment.feature or None)
    if moment.feature and not lines:
        raise NotFound(f"No feature has the key {moment.feature!r}.")
    return PastAnswer(account=account.key, at=moment.at, answers=[render_past(line) for line in lines])


def render_past(line: ThreeAnswers) -> PastAnswers:
    cause = line.cause
    return PastAnswers(
        feature=line.feature,
        name=line.name,
        true=line.true,
        believed=line.believed,
        answered=[GivenAnswer(told=one.told, value_text=one.words, told_at=one.told_at) for one in line.answered],
        differs=line.differs,
        put_right=None
        if cause is None
        else PutRight(at=cause.at, act=cause.words, by=cause.who, reason=cause.reason, event_id=cause.event_id),
    )
