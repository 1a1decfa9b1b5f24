"""The words of intake’s settings: who reads, whether it acts by itself, where a ticket stands."""

from enum import StrEnum

VALIDATOR = "validator"  # who has settled a ticket that an answer from outside decided


class ReadBy(StrEnum):
    """Who names the features a request may be about."""

    EMBEDDED = "embedded"  # the classifier that is part of the desk; without its weights the plainer one
    MODEL = "model"  # a large language model over HTTP
    OUTSIDE = "outside"  # a validator outside, which answers later

    @property
    def words(self) -> str:
        return {
            "embedded": "The desk’s own classifier",
            "model": "A language model over HTTP",
            "outside": "A validator outside, which answers later",
        }[self.value]


class Acting(StrEnum):
    """Whether what a classifier read may be acted on, or is only suggested to staff."""

    NEVER = "never"
    WHEN_TAUGHT = "when_taught"

    @property
    def words(self) -> str:
        return {"never": "Never: only suggest", "when_taught": "Once staff have labelled enough tickets"}[self.value]


class Provider(StrEnum):
    ANTHROPIC = "anthropic"
    OPENAI = "openai"

    @property
    def words(self) -> str:
        return {"anthropic": "Anthropic", "openai": "OpenAI, or what speaks its protocol"}[self.value]


class TaughtBy(StrEnum):
    STAFF = "staff"
    CORRECTION = "correction"


class Stage(StrEnum):
    """Where a ticket stands at the door."""

    ASKED = "asked"  # validated before anything happens: no case belongs to it
    DECIDED = "decided"  # by itself
    HELD = "held"  # a person is to decide
    WAITING = "waiting"  # an outside validator is to answer
    SETTLED = "settled"  # a person or a validator decided

    @property
    def words(self) -> str:
        return {
            "asked": "Asked beforehand",
            "decided": "Decided by itself",
            "held": "Waits for a person",
            "waiting": "Waits for an outside answer",
            "settled": "Settled",
        }[self.value]
