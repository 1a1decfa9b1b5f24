"""Whether what a comparison found may be mended without anybody looking: only a little of it.

Where much differs at once, something else is wrong more likely than each of them: a link, a key, an import. So the brake
goes by both, the share and the number.
"""

MOST_SHARE = 0.05
MOST_NUMBER = 20


def too_many(differ: int, looked: int) -> bool:
    """More than 5 % of those compared, and more than 20."""
    return differ > MOST_NUMBER and differ > MOST_SHARE * looked
