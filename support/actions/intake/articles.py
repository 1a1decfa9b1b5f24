"""Self-service and routes: where a feature is answered without anybody’s help, and to whom an accepted ticket goes."""

from datetime import datetime
from typing import Any

from django.db import models, transaction

from catalog.models import Feature
from journal.actions.deeds import begin, keep, pending_changes, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale
from support.actions.cases.handling import spoken
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Plays
from support.models import HelpArticle, Route, Team
from support.queries.policy_history import tier_choices

TEACHING, EDITING = "support.teach_intake", "support.edit_intake"


@transaction.atomic
def set_article(*, feature: Feature, title: str, url: str, plays: Plays, by: Actor, at: datetime) -> HelpArticle:
    """Named the article that answers a feature, in the place of the one it had; as it stood, nothing is written."""
    by.require(TEACHING)
    Feature.objects.select_for_update().get(pk=feature.pk)
    if not spoken(title):
        raise Invalid("Name the article as customers see it.", field="title")
    if not spoken(url).lower().startswith(("https://", "http://")):
        raise Invalid("Give the article’s whole address, such as https://help.example/exports.", field="url")
    row = HelpArticle.objects.filter(feature=feature, retired_at__isnull=True).first() or HelpArticle(feature=feature)
    row.title, row.url, row.plays = spoken(title), spoken(url), plays
    return _kept(row, "help_article:set", by=by, at=at)


@transaction.atomic
def retire_article(*, article: HelpArticle, by: Actor, at: datetime) -> HelpArticle:
    """Took an article back: tickets aren’t sent there any more."""
    by.require(TEACHING)
    held = HelpArticle.objects.select_for_update().get(pk=article.pk)
    if held.retired_at is not None:
        raise Stale("This article was taken back already.")
    held.retired_at = at
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    record(deed, "help_article:retire", subject=held, changes={"article": [held.url, None]})
    return held


@transaction.atomic
def set_route(
    *,
    team: Team,
    by: Actor,
    at: datetime,
    tier: str = "",
    feature: Feature | None = None,
    channel: Channel | None = None,
    to_manager: bool = False,
    position: int = 0,
) -> Route:
    """Said where accepted tickets of this tier, feature and channel go; what is left out is any of them."""
    by.require(EDITING)
    if tier and tier not in tier_choices():
        raise Invalid(f"The support tier has no choice “{tier}”.", field="tier")
    if not 0 <= position <= 10_000:
        raise Invalid("A place in the order is a number from 0 to 10,000.", field="position")
    fits = {"tier": tier, "feature": feature, "channel": channel.value if channel else ""}
    row = Route.objects.select_for_update(of=("self",)).filter(**fits).first() or Route(**fits)
    row.team, row.to_manager, row.position = team, to_manager, position
    return _kept(row, "support_route:set", by=by, at=at)


@transaction.atomic
def remove_route(*, route: Route, by: Actor, at: datetime) -> None:
    """Took a route away: its tickets go where the next one that fits leads."""
    by.require(EDITING)
    held = Route.objects.select_for_update(of=("self",)).select_related("team", "feature").filter(pk=route.pk).first()
    if held is None:
        raise Stale("This route was taken away already.")
    deed = begin(by=by, at=at)
    record(deed, "support_route:remove", subject=held, changes={"route": [str(held), None]})
    remove(held, deed=deed)


def _kept(row: Any, verb: str, *, by: Actor, at: datetime) -> Any:
    """Written where something changed."""
    assert isinstance(row, models.Model)
    changes = pending_changes(row)
    if row.pk is not None and not changes:
        return row
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, verb, subject=row, changes=changes)
    return row
