"""When a contract would end, and what ends with it."""

from datetime import datetime

from catalog.queries.instants import say_until
from entitlements.contract_notes import ends_beside
from entitlements.models import Contract, Override, SubscriptionItem
from entitlements.queries.concessions import words_of
from entitlements.queries.contracts.ready import ContractOver
from entitlements.queries.contracts.settling import rows_of
from entitlements.queries.contracts.versions import is_ending, last_signed, terms_of
from journal.domain.refusal import Refusal


class EndKnown(Refusal):
    """Its end is said already; there is nothing notice would change."""

    code = "end_known"


def require_running(contract: Contract, *, at: datetime) -> None:
    """Refuse what was never signed, and what is over."""
    if last_signed(contract) is None:
        raise Refusal(f"Contract {contract.key} was never signed. Discard its draft instead.")
    if contract.ends_at is not None and contract.ends_at <= at:
        raise ContractOver(f"Contract {contract.key} has ended already.")


def end_by_notice(contract: Contract, *, at: datetime) -> datetime:
    """When it ends if notice is given now, or the refusal that notice would change nothing."""
    require_running(contract, at=at)
    last = last_signed(contract)
    assert last is not None  # just asked
    if contract.ends_at is not None:
        until = say_until(contract.ends_at, zone=last.zone)
        how = "was ended early, and lasts" if contract.ended_early_at is not None else "lasts"
        known = "Notice was given already: it lasts" if contract.notice_at is not None else f"The contract {how}"
        raise EndKnown(f"{known} {until}, and then it ends by itself.")
    return terms_of(last, at=at).end_if_notice(at)


def ends_with(contract: Contract, *, at: datetime) -> tuple[str, ...]:
    """What the customer has, or is to have, by the contract, in words; first what others hung on it."""
    items = (row for rows in rows_of(SubscriptionItem, contract, at=at).values() for row in rows)
    overrides = (row for rows in rows_of(Override, contract, at=at).values() for row in rows)
    return (
        *ends_beside(contract.pk, at=at),
        *(f"{item.quantity} × {item.plan.name}" for item in items if not _followed(item)),
        *(f"{row.feature} {words_of(row)}" for row in overrides),
    )


def _followed(item: SubscriptionItem) -> bool:
    return SubscriptionItem.objects.filter(follows=item).exists()


def taken_back_end(contract: Contract, *, at: datetime) -> None:
    """Refuse to take back a notice that nobody gave, or whose end has come."""
    require_running(contract, at=at)
    if contract.ended_early_at is not None:
        raise Refusal("It was ended early, and that can't be taken back. Draft a new contract for what goes on.")
    if not is_ending(contract):
        raise Refusal("Nobody has given notice, so there is nothing to take back.")
