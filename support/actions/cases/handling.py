"""Who may handle cases, how a case is held while it changes, and what is refused about cases.

Locks are taken in one order: accounts only where the case is being given from one to another, then the case, then the counter and
the balance of the prepaid help it counts on, then the audit. What happens to a case holds no account, so that nobody
waits for whoever changes the customer.
"""

from datetime import datetime, timedelta

from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Invalid, Refusal
from support.models import Case, Severity, Team

PERMISSION = "support.handle_case"
SCOPE = "cases:write"
AHEAD = timedelta(minutes=5)  # clocks of other systems go wrong by so much
LONGEST_TEXT = 5_000
OWN = "raise:"  # how the desk names the events by which an alert raises the severity


class FromTheFuture(Invalid):
    """It is said to have happened later than now."""

    code = "from_the_future"


class BeforeOpening(Invalid):
    """It is said to have happened before the case was opened."""

    code = "before_opening"


class UnknownSeverity(Invalid):
    """No severity has this key."""

    code = "unknown_severity"


class UnknownTeam(Invalid):
    """No team has this key."""

    code = "unknown_team"


class CaseKnown(Refusal):
    """The ticket stands for a case already."""

    code = "case_known"


class CaseCancelled(Refusal):
    """The case was cancelled, and nothing brings it back."""

    code = "case_cancelled"


class NotByHand(Invalid):
    """The milestone meant isn't one of this case that somebody starts or meets by hand."""

    code = "not_by_hand"


class HoursUncountable(Refusal):
    """By the hours of its calendar something promised for the case would never be due."""

    code = "hours_uncountable"


class CaseEventReused(Invalid):
    """The same name told something else of this case before."""

    code = "case_event_reused"


def require(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(PERMISSION)


def lock_case(pk: int) -> Case:
    """The case as it stands once it is ours. Its key never changes, so others may still write rows that point to it."""
    rows = Case.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("account", "severity", "team", "asset").get(pk=pk)


def account_key_of(case: Case) -> str:
    """Under which account its audit and its messages stand; empty while nobody knows whose it is."""
    return "" if case.account is None else case.account.key


def refuse_future(happened_at: datetime, *, at: datetime, field: str) -> None:
    if happened_at > at + AHEAD:
        raise FromTheFuture(
            f"{happened_at:%Y-%m-%d %H:%M:%S %Z} is later than now ({at:%Y-%m-%d %H:%M:%S %Z}). "
            "Look at the clock and the zone it was written in.",
            field=field,
        )


def severity_of(key: str) -> Severity:
    found = Severity.objects.filter(key=spoken(key)).first()
    if found is None:
        known = ", ".join(Severity.objects.values_list("key", flat=True)) or "none yet"
        raise UnknownSeverity(f"No severity has the key {key!r}; there are: {known}.", field="severity")
    return found


def team_of(key: str) -> Team:
    found = Team.objects.filter(key=spoken(key)).first()
    if found is None:
        known = ", ".join(Team.objects.values_list("key", flat=True)) or "none yet"
        raise UnknownTeam(f"No team has the key {key!r}; there are: {known}.", field="team")
    return found


def spoken(text: str) -> str:
    """PostgreSQL refuses the null character even in a question."""
    return text.replace("\x00", "").strip()


def event_name(name: str, *, by: Actor) -> str:
    """How an event is named at its source. Whoever took a name of the desk's own would hold up what it says under it."""
    name = spoken(name)
    if name.startswith(OWN) and by.kind is not ActorKind.SYSTEM:
        raise Invalid(f"Names that begin with {OWN!r} are the desk’s own; choose another.", field="name")
    return name


def written(text: str, *, field: str) -> str:
    """What somebody wrote, for keeping."""
    text = spoken(text)
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"Keep it to {LONGEST_TEXT:,} characters; this has {len(text):,}.", field=field)
    return text
