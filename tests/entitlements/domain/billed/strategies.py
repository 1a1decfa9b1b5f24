"""What a billing may say at random, of few instants and few items, so that edges meet; and what the desk does beside."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from hypothesis import strategies as st

from catalog.domain.window import Window
from entitlements.domain.billed.told import Billed, BilledChange, BilledItem, BilledState
from tests.entitlements.domain.billed.applied import Desk
from tests.entitlements.domain.billed.told import ENDED, TRIAL, day

LAST = 12
PRICES = ("price_team", "price_team", "price_team_yearly", "price_pro", "price_extra", "price_unknown")
instants = st.integers(0, LAST).map(day)
perhaps = st.none() | instants


def _items(drawn: Random) -> tuple[BilledItem, ...]:
    """Up to three lines; few ids and prices, so that they meet."""
    ids = drawn.sample(("si_1", "si_2", "si_3"), drawn.randint(0, 3))
    return tuple(
        BilledItem(id, drawn.choice(PRICES), "prod", drawn.choice((0, 1, 1, 2)), period=_period(drawn)) for id in ids
    )


def _period(drawn: Random) -> Window | None:
    start = day(drawn.randint(0, LAST))
    return drawn.choice((None, Window(start, start + timedelta(days=drawn.choice((1, 5, 31))))))


def _comes(drawn: Random) -> tuple[BilledChange, ...]:
    begins = drawn.sample(range(LAST + 1), drawn.randint(0, 3))
    return tuple(BilledChange(day(number), _items(drawn)) for number in begins)


# Made beforehand, since a choice among many costs a single draw.
items = st.sampled_from(sorted({_items(Random(seed)) for seed in range(300)}, key=lambda one: (len(one), repr(one))))
schedules = st.sampled_from([(), *(_comes(Random(seed)) for seed in range(200))])


@st.composite
def billings(draw: st.DrawFn) -> Billed:
    state = draw(st.sampled_from(BilledState))
    instant = draw(perhaps)
    return Billed(
        system="acme",
        live=False,
        id="sub_1",
        customer="cus_1",
        state=state,
        items=draw(items),
        began_at=day(-30),
        trial_ends_at=instant if state is TRIAL else None,
        with_card=draw(st.booleans()),
        ends_at=draw(st.sampled_from((None, None, *(day(number) for number in range(LAST + 1))))),
        ended_at=instant if state is ENDED else None,
        comes=draw(schedules),
    )


@dataclass(frozen=True)
class Deed:
    """What staff do here, which the billing may hear of later or never."""

    what: str
    days: int


deeds = st.builds(
    Deed, st.sampled_from(("extend", "convert", "told", "end", "cancel", "end_item", "pause")), st.integers(1, 5)
)


def done(desk: Desk, deed: Deed, at: datetime) -> None:
    """The deed, where it can be done."""
    if not desk.lives or (desk.life.ends_at is not None and desk.life.ends_at <= at):
        return
    life, then = desk.life, at + timedelta(days=deed.days)
    in_trial = life.trial is not None and not life.converted and at < life.trial[1]
    match deed.what:
        case "extend" if in_trial:
            life.trial = (life.trial[0], life.trial[1] + timedelta(days=deed.days))
            life.telling = life.trial[1]
        case "convert" if in_trial:
            life.converted, life.telling = True, at
        case "told":
            life.telling = None
        case "end" | "cancel" if life.ends_at is None:
            life.ends_at = then
            life.left = then - timedelta(days=1) if deed.what == "cancel" else None
        case "end_item":
            planned = {change.id for change in life.changes if at < change.at}
            for row in life.rows:
                if row.runs(at) and row.id not in planned:
                    row.ends_at = then
                    return
        case "pause" if desk._pause_running(at) is None:
            life.pauses.append([at, then])
        case _:
            pass
