"""Which channel and which severity the words of a ticket ask for: suggestions to staff, which decide nothing.

**A channel** is asked for by words said to us ("please call me", "reply by e-mail", "can somebody come by"), not by words
about the product ("customers call our API", "a second factor by phone"). The first that isn't negated counts.

**A severity** is asked for by its name ("severity: high", "P1"), else by what is said to happen ("production is down")
or how it is put ("no rush"). Of several the gravest counts; but what is said not to be urgent is the least there is.

Negated is what has "not", "never", "no", "if" or "rather than" shortly before it in its clause; "don't hesitate to call"
is no negation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from support.domain.case_events import Channel
from support.domain.intake.spans import plain, words_of
from support.domain.intake.vocabulary import told_apart

REACH = 4  # words before a phrase in which a negation holds for it
CONTACT_REACH = 7  # words before "by phone" in which it is said that we shall answer
MOST_READ = 20_000  # characters that are looked at

_NEGATIONS = told_apart(
    "not no never don't dont doesn't didn't isn't aren't wasn't without stop instead nor cannot can't if when whenever "
    "unless avoid won't wouldn't shouldn't hardly nicht kein keine ohne nie falls wenn ne pas jamais sans nunca sin non"
)
_REVIVING = told_apart("hesitate forget fail why mind")
_RESETTING = told_apart("but sondern mais sino pero ma")

_CALLS: Mapping[Channel, tuple[str, ...]] = {
    Channel.PHONE: (
        "call me", "call us", "call back", "phone me", "phone us", "ring me", "ring us", "give me a call", "give us a call",
        "give me a ring", "a phone call", "a callback", "a call back", "get on a call", "jump on a call", "hop on a call",
        "have a call", "schedule a call", "set up a call", "talk on the phone", "speak on the phone", "rufen sie",
        "ruft mich", "rückruf", "rappelez-moi", "appelez-moi", "llámame", "llámenme", "bel me", "bel mij",
    ),
    Channel.EMAIL: (
        "e-mail me", "email me", "e-mail us", "email us", "write me an e-mail", "write me an email", "send me an e-mail",
        "send me an email", "drop me an email", "mail me", "mail us",
    ),
    Channel.CHAT: ("chat with", "a live chat", "open a chat", "start a chat", "message me on slack"),
    Channel.IN_PERSON: (
        "come by", "come over", "come to our", "visit us", "visit our office", "send someone", "send somebody",
        "send a technician", "send an engineer", "send a person", "meet in person", "on-site visit", "onsite visit",
        "on site visit", "vorbeikommen",
    ),
}  # fmt: skip
_BY: Mapping[Channel, tuple[str, ...]] = {
    Channel.PHONE: ("by phone", "over the phone", "via phone", "by telephone", "on the phone", "telefonisch", "per telefon", "par téléphone", "por teléfono"),
    Channel.EMAIL: ("by e-mail", "by email", "via e-mail", "via email", "by mail", "over email", "per e-mail", "per mail", "par e-mail", "par mail", "por correo"),
    Channel.CHAT: ("by chat", "via chat", "over chat", "per chat"),
    Channel.IN_PERSON: ("in person", "on site", "on-site", "onsite", "at our office", "vor ort", "sur place"),
    Channel.WEB: ("in the portal", "via the portal", "through the portal", "via the web form"),
}  # fmt: skip
_CONTACTING = told_apart(
    "reach contact answer reply respond speak talk discuss help support update updated notify inform get touch meet "
    "prefer preferred explain walk show fix repair erreichen antworten melden kontaktieren répondre contacter contactar"
)
# Whoever shall call us is asked, or nobody is named: "customers call us" asks nothing of us.
_BEFORE_CALL = told_apart(
    "please you to someone somebody anyone anybody and or just either can could would will better rather hesitate must should "
    "team colleague engineer then so kindly urgently bitte then directly again a for want need needs like"
)

_LEVELS: Mapping[str, tuple[str, ...]] = {
    "worst": (
        "production is down", "prod is down", "production down", "site is down", "system is down", "everything is down",
        "service is down", "completely down", "is down for all", "is down for everyone", "is down for everybody", "outage",
        "total outage", "data loss", "losing data", "data breach", "security breach", "emergency", "critical", "asap",
        "as soon as possible", "urgent", "urgently", "immediately", "nobody can log in", "nobody can sign in",
        "no one can log in", "no one can sign in", "nobody can work", "all users are affected", "all users are locked out",
        "everyone is locked out", "everybody is locked out", "losing money", "produktion steht", "dringend", "sofort",
        "en panne", "urgence", "caído", "urgente",
    ),
    "high": (
        "high priority", "blocking us", "blocks us", "we are blocked", "we're blocked", "showstopper", "show stopper",
        "major issue", "severely", "many users", "top priority", "important deadline",
    ),
    "least": (
        "no rush", "no hurry", "not urgent", "isn't urgent", "nothing urgent", "low priority", "lowest priority",
        "whenever you have time", "when you have time", "when you get a chance", "whenever you get a chance", "when convenient",
        "at your convenience", "take your time", "no need to hurry", "can wait", "nice to have", "just curious", "just a question", "cosmetic",
        "not a priority", "feature request", "nicht dringend", "keine eile", "hat zeit", "pas urgent", "sin prisa",
        "geen haast",
    ),
}  # fmt: skip
_NAMING = told_apart("severity priority sev prio schweregrad priorität priorité prioridad prioriteit")


@dataclass(frozen=True, slots=True)
class _Said:
    """The words of a clause."""

    words: tuple[str, ...]

    def places(self, phrases: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where each phrase begins, and how many words it has."""
        for phrase in phrases:
            wanted = tuple(phrase.split())
            for at in range(len(self.words) - len(wanted) + 1):
                if self.words[at : at + len(wanted)] == wanted:
                    yield at, len(wanted)

    def negated(self, at: int) -> bool:
        before = self.words[max(0, at - REACH) : at]
        for number in range(len(before) - 1, -1, -1):
            if before[number] in _RESETTING:
                break
            if before[number] in _REVIVING:
                return False
            if before[number] in _NEGATIONS or before[number : number + 2] in (("rather", "than"), ("no", "longer")):
                return "why" not in before[:number]
        return False


