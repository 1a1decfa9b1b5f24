"""The check in the process: what accounts may do, held in memory in two levels and never staler than it says.

`memory` is the one of this process. `watch` tells it what changed; where nobody watches, it reads the rows.
"""

from entitlements.queries.check.answers import Checked
from entitlements.queries.check.memory import Memory, memory

__all__ = ["Checked", "Memory", "memory"]
