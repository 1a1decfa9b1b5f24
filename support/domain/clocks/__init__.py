"""The clocks of a case: what is owed on it, by when, and why, as a function of what happened and what was promised.

Read in this order: `values` (what goes in and comes out), `story` (events in order, states), `terms` (what was promised
when), `runs` (from when to when a milestone is owed), `reckoning` (due times, pauses, changes, lateness), `alerts`,
`standing` (all of it together) and `explaining`. Nothing here reads a database or the time.
"""