def channel_asked(text: str) -> Channel | None:
    """The channel on which an answer is asked for, if the words say one."""
    for clause in _clauses(text):
        found = [*_called(clause), *_asked_by(clause)]
        if found:
            return min(found)[1]
    return None


def severity_asked(text: str, severities: Sequence[tuple[str, str, str]]) -> str:
    """The key of the severity that the words ask for, or nothing. `severities` (key, name, meaning): the gravest first."""
    if not severities:
        return ""
    clauses = list(_clauses(text))
    named = [number for clause in clauses for number in _named(clause, severities)]
    if named:
        return severities[min(named)][0]
    least = any(True for clause in clauses for _ in clause.places(_LEVELS["least"]))
    if least:
        return severities[-1][0]
    for level, place in (("worst", 0), ("high", 1 if len(severities) > 2 else 0)):
        if any(not clause.negated(at) for clause in clauses for at, _ in clause.places(_LEVELS[level])):
            return severities[place][0]
    meant = [number for clause in clauses for number in _meant(clause, severities)]
    return severities[min(meant)][0] if meant else ""


def _clauses(text: str) -> Iterator[_Said]:
    said = plain(text[:MOST_READ])
    for mark in ",;.!?\n()":
        said = said.replace(mark, "\n")
    for line in said.split("\n"):
        words = tuple(words_of(line))
        if words:
            yield _Said(words)


def _called(clause: _Said) -> Iterator[tuple[int, Channel]]:
    for channel, phrases in _CALLS.items():
        for at, _ in clause.places(phrases):
            asked_of_us = at == 0 or clause.words[at - 1] in _BEFORE_CALL | _NEGATIONS | _RESETTING
            if asked_of_us and not clause.negated(at):
                yield at, channel


def _asked_by(clause: _Said) -> Iterator[tuple[int, Channel]]:
    for channel, phrases in _BY.items():
        for at, length in clause.places(phrases):
            near = clause.words[max(0, at - CONTACT_REACH) : at]
            alone = len(clause.words) <= length + 2 and ("but" in near or "please" in clause.words)
            if (alone or any(word in _CONTACTING for word in near)) and not clause.negated(at):
                yield at, channel


def _named(clause: _Said, severities: Sequence[tuple[str, str, str]]) -> Iterator[int]:
    """Severities called by their name or their number: "severity: high", "urgent priority", "sev 1", "P2"."""
    for number, (key, name, _) in enumerate(severities):
        for called in {plain(key).replace("_", " "), plain(name)}:
            for at, length in clause.places([" ".join(words_of(called))] if words_of(called) else []):
                around = clause.words[max(0, at - 2) : at] + clause.words[at + length : at + length + 1]
                if any(word in _NAMING for word in around) and not clause.negated(at):
                    yield number
        for short in (
            f"p{number + 1}",
            f"sev{number + 1}",
            f"sev-{number + 1}",
            f"sev {number + 1}",
            f"priority {number + 1}",
        ):
            for at, _ in clause.places([short]):
                if not clause.negated(at):
                    yield number


def _meant(clause: _Said, severities: Sequence[tuple[str, str, str]]) -> Iterator[int]:
    """Severities one of whose meanings is said word for word: "major functionality impacted"."""
    for number, (_, _, meaning) in enumerate(severities):
        for part in meaning.split(";"):
            wanted = " ".join(words_of(part))
            if len(wanted.split()) > 1:
                for at, _ in clause.places([wanted]):
                    if not clause.negated(at):
                        yield number
