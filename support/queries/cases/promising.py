"""What an account is promised on a case at an instant, before it is written down. Nothing here writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from entitlements.models import Account
from support.domain.cover_terms import Aspect, Source
from support.domain.coverage import coverage
from support.domain.covers import Candidate, Choice, CoverFact
from support.models import CalendarVersion, Case, CasePromise, SlaPolicyVersion, SlaTarget, VersionState
from support.queries.coverage import cover_of
from support.queries.covering import About, Covering, covering
from support.queries.lifts import lifts_for
from support.snapshots.policies import promises_by_channel

NOBODY_KNOWS_WHOSE = "Nobody knows yet whose case this is, so nothing is promised."
NOTHING_APPLIES = "Not covered: nothing that would cover it applies."
MOST_SAID = 5  # candidates that a promise gives reasons of
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Judged:
    """A promise, unsaved and without its case, with the covers it was chosen from; None: nobody knows whose it is."""

    promise: CasePromise
    covering: Covering | None = None

    @property
    def missed(self) -> str:
        """Why the cover that somebody chose doesn't apply; empty: it does, or nobody chose."""
        return "" if self.covering is None else self.covering.choice.missed


def promise_for(
    account: Account | None, *, at: datetime, known_at: datetime | None = None, about: About | None = None
) -> CasePromise:
    """What holds for the account at that instant: the tier of the cover that decides response, the policy and the hours
    in force.

    Unsaved and without its case; it starts at `at`. Public holidays count as known at `known_at`, else at `at`.
    """
    return judged(account, at=at, known_at=known_at, about=about).promise


def judged(
    account: Account | None,
    *,
    at: datetime,
    known_at: datetime | None = None,
    about: About | None = None,
    asked: Covering | None = None,
) -> Judged:
    """The same, with who else might have decided. `asked` is what was read a moment ago, taken where it answers this."""
    promise = CasePromise(starts_at=at, recorded_at=known_at or at, holidays_known_at=known_at or at, zone="UTC")
    if account is None:
        promise.why = NOBODY_KNOWS_WHOSE
        return Judged(promise)
    promise.zone, promise.country = account.zone, account.country
    about = about or About()
    found = (
        asked if asked is not None and asked.answers(account, about, at=at) else covering(account, at=at, about=about)
    )
    promise.why = say_why(found, at=at)
    winner = found.choice.promising
    if winner is not None:
        version = found.policies[winner.tier or ""]
        promise.covered_by, promise.cover_name = winner.key, winner.name[:LONGEST_NAME]
        promise.policy_version = version
        promise.calendars = calendars_of(version, at=at)
        promise.lifts = lifts_for(account, version.pk, at=at)
    return Judged(promise, found)


def about_case(case: Case) -> About:
    """What is asked about a case: the device or the product, who asked, by which channel, and what was chosen for it.

    One read for who asked, one for what it was counted on.
    """
    return About(
        asset=case.asset,
        product=case.product_id,
        contact=contact_of(case.account, case.requester),
        channel=case.channel,
        chosen=case.chosen_cover,
        counted=counted_on(case),
    )


def about_for(account: Account, case: Case) -> About:
    """The same as if the case were this account's, which it was never counted for."""
    contact = contact_of(account, case.requester)
    return About(case.asset, case.product_id, contact, case.channel, case.chosen_cover)


def contact_of(account: Account | None, requester: str) -> int | None:
    """The account's contact who has this address."""
    if account is None or not requester:
        return None
    return account.contacts.filter(email__iexact=requester).values_list("pk", flat=True).first()


def counted_on(case: Case) -> frozenset[int]:
    """The allowances that the case has taken an incident of, and not given back."""
    return frozenset(row.allowance_id for row in case.counts.all() if row.given_back_at is None)


def say_why(found: Covering, *, at: datetime) -> str:
    """What is promised for whoever decides response, who that is and why, and why others don't.

    Where what the account holds decides with nobody beside it, there is nothing to add.
    """
    choice, by_channel = found.choice, promises_by_channel(at=at, versions=found.policies)
    promises = {tier: promised[""] for tier, promised in by_channel.items()}
    by, tier = choice.promising, choice.candidate("tier")
    if by is not None:
        said = coverage(tier=by.tier, promises=promises).why
    elif tier is not None and not tier.kept:
        said = NOTHING_APPLIES
    else:
        said = cover_of(found.facts, found.held, promises, at=at).why
    return " ".join(part for part in (said, choice.missed, _who(choice, by), *_others(choice, by)) if part)


def _who(choice: Choice, by: CoverFact | None) -> str:
    """ "Covered by Maintenance 2026 (cover agreed with the customer). It is the most generous of those that apply." """
    if by is None or (by.source is Source.TIER and not _rivals(choice, by)):
        return ""
    candidate = choice.candidate(by.key)
    why = "" if candidate is None else candidate.why(Aspect.RESPONSE)
    return f"Covered by {by.name} ({by.source.words.lower()}). {why}"


def _others(choice: Choice, by: CoverFact | None) -> Iterable[str]:
    rivals = _rivals(choice, by)
    for one in rivals[:MOST_SAID]:
        yield f"Not {one.cover.name}: {one.why(Aspect.RESPONSE)}"
    if len(rivals) > MOST_SAID:
        yield f"Nor {len(rivals) - MOST_SAID} more."


def _rivals(choice: Choice, by: CoverFact | None) -> list[Candidate]:
    """Who else speaks of response: those that apply, and of the others those that would have given more.

    The one that was chosen and missed is spoken of by itself.
    """
    least = -1 if by is None else by.rank
    return [
        one
        for one in choice.candidates
        if one.cover is not by
        and one.cover.speaks_of(Aspect.RESPONSE)
        and (one.kept or one.cover.rank > least)
        and not (one.cover.source is Source.TIER and not one.cover.promised)
        and not (choice.missed and one.cover.key == choice.chosen)
    ]


def calendars_of(version: SlaPolicyVersion, *, at: datetime) -> dict[str, int]:
    """By key, the id of the version of each calendar that its targets count by; in force at the instant.

    A case that was opened before the calendar's first hours came into force counts by those. One read.
    """
    named = SlaTarget.objects.filter(milestone__version=version, calendar__isnull=False)
    rows = CalendarVersion.objects.filter(calendar__in=named.values("calendar"), state=VersionState.IN_FORCE)
    found: dict[str, int] = {}
    for pk, key, since in rows.order_by("in_force_from", "number").values_list("pk", "calendar__key", "in_force_from"):
        if key not in found or (since is not None and since <= at):
            found[key] = pk
    return dict(sorted(found.items()))


def decided_by(promise: CasePromise | None) -> tuple[str, str]:
    """The key and the name of what decides. What was promised before covers were kept rests on the tier that was held."""
    if promise is None:
        return "", ""
    if promise.covered_by or promise.policy_version is None:
        return promise.covered_by, promise.cover_name
    return Source.TIER.value, promise.policy_version.policy.name


def tier_of(promise: CasePromise) -> str:
    """The tier a case is served by under this promise; empty: none that promises anything."""
    return "" if promise.policy_version is None else promise.policy_version.policy.tier
