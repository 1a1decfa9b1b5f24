"""What a CRM of the demo begins with, in no vendor's words: products, companies, and deals open, won and lost.

Read from a file that whoever starts the counterpart writes: a counterpart knows nothing of the desk.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Standing(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True)
class Product:
    code: str
    name: str
    price: int  # for a year


@dataclass(frozen=True)
class Company:
    name: str
    domain: str
    country: str
    contact: str
    email: str


@dataclass(frozen=True)
class Deal:
    name: str
    domain: str  # of its company
    standing: Standing
    starts_on: str  # a day, as 2026-03-02
    months: int
    lines: tuple[tuple[str, int], ...]  # a product's code, and how many


@dataclass(frozen=True)
class Dealings:
    products: tuple[Product, ...]
    companies: tuple[Company, ...]
    deals: tuple[Deal, ...]


def read(path: Path) -> Dealings:
    told = json.loads(path.read_text())
    return Dealings(
        tuple(Product(**one) for one in told["products"]),
        tuple(Company(**one) for one in told["companies"]),
        tuple(_deal(**one) for one in told["deals"]),
    )


def _deal(*, standing: str, lines: list[list[object]], **more: object) -> Deal:
    return Deal(standing=Standing(standing), lines=tuple((str(code), int(str(count))) for code, count in lines), **more)  # type: ignore[arg-type]
