"""Read tables: rows that lists and boards are found by, derived from the record and never trusted above it.

The tables are made from the row classes of `lims.domain.rows`. They hold no history: when a class changes shape,
its table is dropped, made again and filled from the records.
"""

import types
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from sqlalchemy import (
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.types import TypeEngine

from lims.domain import rows as catalogue
from lims.domain.canonical import tagged_hash
from lims.domain.entries.envelope import Entry
from lims.domain.rows import Row
from lims.ledger import tables
from lims.ledger.open_book import Book
from lims.ledger.tables import NUMBER, WORDS, Day, Exact, Instant, shapes

R = TypeVar("R", bound=Row)
RowsOf = Callable[[str, tuple[Entry, ...]], Mapping[str, Row]]
"""The rows of a stream, from its name and its entries: the domain's fold, then its rows."""

Compare = Literal["<", "<=", ">", ">=", "!=", "in", "starts"]

_COLUMNS: Final[Mapping[type, TypeEngine[Any]]] = {
    str: WORDS,
    int: NUMBER,
    bool: Boolean(),
    datetime: Instant(),
    date: Day(),
    Decimal: Exact(),
}

metadata = MetaData()


@cache
def row_classes() -> tuple[type[Row], ...]:
    """Every row class of the domain that names a table, by the name of its table."""
    found = [
        value
        for value in vars(catalogue).values()
        if isinstance(value, type) and issubclass(value, Row) and "table" in vars(value)
    ]
    return tuple(sorted(found, key=lambda row_class: row_class.table))


def table_of(row_class: type[Row]) -> Table:
    """The table of a row class; raises TypeError for a field that a row cannot hold."""
    made = metadata.tables.get(row_class.table)
    if made is not None:
        return made
    if row_class.table in tables.metadata.tables:
        raise TypeError(f"{row_class.__name__}: {row_class.table} is a table of the ledger itself")
    hints = get_type_hints(row_class)
    columns = []
    for field in fields(row_class):
        wanted, optional = _kind_of_column(hints[field.name])
        if wanted not in _COLUMNS:
            raise TypeError(f"{row_class.__name__}.{field.name}: a row holds no {hints[field.name]}")
        identity = field.name in ("stream", "key")
        columns.append(Column(field.name, _COLUMNS[wanted], primary_key=identity, nullable=optional))
    table = Table(row_class.table, metadata, *columns)
    for name in row_class.indexed:
        together = name.split("+")
        Index("_".join((row_class.table, *together)), *(table.c[part] for part in together))
    return table


def _kind_of_column(hint: Any) -> tuple[Any, bool]:
    """The stored type of a field and whether it may be empty; StrEnum and NewType fields are stored as text."""
    optional = False
    if get_origin(hint) in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not type(None)]
        optional = len(parts) < len(get_args(hint))
        hint = parts[0] if len(parts) == 1 else hint
    hint = getattr(hint, "__supertype__", hint)
    if isinstance(hint, type) and issubclass(hint, str):
        return str, optional
    return hint, optional


def shape_of(row_class: type[Row]) -> str:
    """A digest of a table's columns and indexes: a change of it means that the table must be filled again."""
    columns = (f"{column.name} {column.type!r} {column.nullable}" for column in table_of(row_class).columns)
    return tagged_hash("lims/shape/1", *columns, *sorted(row_class.indexed))


def stale(book: Book) -> tuple[str, ...]:
    """Names of read tables that are not there in the shape that this release reads."""
    kept = {row.name: row.shape for row in book.connection.execute(select(shapes))}
    wanted = {row_class.table: shape_of(row_class) for row_class in row_classes()}
    return tuple(sorted(name for name in kept.keys() | wanted.keys() if kept.get(name) != wanted.get(name)))


def _plain(row: Row) -> dict[str, object]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def write_difference(book: Book, stream: str, old: Mapping[str, Row], new: Mapping[str, Row]) -> None:
    """Bring a stream's rows from those of the record before the act to those after it.

    The mappings' own keys only tell the rows of one stream apart; what counts is each row's table and key. Raises
    ValueError for a row that belongs to another stream, or two rows with one table and key.
    """
    before, after = _by_identity(stream, old), _by_identity(stream, new)
    for identity, row in before.items():
        if after.get(identity) != row:
            table = table_of(type(row))
            book.connection.execute(delete(table).where(table.c.stream == stream, table.c.key == row.key))
    for identity, row in after.items():
        if before.get(identity) != row:
            book.connection.execute(insert(table_of(type(row))), _plain(row))


def _by_identity(stream: str, rows: Mapping[str, Row]) -> dict[tuple[str, str], Row]:
    found = {(row.table, row.key): row for row in rows.values()}
    if len(found) != len(rows):
        raise ValueError(f"two rows of {stream} share a table and a key")
    if any(row.stream != stream for row in rows.values()):
        raise ValueError(f"a row of another stream among those of {stream}")
    return found


def find(
    book: Book,
    row_class: type[R],
    *conditions: tuple[str, Compare, object],
    order: Collection[str] = (),
    limit: int | None = None,
    offset: int = 0,
    **equals: object,
) -> tuple[R, ...]:
    """Rows whose fields equal `equals` (None: empty) and meet `conditions` such as ("due_at", "<", now).

    `order` names fields, `-name` for the greatest first; stream and key break ties, so that pages never overlap.
    """
    places = _places(conditions, equals)
    if any(isinstance(value, str) and "\0" in value for value in places.values()):
        return ()  # PostgreSQL refuses the question, for no text can hold it
    question = _question(
        table_of(row_class),
        _shape(conditions, equals),
        order=tuple(order),
        limited=limit is not None,
        from_later=offset > 0,
    )
    found = book.connection.execute(question, places | {"most": limit, "first": offset})
    return tuple(row_class(**row) for row in found.mappings())


