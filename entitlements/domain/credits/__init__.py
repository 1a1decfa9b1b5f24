"""Credits: grants that are burnt down, exactly, and a ledger that explains every balance.

Owns: who burns first, what recurs, what rolls over, what lapses; a plan's credits as a grant nobody stored (`plan`).
Does not own: what may be used at all (the resolver), what an operation costs (usage), rows and locks (actions).

The rules are OpenMeter's published ones, with two departures: every instant is exact, where they cut to the minute; and
thresholds are reached at ≥, where theirs are passed at >. What stands at an instant is what stands once everything that
changes at that instant has changed: a grant that ends then is gone.
"""
