"""What an account may do, and why. A product in the same process asks `entitlements.check` (see `in_process.py`)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entitlements.in_process import check, keep_in_memory, requires

__all__ = ["check", "keep_in_memory", "requires"]


def __getattr__(name: str) -> Any:
    """Only when asked for: models can't be read before Django has begun."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from entitlements import in_process

    return getattr(in_process, name)
