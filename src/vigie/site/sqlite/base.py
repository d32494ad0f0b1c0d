"""Django's SQLite, with its transactions in a queue (see `turns`).

A transaction of ours asks for the right to write at its beginning (`transaction_mode` IMMEDIATE), so the queue is asked
just before. A single statement outside a transaction does not queue: it finds its moment between two of them, as before.
"""

from __future__ import annotations

from pathlib import Path

from django.db.backends.sqlite3 import base

from vigie.site.sqlite.turns import Turn


class DatabaseWrapper(base.DatabaseWrapper):
    # The stubs leave out what Django keeps private: that is the `misc` below.
    _turn: Turn | None = None

    def _start_transaction_under_autocommit(self) -> None:
        if self._turn is None and not self.is_in_memory_db():
            self._turn = Turn(Path(self.settings_dict["NAME"]))
        if self._turn is not None:
            self._turn.take()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_back()
            raise

    def _commit(self) -> None:
        # A commit that fails keeps the turn: Django rolls back next, and only then is the database free.
        super()._commit()  # type: ignore[misc]
        self._give_back()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_back()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            if self._turn is not None:
                self._turn.close()
                self._turn = None

    def _give_back(self) -> None:
        if self._turn is not None:
            self._turn.give_back()
