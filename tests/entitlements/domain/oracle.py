"""A second, naive reading of DESIGN.md §4, written from the text alone, slow and without explanations.

It shares no code with the resolver beyond the facts and `version_on_sale`, which has tests of its own; which version
an item has is found the slow way (eager.py).
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from zoneinfo import ZoneInfo

from catalog.domain.rollouts import version_on_sale
from catalog.domain.values import UNLIMITED
from entitlements.domain.facts import FeatureRule
from tests.entitlements.domain.eager import version_of

INFINITE = Decimal("Infinity")
MODES = ("replace", "add", "at_least", "at_most", "deny")
UNFIT = {"gate": MODES[1:4], "text": MODES[1:4], "ranked": MODES[1:2], "set": MODES[2:4], "quantity": ()}
NOTHING = {"gate": False, "quantity": Decimal(0), "ranked": None, "set": frozenset(), "text": None}


def naive(facts, at):
    """Per feature: value, granted, reset, enforcement, overage."""
    return {key: Question(facts, key, at).answer() for key in facts.features}


def version_then(item, facts, at):
    return facts.versions[version_of(item, facts.rollouts, at)]


def holdings(facts, at):
    """What is held then, each with the only feature it speaks about; None: about all."""
    for item in facts.items:
        if not item.window.contains(at):
            continue
        lapse = item.trial_lapses_at
        if lapse is None or at < lapse:
            yield held(item, version_then(item, facts, at), at)
            continue
        tried = version_then(item, facts, lapse)
        sale = tried.after_trial and version_on_sale(plan=tried.after_trial, rollouts=facts.rollouts, at=lapse)
        late = replace(item, window=replace(item.window, start=max(item.window.start or lapse, lapse)))
        if sale:
            bought = replace(late, pinned=sale, recorded_at=lapse, holds=(), quantity=1, id=item.id + ":after-trial")
            yield held(bought, version_then(bought, facts, at), at, without="trial")
        for key in facts.features:
            term = spoken(tried, "trial", item.interval, facts, key, lapse)
            name = term and kept_as(term, item, facts, lapse, at)
            if name:
                yield held(replace(late, id=item.id + name, lent=True), tried, at, least="trial", only=key)


def kept_as(term, item, facts, lapse, at):
    """By which name a feature is still kept so long after the lapse; nothing where it isn't."""
    if term.at_trial_end == "kept_if_used":
        return ":kept-used" if term.feature in item.used_in_trial else ""
    if term.at_trial_end == "ends":
        return ""
    zone = ZoneInfo(facts.zone)
    wall = lapse.astimezone(zone).replace(tzinfo=None) + timedelta(days=term.kept_days)
    return f":kept-{term.kept_days}-days" if at < wall.replace(tzinfo=zone) else ""


def held(item, version, at, *, without="", least="active", only=None):
    phases = [phase for phase, window in item.phases if window.contains(at) and phase != without]
    phase = next((p for p in ("paused", "winding_down", "grace", "trial") if p in phases), least)
    order = (item.window.start.timestamp() if item.window.start else -1e18, len(item.id), item.id)
    return version, phase, item.quantity, item.interval, item.lent, item.subscription, order, only


def spoken(version, phase, interval, facts, feature, at):
    fitting = []
    for t in version.terms:
        fits = t.feature == feature and t.market in (None, facts.market) and t.interval in (None, interval)
        if not fits or t.phase not in ((phase,) if phase == "paused" else (None, phase)):
            continue
        empty = t.state not in ("value", "unlimited") or t.value is False
        if empty or any(w.contains(at) for w in t.provided):
            special = (t.phase is None, t.market is None, t.interval is None)
            fitting.append(((t.depth, t.group_distance, *special, len(t.id), t.id), t, empty))
    if not fitting:
        return None
    _, term, empty = min(fitting, key=lambda f: f[0])
    return None if empty else term


