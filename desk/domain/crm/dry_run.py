"""A mapping tried on real deals, in words: what it would make of how many, and why it would leave the others."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

ORDER = ("create", "change", "end", "skip", "nothing")
MOST_REASONS = 3


def say_summary(found: Iterable[tuple[str, str]]) -> str:
    """Of each deal what would become of it and why: "would create 14, change 3, skip 2 because …"."""
    outcomes = list(found)
    counts = Counter(would for would, _ in outcomes)
    done = [f"{would} {counts[would]:,}" for would in ("create", "change", "end") if counts[would]]
    if counts["skip"]:
        done.append(f"skip {counts['skip']:,} because {_reasons(why for would, why in outcomes if would == 'skip')}")
    said = f"would {', '.join(done)}" if done else "would change nothing"
    stay = counts["nothing"]
    return f"{said}; {stay:,} {'stays as it is' if stay == 1 else 'stay as they are'}" if stay and done else said


def _reasons(words: Iterable[str]) -> str:
    """The most frequent first, each with how often where there are several."""
    counts = Counter(_inside(one) for one in words)
    if len(counts) == 1:
        return next(iter(counts))
    said = [f"{words} ({number:,})" for words, number in counts.most_common(MOST_REASONS)]
    rest = sum(counts.values()) - sum(number for _, number in counts.most_common(MOST_REASONS))
    return "; ".join([*said, *([f"of other reasons ({rest:,})"] if rest else [])])


def _inside(words: str) -> str:
    """As it stands inside a sentence."""
    bare = words.strip().rstrip(".")
    first = bare.partition(" ")[0]
    return bare if first.isupper() and len(first) > 1 else bare[:1].lower() + bare[1:]


def say_limits(found: Iterable[Mapping[str, Any]]) -> str:
    """What of it doesn't happen by switching the mapping on alone, of deals as a run keeps them; empty where all does."""
    moved = [row for row in found if row["would"] in {"create", "change", "end"}]
    earlier = sum(bool(row.get("earlier")) and row["would"] != "end" for row in moved)
    agreed = sum(bool(row.get("agreed")) for row in moved)
    said = []
    if earlier:
        said.append(
            f"{_of_them(earlier, 'was', 'were')} won before, and taken only if you say so when you switch it on."
        )
    if agreed:
        said.append(
            f"{_of_them(agreed, 'stays', 'stay')} as agreed by another version, until what a mapping reads of a deal is "
            "changed there; then the new version reads all of that deal."
        )
    return " ".join(said)


def _of_them(number: int, one: str, several: str) -> str:
    return f"One of them {one}" if number == 1 else f"{number:,} of them {several}"


def add_counts(found: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """How many of each, over several parts; in the order in which they are read."""
    total: Counter[str] = Counter()
    for counts in found:
        total.update(counts)
    return {would: total[would] for would in ORDER if total[would]}


def deal_id(typed: str) -> str:
    """The id in what a person pasted: the id itself, or the address of the deal's page; empty where there is none."""
    text = typed.strip()
    if "/" not in text:
        return text if re.fullmatch(r"[\w-]{1,200}", text) else ""
    parts = [part for part in urlsplit(text if "://" in text else f"https://{text}").path.split("/") if part]
    return next((part for part in reversed(parts) if re.fullmatch(r"[\w-]*\d[\w-]*", part)), "")
