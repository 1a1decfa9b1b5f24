"""The tokens of forms about contracts: they differ as soon as anything does that the form has shown."""

import hashlib
from typing import Any

from entitlements.models import Contract, ContractVersion


def draft_token(version: ContractVersion) -> str:
    """Everything the draft says, line by line."""
    row = ContractVersion.objects.filter(pk=version.pk).values_list()
    return _digest([*row, *version.lines.order_by("pk").values_list()])


def contract_token(contract: Contract) -> str:
    """Where the contract stands, with its versions."""
    row = Contract.objects.filter(pk=contract.pk).values_list()
    return _digest([*row, *contract.versions.order_by("pk").values_list("pk", "state", "effective_at")])


def _digest(seen: list[Any]) -> str:
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]
