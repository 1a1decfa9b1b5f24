"""Instants as the desk writes them (RFC 3339), and as seconds since 1970, in which the client reckons."""

import re
from datetime import datetime, timezone

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def read_instant(told: object) -> float | None:
    """None for null; ValueError for what is no instant with a zone."""
    if told is None:
        return None
    match = _INSTANT.fullmatch(told) if isinstance(told, str) else None
    if match is None:
        raise ValueError(f"{told!r} is no instant.")
    day, hour, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    return datetime.fromisoformat(f"{day}T{hour}.{(fraction or '')[:6]:0<6}{zone}").timestamp()


def write_instant(seconds: float | None) -> str | None:
    return None if seconds is None else moment(seconds).isoformat().replace("+00:00", "Z")


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
