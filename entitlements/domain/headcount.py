"""How many accounts something is about, our own people told apart: they hold plans, but no revenue hangs on them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Headcount:
    """`accounts` are customers and partners; `internal` come beside them and count in no figure about revenue."""

    accounts: int = 0
    internal: int = 0

    @property
    def everybody(self) -> int:
        return self.accounts + self.internal

    @property
    def words(self) -> str:
        """ "12 accounts, and 3 internal accounts", "only 3 internal accounts", "nobody"."""
        if not self.everybody:
            return "nobody"
        if not self.accounts:
            return f"only {say_internal(self.internal)}"
        told = f"{self.accounts:,} account{'' if self.accounts == 1 else 's'}"
        return f"{told}, and {say_internal(self.internal)}" if self.internal else told


def say_internal(number: int) -> str:
    return f"{number:,} internal account{'' if number == 1 else 's'}"
