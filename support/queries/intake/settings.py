"""How tickets are checked at the moment. Nothing here writes: until somebody edits it, the row isn't there."""

from entitlements.snapshots import Reader
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Outcome, Wanted
from support.domain.intake.settings import Acting
from support.domain.intake.wanting import LEARNT, wanted_of
from support.models import ClassifierVersion, IntakeSettings

ONE = 1


def intake_settings() -> IntakeSettings:
    return next(iter(Reader().rows(IntakeSettings, id=ONE)), None) or IntakeSettings(pk=ONE)


def is_checked(settings: IntakeSettings, channel: Channel) -> bool:
    return channel.value in settings.checked


def wanted_by(settings: IntakeSettings, version: ClassifierVersion | None, *, labels: int, kind: str = "") -> Wanted:
    """`labels`: how many tickets staff have labelled so far; `version`: the classifier that read it, or that a reading was
    held against; `kind`: who read it.
    """
    percents = {
        Outcome.ACCEPT: settings.accept_percent,
        Outcome.REDIRECT: settings.redirect_percent,
        Outcome.SUGGEST: settings.suggest_percent,
    }
    return wanted_of(
        percents,
        acting=Acting(settings.acting),
        labels=labels,
        labels_wanted=settings.labels_wanted,
        learnt=None if version is None else _learnt(version, kind or version.kind),
    )


def _learnt(version: ClassifierVersion, kind: str) -> dict[str, float | None]:
    """The thresholds of that very reader. Of one that staff’s labels say nothing about: never by itself."""
    if kind == version.kind:
        return dict(version.thresholds)
    told = version.evidence.get("others", {}).get(kind, {})
    return {outcome.value: told.get(outcome.value, {}).get("threshold") for outcome in LEARNT}
