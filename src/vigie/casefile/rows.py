"""Insert many rows of one table at once.

The same rows as `bulk_create` would write, at a fraction of its cost: there, each field of each row is asked how it
writes itself, and SQLite gets a hundred rows a statement. Here a plain value goes as it is, and the statement is
prepared once. A line of an import is ten rows, so this is most of what an import costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any

from django.db import connection, connections, models, transaction

# What a database does not take as Python has it, beside dates.
_TO_BE_WRITTEN = (models.JSONField, models.BinaryField, models.DecimalField, models.UUIDField)


def insert_all(rows: Sequence[models.Model]) -> None:
    """Insert rows of one table, in the transaction of the caller, and give each its key.

    Every column is written, with the value the object has. No signal is sent. Rows that stand in a way of others
    (a unique column) are an error, as ever.
    """
    if not rows:
        return
    _require_transaction()
    meta = rows[0]._meta
    keys = iter(_new_keys(meta, sum(row.pk is None for row in rows)))
    for row in rows:
        if row.pk is None:
            row.pk = next(keys)
        row._state.adding, row._state.db = False, connection.alias
    read = attrgetter(*(field.attname for field in meta.concrete_fields))
    _insert(meta, meta.concrete_fields, map(read, rows))


def insert_values(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of one table that nobody needs as objects, in the transaction of the caller.

    Each row has a value for each of the columns named (`case_id`, not `case`). The database numbers the rows; every
    column that has no default there must be named.
    """
    _require_transaction()
    meta = model._meta
    fields = {field.attname: field for field in meta.concrete_fields}
    _insert(meta, [fields[name] for name in names], rows)


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Rows are inserted in the transaction of what they belong to.")


def _insert(meta: Any, fields: Sequence[models.Field[Any, Any]], rows: Iterable[Sequence[Any]]) -> None:
    columns = [connection.ops.quote_name(str(field.column)) for field in fields]
    into = f"{connection.ops.quote_name(meta.db_table)} ({', '.join(columns)})"
    values: Any = _values(rows, fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for one in values:
                    copy.write_row(one)
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {into} VALUES ({places})", values)  # noqa: S608 names of our own models


def _values(rows: Iterable[Sequence[Any]], fields: Sequence[models.Field[Any, Any]]) -> Iterator[Sequence[Any]]:
    database = connections[connection.alias]
    writers: list[tuple[int, Callable[[Any], Any]]] = []
    for place, field in enumerate(fields):
        write: Callable[[Any], Any] = partial(field.get_db_prep_save, connection=database)
        if isinstance(field, models.DateField):
            writers.append((place, lru_cache(maxsize=100)(write)))  # many rows are of one moment
        elif isinstance(field, _TO_BE_WRITTEN):
            writers.append((place, write))
    for row in rows:
        values = list(row)
        for place, write in writers:
            values[place] = write(values[place])
        yield values


def _new_keys(meta: Any, number: int) -> Sequence[int]:
    """Return that many keys that nobody else will be given."""
    if not number:
        return ()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [connection.ops.quote_name(meta.db_table), meta.pk.column, number],
            )
            return [key for (key,) in cursor.fetchall()]
        # Whoever writes is alone on SQLite, and its AUTOINCREMENT goes on after the highest key that is inserted.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        (last,) = cursor.fetchone() or (0,)
        return range(last + 1, last + 1 + number)
