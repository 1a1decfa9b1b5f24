"""What the pages about contracts say: where one stands, what follows its term, what a version's terms are."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.dateformat import format as spell

from catalog.queries.instants import say_instant, say_until
from entitlements.domain.contract_terms import Term, Terms
from entitlements.models import ContractVersion
from entitlements.models.contract import Renewal
from entitlements.queries.contracts.standing import ContractAt, Place
from entitlements.queries.contracts.wording import say_day, say_months


def say_first_day(version: ContractVersion) -> str:
    """From when a version speaks; of a draft that names no day, from its signing."""
    if version.effective_at is not None:
        return say_instant(version.effective_at, zone=version.zone)
    if version.effective_on is None:
        return "The moment it is signed"
    return f"{say_day(version.effective_on)} ({version.zone})"


def say_duration(version: ContractVersion) -> str:
    """ "12 months, then a month each time until somebody gives notice"."""
    if version.term_months is None:
        return "Until somebody ends it"
    first = capital(say_months(version.term_months))
    if version.renewal != Renewal.RENEWS or version.renewal_months is None:
        return f"{first}, then it ends"
    return f"{first}, then {say_months(version.renewal_months)} each time until somebody gives notice"


def say_notice(version: ContractVersion) -> str:
    """How long before its end notice has to be given."""
    if not version.notice_days:
        return "At any time"
    return f"{version.notice_days} day{'' if version.notice_days == 1 else 's'} ahead"


def terms_facts(version: ContractVersion) -> Sequence[tuple[str, str]]:
    """The terms of a version, line by line."""
    facts = [("From", say_first_day(version)), ("Runs", say_duration(version))]
    if version.term_months is None or version.renewal == Renewal.RENEWS:
        facts.append(("Notice", say_notice(version)))
    if version.reason_code is not None:
        facts.append(("Reason", str(version.reason_code)))
    return [*facts, ("Why", version.reason)] if version.reason else facts


def say_ahead_of(terms: Terms, term: Term, *, at: datetime) -> tuple[str, str]:
    """What comes at the end of a term that nobody gave notice for, and until when notice still ends it."""
    if not terms.renews:
        return "Ends", say_until(term.ends_at, zone=terms.zone)
    last = f"{say_day(terms.last_day_for_notice(term))} ({terms.zone})"
    late = terms.notice_until(term) <= at
    notice = f"its last day for notice was {last}" if late else f"last day for notice: {last}"
    return "Renews by itself", f"on {spell(terms.term(term.number + 1).first_day, 'j F Y')}; {notice}"


def capital(words: str) -> str:
    """With a large first letter, and the rest as it is."""
    return words[:1].upper() + words[1:]


def say_what_is_next(found: ContractAt) -> str:
    """The nearest thing ahead of a contract, for a column of a list."""
    if found.place in {Place.DRAFT, Place.WAITING}:
        return "Its signing"
    if found.to_come:
        version = min(found.to_come, key=lambda row: row.effective_at)
        return f"Version {version.number} begins {say_instant(version.effective_at, zone=found.zone)}"
    if found.ends_at is not None:
        ended = "Ended" if found.place is Place.ENDED else "Ends"
        return f"{ended}: {say_until(found.ends_at, zone=found.zone)}"
    if found.renews_at is not None and found.last_day_for_notice is not None:
        renews = say_instant(found.renews_at, zone=found.zone)
        return f"Renews by itself {renews}; last day for notice: {say_day(found.last_day_for_notice)}"
    return "Somebody ends it" if found.place is Place.IN_FORCE else "–"
