"""A driver connection that speaks statements compiled once: the click path without SQLAlchemy's cost per statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from json import dumps
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Executable,
    Insert,
    Select,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect
from sqlalchemy.sql import visitors

from storage.engine import Engines
from storage.types import aware_utc, from_text, to_text

if TYPE_CHECKING:
    from storage.gathering import Ahead

Params = Mapping[str, Any]
Row = Sequence[Any]

_DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": psycopg_dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy types no dialect
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement in a driver's own text; *given* turns named parameters into what the driver takes with it."""

    text: str
    given: Callable[[Params], Any]


class Sql:
    """
    A Core statement that is compiled to the driver's own text once for each dialect.

    Parameters are given by name and are not converted: instants go through `Wire.instant` first. Where the
    dialects differ, give a function from the dialect's name to the statement.
    """

    def __init__(self, statement: Executable | Callable[[str], Executable]) -> None:
        self._statement = statement
        self._prepared: dict[str, Prepared] = {}

    def on(self, dialect: str) -> Prepared:
        """Return the statement as that dialect's driver takes it."""
        found = self._prepared.get(dialect)
        if found is None:
            made: Any = self._statement(dialect) if callable(self._statement) else self._statement
            made = visitors.cloned_traverse(made, {}, {"bindparam": _constants_in_the_text})
            compiled = made.compile(dialect=_DIALECTS[dialect], compile_kwargs={"render_postcompile": True})
            constants = {n: v for n, v in compiled.params.items() if v is not None}
            given = _given(compiled.positiontup if compiled.positional else None, constants)
            found = self._prepared[dialect] = Prepared(str(compiled), given)
        return found


def _given(places: Sequence[str] | None, constants: Params) -> Callable[[Params], Any]:
    """Return what makes a driver's parameters: a tuple where there are *places* (SQLite binds it in half the time)."""
    if places is None:
        return (lambda params: {**constants, **params}) if constants else lambda params: params
    if constants:
        return lambda params: [params[n] if n in params else constants[n] for n in places]
    if len(places) > 1:
        return itemgetter(*places)
    return lambda params: [params[n] for n in places]


def _constants_in_the_text(parameter: BindParameter[Any]) -> None:
    """
    Write constants into the text and leave the named parameters.

    SQLite compiles a statement anew at each call when a bound value could decide whether a partial index fits.
    """
    if parameter.required:
        parameter.required = False
    else:
        parameter.literal_execute = True


def insert_into(table: Table, columns: Iterable[str] | None = None) -> Sql:
    """Return a statement that inserts the given columns (default: all but an id that the database counts up)."""
    names = tuple(columns) if columns else tuple(c.name for c in table.c if c is not table.autoincrement_column)
    return Sql(insert(table).values({n: bindparam(n) for n in names}).inline())


def counting_up(table: Table, columns: Iterable[str]) -> Sql:
    """Return the statement of `Wire.counted_up`; the id is the table's only key."""
    names, (key,) = tuple(columns), table.primary_key

    def build(dialect: str) -> Executable:
        made = insert(table).values({n: bindparam(n) for n in names}).inline()
        return made.returning(key) if dialect == "postgresql" else made

    return Sql(build)


def upsert(table: Table, columns: Iterable[str] | None = None) -> Sql:
    """Return a statement that inserts a row or overwrites the row of the same primary key."""
    names = tuple(columns) if columns else tuple(c.name for c in table.c)
    keys = [c.name for c in table.primary_key]

    def build(dialect: str) -> Executable:
        base: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
        base = base.values({n: bindparam(n) for n in names}).inline()
        new = {n: base.excluded[n] for n in names if n not in keys}
        return base.on_conflict_do_update(index_elements=keys, set_=new)  # type: ignore[no-any-return]  # the two dialects share no type

    return Sql(build)


def insert_new(table: Table, columns: Iterable[str] | None = None) -> Sql:
    """Return a statement that inserts a row unless its primary key is taken."""
    names = tuple(columns) if columns else tuple(c.name for c in table.c)
    keys = [c.name for c in table.primary_key]

    def build(dialect: str) -> Executable:
        base: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
        made: Insert = (
            base.values({n: bindparam(n) for n in names}).inline().on_conflict_do_nothing(index_elements=keys)
        )
        return made

    return Sql(build)


def among(column: Any, named: str, *columns: Any, where: Any = None) -> Callable[[str], Select[Any]]:
    """Return a question for the rows whose *column* is in the list *named* (`Wire.listed`)."""

    def build(dialect: str) -> Select[Any]:
        if dialect == "postgresql":
            found = column == any_(bindparam(named, type_=postgresql.ARRAY(Text)))
        else:
            each = func.json_each(bindparam(named)).table_valued("value")
            found = column.in_(select(each.c.value))
        return select(*columns).where(found if where is None else and_(found, where))

    return build