class Question:
    def __init__(self, facts, feature, at):
        self.facts, self.key, self.at = facts, feature, at
        self.shape = facts.features[feature].shape
        self.kind = self.shape.nature.value
        begun = [r for r in facts.features[feature].revisions if r.effective_at <= at]
        self.rule = max(begun, key=lambda r: r.effective_at, default=FeatureRule(at))

    def number(self, value):
        places = {c.key: n for n, c in enumerate(self.shape.choices)}
        by_kind = {"quantity": lambda: value, "ranked": lambda: places[value], "set": lambda: len(value)}
        return INFINITE if value is UNLIMITED else by_kind.get(self.kind, lambda: 0)()

    def good(self, value):
        less = self.kind == "quantity" and self.shape.better == "less"
        return -self.number(value) if less else self.number(value)

    def best(self, offers):
        return max(offers, key=lambda o: (self.good(o[0]), o[1]))

    def plus(self, a, b):
        if self.kind == "set":
            return a | b
        return UNLIMITED if UNLIMITED in (a, b) else a + b

    def scaled(self, term, quantity):
        value = UNLIMITED if term.state == "unlimited" else term.value
        if not self.shape.suits(value):
            return None
        if self.kind != "quantity" or term.scaling in ("flat", "each_seat_of"):
            return value
        times = Decimal(quantity)
        if term.scaling == "per_seat_of":
            seats, granted, *_ = Question(self.facts, term.seats_of, self.at).answer()
            per = self.facts.features[term.seats_of].shape.scale
            times = (INFINITE if seats is UNLIMITED else seats / per) if granted else Decimal(0)
        if times == 0:
            return None
        if value == 0:
            return value
        return UNLIMITED if INFINITE in (times, self.number(value)) else (value * times) // 1

    def billed(self):
        """What stands in place of plans and add-ons where the billing decides."""
        on = (fact for fact in self.facts.billed if fact.feature == self.key and fact.window.contains(self.at))
        starts = [(f.window.start.timestamp() if f.window.start else -1e18, len(f.id), f.id) for f in on]
        return [(True, order, None, "hard", None, False) for order in starts if self.kind == "gate"]

    def offers(self):
        base, replacing, adding = [], [], []
        by_billing = self.rule.given_by == "billing"
        base += self.billed() if by_billing else []
        for version, phase, quantity, interval, lent, _, order, only in holdings(self.facts, self.at):
            heard = only in (None, self.key) and not by_billing
            term = spoken(version, phase, interval, self.facts, self.key, self.at) if heard else None
            value = None if term is None else self.scaled(term, quantity)
            if value is not None:
                target = base if version.kind == "plan" else replacing if version.effect == "replaces" else adding
                target.append((value, order, term.reset, term.enforcement, term.overage_percent, lent))
        parent = self.facts.parent
        if parent and self.rule.parent_rule != "own" and self.key in parent.features:
            value, granted, *conditions = Question(parent, self.key, self.at).answer()
            if granted:
                base.append((value, (-1e18, len(parent.account), parent.account), *conditions, False))
        return base, replacing, adding

    def base(self, offers):
        own, lent = [o for o in offers if not o[5]], [o for o in offers if o[5]]
        least = self.rule.combine == "most_restrictive"
        if self.kind == "set" and least and own:
            value = reduce(lambda a, b: a & b, (o[0] for o in own))
            smallest = min(own, key=lambda o: (len(o[0]), o[1]))
            return reduce(self.plus, (o[0] for o in lent), value), smallest
        if self.kind == "set":
            return reduce(self.plus, (o[0] for o in offers)), self.best(offers)
        if self.kind == "quantity" and self.rule.combine == "add" and own:
            total, lending = reduce(self.plus, (o[0] for o in own)), self.best(lent) if lent else None
            if lending and self.good(lending[0]) > self.good(total):
                return lending[0], lending
            return total, self.best(own)
        if least and own:
            low = min(self.good(o[0]) for o in own)
            offers = [self.best([o for o in own if self.good(o[0]) == low]), *lent]
        return self.best(offers)[0], self.best(offers)

    def answer(self):
        begun = [s for s in self.facts.standings if s[0] <= self.at]
        standing = max(begun, key=lambda s: (s[0], ["open", "suspended", "closed"].index(s[1])), default=(0, "open"))[1]
        if standing == "closed" or (standing == "suspended" and not self.rule.kept_when_suspended):
            return None, False, self.rule.default_reset, "hard", None
        base, replacing, adding = self.offers()
        value, winner = self.base(base) if base else (None, None)
        if replacing:
            winner = self.best(replacing)
            value = winner[0]
        for offer in sorted(adding, key=lambda o: (self.good(o[0]), o[1])):
            if self.kind in ("quantity", "set"):
                value = offer[0] if value is None else self.plus(value, offer[0])
            elif value is None or self.kind == "text" or self.good(offer[0]) > self.good(value):
                value = offer[0]
        value, denied = self.overridden(value)
        granted = value is not None and value is not False and not denied
        reset, enforcement, overage = winner[2:5] if winner else (None, "hard", None)
        return value, granted, reset or self.rule.default_reset, enforcement, overage

    def overridden(self, value):
        giving = {
            s for v, p, _, i, _, s, _, only in holdings(self.facts, self.at)
            if any(spoken(v, p, i, self.facts, key, self.at) for key in self.facts.features if only in (None, key))
        }  # fmt: skip
        awake = [
            o for o in self.facts.overrides
            if o.feature == self.key and o.mode not in UNFIT[self.kind] and o.window.contains(self.at)
            and (o.scope_subscription is None or o.scope_subscription in giving)
        ]  # fmt: skip
        said = {mode: [o for o in awake if o.mode == mode] for mode in MODES}
        starts = {o.id: o.window.start.timestamp() if o.window.start else -1e18 for o in awake}
        if said["replace"]:
            value = max(said["replace"], key=lambda o: (starts[o.id], len(o.id), o.id)).value
        for o in said["add"]:
            value = o.value if value is None else self.plus(value, o.value)
        for o in said["at_least"]:
            value = o.value if value is None else max(value, o.value, key=self.number)
        for o in said["at_most"]:
            value = None if value is None else min(value, o.value, key=self.number)
        return (NOTHING[self.kind], True) if said["deny"] else (value, False)
