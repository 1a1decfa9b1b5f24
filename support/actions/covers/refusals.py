"""What is refused about covers, each by a name that programs can go by."""

from collections.abc import Sequence

from journal.domain.refusal import Invalid, NotFound, Refusal
from support.domain.cover_checks import CoverFault


class CoverOverlaps(Invalid):
    """Another cover covers the same at the same time, by the same line or under the same name."""

    code = "cover_overlaps"


class NoSuchLine(Invalid):
    """The contract has no line of that number while the cover lasts."""

    code = "no_such_line"


class ContractNotInForce(Invalid):
    """The contract was never signed, or ended before the cover begins."""

    code = "contract_not_in_force"


class BeforeContract(Invalid):
    """The cover would begin before the contract's first day."""

    code = "before_contract"


class NotTheirs(Invalid):
    """What it names belongs to another customer, or isn't there."""

    code = "not_theirs"


class UnknownChannel(Invalid):
    """Nobody sells help by that channel."""

    code = "unknown_channel"


class PercentOutOfRange(Invalid):
    """A share is less than nothing, or more than all."""

    code = "percent_out_of_range"


class EndsBeforeStart(Invalid):
    """It would end before it begins."""

    code = "ends_before_start"


class UnknownTier(Invalid):
    """No support tier has that key."""

    code = "unknown_tier"


class CoverSaysNothing(Invalid):
    """Neither a tier, nor a share, nor visits."""

    code = "cover_says_nothing"


class CoverPast(Refusal):
    """The cover has ended, or another follows it already: what was agreed then stays as it is."""

    code = "cover_past"


class CoverChangeWaits(Refusal):
    """A change of the cover waits for a second person."""

    code = "cover_change_waits"


class NoSuchCover(NotFound):
    """There is no such cover, or it isn't theirs to see."""


_BY_CODE: dict[str, type[Invalid]] = {
    kind.code: kind
    for kind in (
        CoverOverlaps,
        NoSuchLine,
        ContractNotInForce,
        BeforeContract,
        NotTheirs,
        UnknownChannel,
        PercentOutOfRange,
        EndsBeforeStart,
        UnknownTier,
        CoverSaysNothing,
    )
}


def refuse_faults(faults: Sequence[CoverFault]) -> None:
    """All of them at once, beside their fields, under the name of the first."""
    if not faults:
        return
    errors: dict[str, tuple[str, ...]] = {}
    for fault in faults:
        errors[fault.where] = (*errors.get(fault.where, ()), fault.message)
    kind = _BY_CODE.get(faults[0].code, Invalid)
    raise kind(faults[0].message, field=faults[0].where, errors=errors)