class Wire:
    """
    One connection. *core* takes Core statements (register, shelf, drafts); `row`, `rows`, `run` and `many` take
    compiled ones on the same driver connection, in the same transaction. *ahead*: what was read ahead on it (`Ahead`).
    """

    ahead: Ahead | None = None

    def __init__(self, core: Connection) -> None:
        self.core = core
        self.dialect = core.dialect.name
        self.is_sqlite = self.dialect == "sqlite"
        raw: Any = core.connection.driver_connection
        self.raw = raw
        self._execute = raw.execute

    # --- instants -----------------------------------------------------------------------------------------

    def instant(self, at: datetime | None) -> Any:
        """Return *at* as the driver wants it. Raises: NaiveInstant."""
        if at is None:
            return None
        return to_text(at) if self.is_sqlite else aware_utc(at)

    @staticmethod
    def aware(value: Any) -> datetime | None:
        """Return an instant as it came from the driver."""
        if value is None:
            return None
        return from_text(value) if isinstance(value, str) else aware_utc(value)

    def listed(self, texts: Sequence[str]) -> Any:
        """Return *texts* as a question with `among` takes them: an array on PostgreSQL, a JSON text on SQLite."""
        return dumps(texts) if self.is_sqlite else list(texts)

    # --- statements ---------------------------------------------------------------------------------------

    def _run(self, sql: Sql, params: Params) -> Any:
        prepared = sql.on(self.dialect)
        return self._execute(prepared.text, prepared.given(params))

    def row(self, sql: Sql, params: Params) -> Row | None:
        found: Row | None = self._run(sql, params).fetchone()
        return found

    def rows(self, sql: Sql, params: Params) -> list[Row]:
        found: list[Row] = self._run(sql, params).fetchall()
        return found

    def run(self, sql: Sql, params: Params) -> int:
        """Run a statement and return how many rows it touched."""
        count: int = self._run(sql, params).rowcount
        return count

    def many(self, sql: Sql, rows: Sequence[Params]) -> int:
        """Run a statement for each of *rows* (none is fine) and return how many rows it touched in all."""
        if not rows:
            return 0
        if len(rows) == 1:
            return self.run(sql, rows[0])
        prepared, cursor = sql.on(self.dialect), self.raw.cursor()
        cursor.executemany(prepared.text, list(map(prepared.given, rows)))
        return int(cursor.rowcount)

    def counted_up(self, sql: Sql, rows: Sequence[Params]) -> list[int]:
        """Insert *rows* (one at least) into a table whose ids the database counts up, and return their ids in that order."""
        prepared, cursor = sql.on(self.dialect), self.raw.cursor()
        given = list(map(prepared.given, rows))
        if self.is_sqlite:
            # One connection writes at a time and each id is the highest and one, so they follow each other.
            cursor.executemany(prepared.text, given)
            last = int(self._execute("SELECT last_insert_rowid()").fetchone()[0])
            return list(range(last - len(rows) + 1, last + 1))
        cursor.executemany(prepared.text, given, returning=True)
        found = [int(cursor.fetchone()[0])]
        while cursor.nextset():
            found.append(int(cursor.fetchone()[0]))
        return found

    def must(self, sql: Sql, params: Params, otherwise: Exception) -> None:
        """Run a statement that touches exactly one row, else raise *otherwise*."""
        if self._run(sql, params).rowcount != 1:
            raise otherwise

    # --- what is kept back (`GatheringWire`) ----------------------------------------------------------------

    def writes(self, name: str) -> None:
        """Note that a case, or the key of an act, is being written."""

    def beside(self, name: str) -> Wire:
        """Return the wire on which *name* can be read, without sending what is kept of others."""
        return self

    def settled(self) -> Wire:
        """Return the wire on which everything is sent, once it is."""
        return self

    # --- transactions -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Take the write lock at once on SQLite; PostgreSQL begins with the first statement."""
        if self.is_sqlite:
            self._execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        if self.is_sqlite:
            self._execute("COMMIT")
        else:
            self.raw.commit()

    def rollback(self) -> None:
        if not self.is_sqlite:
            self.raw.rollback()
        elif self.raw.in_transaction:
            self._execute("ROLLBACK")


@contextmanager
def read_wire(engines: Engines) -> Iterator[Wire]:
    """Lend a read connection; each statement on it sees the record as it is at that moment."""
    with engines.read.connect() as core:
        yield Wire(core)
