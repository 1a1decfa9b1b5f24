"""A query's answer: rows that meet it, in order, with parents inside and children as lists."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from tests.fakes.salesforce import soql
from tests.fakes.salesforce.errors import Refused, Wrong, unsimulated
from tests.fakes.salesforce.schema import Field, SObject
from tests.fakes.salesforce.soql import Condition, Joined, Literal, Path, Query
from tests.fakes.salesforce.soql_where import compared, folded
from tests.fakes.salesforce.soql_words import malformed
from tests.fakes.salesforce.state import Row, State
from tests.fakes.salesforce.values import told

DEEPEST = 5  # parents above a row
Rendered = Callable[[list[Row]], Any]  # a list of children, as a page


@dataclass
class Run:
    """One query on one org, with or without what is deleted."""

    state: State
    query: Query
    version: str
    deleted: bool = False
    tooling: bool = False

    def __post_init__(self) -> None:
        source = self.query.source
        found = self.state.sobject(source.text, tooling=self.tooling)
        if found is None or found.tooling != self.tooling:
            message = f"sObject type '{source.text}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
            raise malformed(message, self.query.text, source.place, "INVALID_TYPE")
        self.sobject = found

    def rows(self, among: list[Row] | None = None) -> list[Row]:
        """All that meet it, in order, cut to its limit."""
        found = self.state.readable(self.sobject.name) if among is None else among
        holds = self._holding(self.query.where) if self.query.where else None
        found = [row for row in found if (self.deleted or not row["IsDeleted"]) and (holds is None or holds(row))]
        found = sorted(found, key=lambda row: row["Id"])
        for order in reversed(self.query.order):
            found = self._sorted(found, order)
        end = None if self.query.limit is None else self.query.offset + self.query.limit
        return found[self.query.offset : end]

    def _sorted(self, rows: list[Row], order: soql.Order) -> list[Row]:
        steps = self.steps(order.path)
        one = steps[-1]
        if not one.filterable:
            raise malformed(f"field '{one.name}' can not be sorted in a query call", self.query.text, order.path.place)

        def compare(left: Row, right: Row) -> int:
            a, b = (folded(one, self.value(row, steps)) for row in (left, right))
            if a is None or b is None:
                return 0 if a is b else (-1 if (a is None) == order.nulls_first else 1)
            return ((a > b) - (a < b)) * (-1 if order.down else 1)

        return sorted(rows, key=cmp_to_key(compare))

    def steps(self, path: Path) -> list[Field]:
        """The fields that a dotted path goes by: references, then a field."""
        at, parts = self.sobject, path.text.split(".")
        steps: list[Field] = []
        if len(parts) > 1 and parts[0].lower() == at.name.lower() and at.by_parent(parts[0]) is None:
            parts = parts[1:]
        for part in parts[:-1]:
            reference = at.by_parent(part)
            if reference is None or len(steps) >= DEEPEST:
                message = f"Didn't understand relationship '{part}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."
                raise malformed(message, self.query.text, path.place, "INVALID_FIELD")
            steps.append(reference)
            at = self.state.schema[reference.to.lower()]
        last = at.find(parts[-1])
        if last is None:
            message = f"No such column '{parts[-1]}' on entity '{at.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
            raise malformed(message, self.query.text, path.place, "INVALID_FIELD")
        return [*steps, last]

    def value(self, row: Row | None, steps: list[Field]) -> Any:
        for step in steps[:-1]:
            row = self._parent(row, step)
        return None if row is None else row[steps[-1].name]

    def _parent(self, row: Row | None, step: Field) -> Row | None:
        """Also a deleted one: a path shows it, as Salesforce does."""
        if row is None or row[step.name] is None:
            return None
        return self.state.readable_row(step.to, row[step.name])

    def _holding(self, asked: Condition) -> Callable[[Row], bool]:
        if isinstance(asked, Joined):
            parts = [self._holding(one) for one in asked.parts]
            if asked.how == "NOT":
                return lambda row: not parts[0](row)
            whole = all if asked.how == "AND" else any
            return lambda row: whole(part(row) for part in parts)
        steps = self.steps(asked.path)
        values = self._selected(asked.value) if isinstance(asked.value, Query) else asked.value
        literals = values if isinstance(values, tuple) else (values,)
        test = compared(steps[-1], asked, literals, self.state.clock.now())
        return lambda row: test(self.value(row, steps))

    def _selected(self, query: Query) -> tuple[Literal, ...]:
        """The values of a query inside: of one field that is an id."""
        if len(query.fields) != 1 or not isinstance(query.fields[0], Path):
            raise Refused(Wrong("MALFORMED_QUERY", "Only one field may be selected in a semi join sub-select"))
        inner = Run(self.state, query, self.version)
        steps = inner.steps(query.fields[0])
        if steps[-1].type not in ("id", "reference"):
            raise Refused(Wrong("MALFORMED_QUERY", "The inner select field must be an ID or a reference"))
        found = {inner.value(row, steps) for row in inner.rows()} - {None}
        return tuple(Literal("string", one) for one in sorted(found)) or (Literal("string", "0" * 15),)

    def checked(self) -> list[tuple[str, Any]]:
        """What is selected: fields by their steps, lists of children by a query of their own."""
        chosen: list[tuple[str, Any]] = []
        seen: set[str] = set()
        for one in self.query.fields:
            if isinstance(one, Query):
                name, inner = self._children(one)
                chosen.append((name, inner))
                continue
            steps = self.steps(one)
            name = ".".join([*(step.parent for step in steps[:-1]), steps[-1].name])
            if name in seen:
                raise malformed(f"duplicate field selected: {name}", self.query.text, one.place, "INVALID_FIELD")
            seen.add(name)
            chosen.append((name, steps))
        return chosen

    def _children(self, query: Query) -> tuple[str, "Children"]:
        wanted = query.source.text
        for other in self.state.schema.values():
            for one in other.fields.values():
                if one.to == self.sobject.name and one.children.lower() == wanted.lower():
                    if query.count or any(isinstance(part, Query) for part in query.fields):
                        raise unsimulated("queries inside queries inside queries, or their COUNT()")
                    source = Path(other.name, query.source.place)
                    inner = Query(query.text, source, query.fields, False, query.where, query.order, query.limit)
                    run = Run(self.state, inner, self.version, self.deleted)
                    run.rows([])  # its conditions are understood, whether or not a row is there
                    return one.children, Children(one, run)
        message = f"Didn't understand relationship '{wanted}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."
        raise malformed(message, self.query.text, query.source.place, "INVALID_TYPE")

    def records(self, rows: list[Row], listed: Rendered) -> list[Row]:
        chosen = self.checked()
        inner = {name: (one, one.run.checked()) for name, one in chosen if isinstance(one, Children)}
        return [self._record(row, chosen, inner, listed) for row in rows]

    def _record(self, row: Row, chosen: list[tuple[str, Any]], inner: dict[str, Any], listed: Rendered) -> Row:
        said: Row = {"attributes": attributes(self.sobject, row, self.version, self.tooling)}
        for name, one in chosen:
            if isinstance(one, Children):
                mine = one.run.rows(self._mine(one, row))
                found = [one.run._record(child, inner[name][1], {}, listed) for child in mine]
                said[name] = listed(found) if found else None
            else:
                self._placed(said, row, one)
        return said

    def _mine(self, one: "Children", row: Row) -> list[Row]:
        rows = self.state.readable(one.run.sobject.name)
        return [child for child in rows if child[one.by.name] == row["Id"]]

    def _placed(self, said: Row, row: Row, steps: list[Field]) -> None:
        """A parent's fields stand inside the parent; where there is none, nothing does."""
        at: Row | None = row
        for step in steps[:-1]:
            at = self._parent(at, step)
            if at is None:
                said.setdefault(step.parent, None)
                return
            target = self.state.schema[step.to.lower()]
            said = said.setdefault(step.parent, {"attributes": attributes(target, at, self.version)})
        said[steps[-1].name] = told(at[steps[-1].name]) if at else None


@dataclass
class Children:
    by: Field
    run: Run


def attributes(sobject: SObject, row: Row, version: str, tooling: bool = False) -> dict[str, str]:
    below = "tooling/" if tooling else ""
    return {"type": sobject.name, "url": f"/services/data/v{version}/{below}sobjects/{sobject.name}/{row['Id']}"}
