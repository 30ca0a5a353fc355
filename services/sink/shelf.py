"""The dead letters in the database, as `fazhi dead` sees them: listed, read, taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson
from sqlalchemy import delete, exists, select, update

from services.sink import bulk, engine, schema
from services.sink.reading import unpack
from shared.errors import Reason
from shared.events import DeadLetter
from shared.letters.burial import cause_of
from shared.letters.dead import LetterNote, Outcome

_HEAD = "database/"
#: The largest number of a row has 19 digits.
_KEY = re.compile(_HEAD + "([0-9]{1,18})")
#: Letters held at a time while the list is walked: one may be 10 MB.
_WINDOW = 50


class DatabaseShelf:
    """The letters that the sink has moved into the database. Raises sqlalchemy.exc.DBAPIError where it is away."""

    def __init__(self, url: str) -> None:
        self._engine = engine.connect(url)

    def notes(self) -> Iterator[LetterNote]:
        """All letters that are neither replayed nor dropped, oldest first; memory stays at a few letters."""
        table = schema.dead_letters
        after = 0
        while True:
            statement = select(table).where(table.c.number > after).order_by(table.c.number).limit(_WINDOW)
            with self._engine.connect().execution_options(reading=True) as connection:
                rows = connection.execute(statement).all()
            for row in rows:
                traceback = orjson.loads(unpack(row.packed))["traceback"]
                cause = cause_of(Reason(row.reason), row.detail, traceback)
                yield LetterNote(
                    f"{_HEAD}{row.number}", row.entry, row.stage, row.reason, cause, row.died_at.timestamp(), row.detail
                )
            if len(rows) < _WINDOW:
                return
            after = rows[-1].number

    def read(self, key: str) -> DeadLetter:
        """One letter, whole. Raises KeyError."""
        table = schema.dead_letters
        statement = select(table.c.packed).where(table.c.number == _number(key))
        with self._engine.connect().execution_options(reading=True) as connection:
            packed = connection.execute(statement).scalar()
        if packed is None:
            raise KeyError(key)
        return DeadLetter.model_validate_json(unpack(packed))

    def remove(self, key: str, outcome: Outcome) -> None:
        """Take a letter away; doing it again changes nothing.

        Its entry is `dropped` then, or, sent again, unknown until it is stored or dead once more. An entry that has
        other letters, or was stored meanwhile, stays what it is.
        """
        letters, entries = schema.dead_letters, schema.entries
        its_own = letters.c.number == _number(key)
        with self._engine.begin() as connection:
            entry = connection.execute(select(letters.c.entry).where(its_own)).scalar()
            if entry is None:
                return
            # A sink may be writing the next letter of this entry: it would find the entry noted, and this take it away.
            bulk.lock(connection, {f"entry:{entry}"})
            connection.execute(delete(letters).where(its_own))
            still_dead = (
                entries.c.entry == entry,
                entries.c.outcome == "dead",
                ~exists().where(letters.c.entry == entry),
            )
            if outcome == "dropped":
                connection.execute(update(entries).where(*still_dead).values(outcome="dropped"))
            else:
                connection.execute(delete(entries).where(*still_dead))


def _number(key: str) -> int:
    named = _KEY.fullmatch(key)
    if named is None:
        raise KeyError(key)
    return int(named[1])
