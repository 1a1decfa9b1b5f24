"""What is in a contract changes with the contract only, and the refusal that says so."""

from entitlements.models import Contract, Override, Subscription
from journal.domain.refusal import Refusal


class UnderContract(Refusal):
    """It was made by a contract, so another way of changing it would leave the contract saying what isn't so."""

    code = "under_contract"


def refuse_under_contract(subscription: Subscription) -> None:
    """Refuse to change what a contract's subscription holds in any other way than by the contract."""
    contract = Contract.objects.filter(subscription=subscription.pk).first()
    if contract is not None:
        raise UnderContract(f"Subscription {subscription.number} is in contract {contract.key}: amend the contract.")


def refuse_contract_override(override: Override) -> None:
    """Refuse to edit, renew or revoke an override that a line of a contract made."""
    if override.contract_line_id is not None:
        contract = Contract.objects.get(versions__lines=override.contract_line_id)
        raise UnderContract(f"This is in contract {contract.key}: amend the contract.")
