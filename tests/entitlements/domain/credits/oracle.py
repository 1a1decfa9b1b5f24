"""A second reading of the rules: everything that happens as one sorted list, gone through one by one, in whole numbers.

It shares nothing with the engine but the facts: no phases, no burn order kept, recurrences counted by hand.
"""

from collections import Counter
from datetime import timedelta

ENDS, RESETS, FILLS, USED = range(4)


def happenings(grants, usage, resets, until, since):
    """(instant, what comes first at one instant, what); of uses only those before the end."""
    found = []
    for grant in grants:
        ends = [at for at in (grant.expires_at, grant.voided_at) if at is not None]
        gone = min(ends) if ends else None
        found.append((grant.effective_at, FILLS, grant))
        if grant.recurrence is not None:
            step = timedelta(days=grant.recurrence.interval.days, seconds=grant.recurrence.interval.seconds)
            at = grant.recurrence.anchor
            while at > since:
                at -= step
            while at <= until:
                if at > grant.effective_at and (gone is None or at < gone):
                    found.append((at, FILLS, grant))
                at += step
        if gone is not None:
            found.append((gone, ENDS, grant))
    found += [(reset.at, RESETS, reset) for reset in resets]
    found = [one for one in found if one[0] <= until]
    return found + [(use.at, USED, use) for use in usage if use.at < until]


class Purse:
    def __init__(self):
        self.left, self.open, self.owed, self.fates = {}, {}, 0, Counter()

    def burn(self, amount):
        while amount:
            able = [grant for key, grant in self.open.items() if self.left[key]]
            if not able:
                return amount
            able.sort(key=lambda g: (g.created_at, len(g.id), g.id))
            able.sort(key=lambda g: (g.expires_at is None, g.expires_at))
            first = min(able, key=lambda g: g.priority)
            taken = min(amount, self.left[first.id])
            self.left[first.id] -= taken
            self.fates["used"] += taken
            amount -= taken
        return 0

    def put(self, grant):
        self.fates["lost"] += self.left.get(grant.id, 0)
        self.left[grant.id], self.open[grant.id] = int(grant.amount), grant
        self.fates["granted"] += int(grant.amount)

    def end(self, grant):
        voided = grant.voided_at is not None and (grant.expires_at is None or grant.voided_at < grant.expires_at)
        self.fates["voided" if voided else "expired"] += self.left.pop(grant.id, 0)
        self.open.pop(grant.id, None)

    def reset(self, keep):
        for key, grant in self.open.items():
            old = self.left[key]
            new = max(int(grant.min_rollover), old)
            new = new if grant.max_rollover is None else min(int(grant.max_rollover), new)
            self.fates["lost" if new < old else "granted"] += abs(new - old)
            self.left[key] = new
        if not keep:
            self.owed = 0


def simulate(grants, usage, resets, until, since):
    """What is left of each grant that is open, what is owed beyond them, and where everything went."""
    purse = Purse()
    alive = [
        g
        for g in grants
        if min(g.expires_at or until + timedelta(1), g.voided_at or until + timedelta(1)) > g.effective_at
    ]
    every = happenings(alive, usage, resets, until, since)
    for at in sorted({one[0] for one in every}):
        now = [one for one in every if one[0] == at]
        for _, _, grant in (one for one in now if one[1] == ENDS):
            purse.end(grant)
        met = [reset for _, what, reset in now if what == RESETS]
        if met:
            purse.reset(any(reset.preserve_overage for reset in met))
        for _, _, grant in (one for one in now if one[1] == FILLS):
            purse.put(grant)
        purse.owed = purse.burn(purse.owed)
        for _, _, use in (one for one in now if one[1] == USED):
            purse.owed += purse.burn(int(use.amount))
    return dict(purse.left), purse.owed, purse.fates
