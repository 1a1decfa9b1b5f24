"""The grammar of SOQL, as far as it is spoken here; what is not is refused as malformed, or said to be unsimulated."""

from dataclasses import dataclass
from typing import Any

from tests.fakes.salesforce import clock
from tests.fakes.salesforce.errors import Refused, unsimulated
from tests.fakes.salesforce.soql_words import Word, malformed, unquoted, words

UNSPOKEN = {"GROUP", "HAVING", "FOR", "WITH", "USING", "ALL", "UPDATE", "TYPEOF", "SCOPE"}

SIGNS = ("=", "!=", "<>", "<=", ">=", "<", ">")


@dataclass(frozen=True)
class Literal:
    kind: str  # string, datetime, date, number, boolean, null, days
    value: Any


@dataclass(frozen=True)
class Path:
    text: str
    place: int


@dataclass(frozen=True)
class Comparison:
    path: Path
    sign: str  # one of SIGNS, or LIKE, IN, NOT IN
    value: "Literal | tuple[Literal, ...] | Query"


@dataclass(frozen=True)
class Joined:
    """Conditions of which all must hold (AND), any (OR), or the one must not (NOT)."""

    how: str
    parts: tuple["Condition", ...]


Condition = Comparison | Joined


@dataclass(frozen=True)
class Order:
    path: Path
    down: bool
    nulls_first: bool


@dataclass(frozen=True)
class Query:
    text: str
    source: Path  # the object, or the list of children
    fields: tuple["Path | Query", ...]
    count: bool = False
    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0


def parsed(text: str) -> Query:
    parser = Parser(text)
    query = parser.query()
    parser.end()
    return query


class Parser:
    def __init__(self, text: str) -> None:
        self._text, self._words, self._at = text, words(text), 0

    def _next(self) -> Word:
        if self._at < len(self._words):
            return self._words[self._at]
        return Word("end", "<EOF>", len(self._text.rstrip()))

    def _take(self, *texts: str) -> Word | None:
        word = self._next()
        if not word.says(*texts):
            return None
        self._at += 1
        return word

    def _need(self, *texts: str) -> Word:
        return self._take(*texts) or self._stop()

    def _stop(self) -> Any:
        word = self._next()
        if word.says(*UNSPOKEN):
            raise unsimulated(f"{word.text.upper()} of SOQL")
        message = "unexpected end of query" if word.kind == "end" else f"unexpected token: '{word.text}'"
        raise malformed(message, self._text, word.place)

    def end(self) -> None:
        if self._next().kind != "end":
            self._stop()

    def _name(self) -> Path:
        word = self._next()
        if word.kind != "word" or ":" in word.text or word.text.upper() in UNSPOKEN:
            self._stop()
        self._at += 1
        return Path(word.text, word.place)

    def query(self) -> Query:
        self._need("SELECT")
        fields, count = self._selected()
        self._need("FROM")
        source = self._name()
        where = self._condition() if self._take("WHERE") else None
        order = self._ordered() if self._take("ORDER") else ()
        limit = self._whole_number() if self._take("LIMIT") else None
        offset = (self._whole_number() or 0) if self._take("OFFSET") else 0
        return Query(self._text, source, fields, count, where, order, limit, offset)

    def _selected(self) -> tuple[tuple[Path | Query, ...], bool]:
        fields: list[Path | Query] = []
        while True:
            if self._take("("):
                fields.append(self.query())
                self._need(")")
            else:
                fields.append(self._name())
                if self._take("("):
                    return (), self._counted(fields)
            if not self._take(","):
                return tuple(fields), False

    def _counted(self, fields: list[Path | Query]) -> bool:
        name = fields[-1]
        if not isinstance(name, Path) or name.text.upper() != "COUNT" or len(fields) > 1 or not self._take(")"):
            raise unsimulated(f"the function {getattr(name, 'text', '')}() with arguments or others beside it")
        return True

    def _ordered(self) -> tuple[Order, ...]:
        self._need("BY")
        orders = [self._order()]
        while self._take(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        path = self._name()
        down = bool(self._take("ASC", "DESC") and self._words[self._at - 1].says("DESC"))
        first = self._need("FIRST", "LAST").says("FIRST") if self._take("NULLS") else not down
        return Order(path, down, first)

    def _whole_number(self) -> int:
        word = self._next()
        if word.kind != "number" or not word.text.isdigit():
            self._stop()
        self._at += 1
        return int(word.text)

    def _condition(self) -> Condition:
        """AND and OR stand side by side only in parentheses, as in Salesforce: the other one is no token here."""
        parts = [self._simple()]
        how = self._next().text.upper() if self._next().says("AND", "OR") else ""
        while how and self._take(how):
            parts.append(self._simple())
        return Joined(how, tuple(parts)) if how else parts[0]

    def _simple(self) -> Condition:
        if self._take("NOT"):
            return Joined("NOT", (self._simple(),))
        if self._take("("):
            inner = self._condition()
            self._need(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Comparison:
        path = self._name()
        if self._take("NOT"):
            self._need("IN")
            return Comparison(path, "NOT IN", self._several())
        if self._take("IN"):
            return Comparison(path, "IN", self._several())
        if self._take("LIKE"):
            return Comparison(path, "LIKE", self._literal(like=True))
        if self._next().says("INCLUDES", "EXCLUDES"):
            raise unsimulated("INCLUDES and EXCLUDES of SOQL")
        sign = self._need(*SIGNS).text
        return Comparison(path, "!=" if sign == "<>" else sign, self._literal())

    def _several(self) -> "tuple[Literal, ...] | Query":
        self._need("(")
        if self._next().says("SELECT"):
            inner = self.query()
            self._need(")")
            return inner
        found = [self._literal()]
        while self._take(","):
            found.append(self._literal())
        self._need(")")
        return tuple(found)

    def _literal(self, *, like: bool = False) -> Literal:
        word = self._next()
        found = _literal(word, like)
        if found is None:
            self._stop()
        self._at += 1
        return found  # type: ignore[return-value]


def _literal(word: Word, like: bool) -> Literal | None:
    match word.kind:
        case "string":
            return Literal("string", unquoted(word.text, like=like))
        case "number":
            return Literal("number", float(word.text))
        case "datetime":
            return _time("datetime", clock.moment(word.text), word)
        case "date":
            return _time("date", clock.day(word.text), word)
        case "word" if word.text.upper() in ("TRUE", "FALSE"):
            return Literal("boolean", word.text.upper() == "TRUE")
        case "word" if word.text.upper() == "NULL":
            return Literal("null", None)
        case "word":
            return _days(word.text.upper())
    return None


def _time(kind: str, value: Any, word: Word) -> Literal:
    if value is None:
        raise malformed(f"invalid {kind}: {word.text}", word.text, 0)
    return Literal(kind, value)


def _days(text: str) -> Literal | None:
    """Days counted from today: the first, and the first after."""
    name, _, number = text.partition(":")
    near = {"TODAY": (0, 1), "YESTERDAY": (-1, 0), "TOMORROW": (1, 2)}
    if name in near and not number:
        return Literal("days", near[name])
    if name in ("LAST_N_DAYS", "NEXT_N_DAYS") and number:
        return Literal("days", (-int(number), 1) if name == "LAST_N_DAYS" else (1, int(number) + 1))
    if "_" in name and name.partition("_")[0] in ("LAST", "NEXT", "THIS", "N"):
        raise Refused(*unsimulated(f"the date literal {text}").wrongs)
    return None