def count(
    book: Book, row_class: type[Row], *conditions: tuple[str, Compare, object], **equals: object
) -> int:
    """How many rows `find` would give without a limit."""
    wanted = _wanted(table_of(row_class), _shape(conditions, equals))
    question = select(func.count()).select_from(table_of(row_class)).where(*wanted)
    return int(book.connection.execute(question, _places(conditions, equals)).scalar_one())


Conditions = tuple[tuple[str, Compare, object], ...]
Shape = tuple[tuple[str, Compare | Literal["=", "empty"]], ...]
"""What is asked about which field, without the values: questions of one shape are one statement."""


def _shape(conditions: Conditions, equals: Mapping[str, object]) -> Shape:
    asked: Shape = tuple((name, "empty" if value is None else "=") for name, value in equals.items())
    return asked + tuple((name, compare) for name, compare, _ in conditions)


def _places(conditions: Conditions, equals: Mapping[str, object]) -> dict[str, object]:
    """The values for the places of a statement, by their place in its shape."""
    asked = [*equals.values(), *(_compared(compare, value) for _, compare, value in conditions)]
    return {f"at_{at}": value for at, value in enumerate(asked) if value is not None}


def _compared(compare: Compare, value: Any) -> object:
    match compare:
        case "in":
            return list(value)
        case "starts":
            return "".join(f"/{sign}" if sign in "/%_" else sign for sign in value) + "%"
        case _:
            return value


@lru_cache(maxsize=512)
def _question(
    table: Table, shape: Shape, *, order: tuple[str, ...], limited: bool, from_later: bool
) -> Select[Any]:
    """The statement of `find` with places for its values: to make it takes longer than to ask it."""
    ordered = [table.c[name[1:]].desc() if name.startswith("-") else table.c[name].asc() for name in order]
    question = select(table).where(*_wanted(table, shape)).order_by(*ordered, table.c.stream, table.c.key)
    if limited:
        question = question.limit(bindparam("most", type_=Integer()))
    return question.offset(bindparam("first", type_=Integer())) if from_later else question


def _wanted(table: Table, shape: Shape) -> list[ColumnElement[bool]]:
    return [_condition(table.c[name], compare, f"at_{at}") for at, (name, compare) in enumerate(shape)]


def _condition(
    column: Column[Any], compare: Compare | Literal["=", "empty"], place: str
) -> ColumnElement[bool]:
    value: BindParameter[Any] = bindparam(place, type_=column.type, expanding=compare == "in")
    condition: ColumnElement[bool]
    match compare:
        case "=":
            condition = column == value  # not IS NOT DISTINCT FROM: PostgreSQL uses no index for it
        case "empty":
            condition = column.is_(None)
        case "<":
            condition = column < value
        case "<=":
            condition = column <= value
        case ">":
            condition = column > value
        case ">=":
            condition = column >= value
        case "!=":
            condition = column.is_distinct_from(value)
        case "in":
            condition = column.in_(value)
        case "starts":
            condition = column.like(value, escape="/")
    return condition


class RowsInOrder:
    """All rows on file, stream after stream: one question a table instead of one a stream."""

    def __init__(self, book: Book) -> None:
        self._ahead = [_Ahead(_all_rows(book, row_class)) for row_class in row_classes()]
        self._passed: list[Row] = []

    def of(self, stream: str) -> list[Row]:
        """The rows of a stream; streams must be asked for in the order of their names."""
        found: list[Row] = []
        for ahead in self._ahead:
            self._passed += ahead.take(lambda name: name < stream)
            found += ahead.take(lambda name: name == stream)
        return found

    def left_over(self) -> list[Row]:
        """The rows of streams that nobody asked for."""
        for ahead in self._ahead:
            self._passed += ahead.take(lambda name: True)
        return self._passed


class _Ahead:
    """Rows of one table in order, with the next one in sight."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take(self, wanted: Callable[[str], bool]) -> Iterator[Row]:
        """Rows from here on as long as their stream is wanted."""
        while self._next is not None and wanted(self._next.stream):
            yield self._next
            self._next = next(self._rows, None)


def _all_rows(book: Book, row_class: type[Row]) -> Iterator[Row]:
    table = table_of(row_class)
    question = select(table).order_by(table.c.stream, table.c.key)
    for row in book.connection.execute(question, execution_options={"yield_per": 500}):
        yield row_class(**row._mapping)


def rebuild(book: Book, rows_of: RowsOf) -> int:
    """Drop the read tables, make them in this release's shape, fill them from the records; how many rows came.

    In one transaction: until it ends everybody sees the old ones. On PostgreSQL only the tables' owner may do it.
    """
    install(book)
    count = 0
    for stream in book.streams():
        rows = rows_of(stream, book.entries(stream))
        write_difference(book, stream, {}, rows)
        count += len(rows)
    return count


def install(book: Book) -> None:
    """Make the read tables empty and in this release's shape; earlier ones are dropped."""
    wanted = [table_of(row_class) for row_class in row_classes()]
    earlier = MetaData()
    for row in book.connection.execute(select(shapes)).all():
        Table(row.name, earlier)
    earlier.drop_all(book.connection)
    book.connection.execute(delete(shapes))
    metadata.create_all(book.connection, tables=wanted)
    for row_class in row_classes():
        book.connection.execute(insert(shapes), {"name": row_class.table, "shape": shape_of(row_class)})
