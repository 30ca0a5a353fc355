"""Records as columns: the values of one field stand together, a record is made where somebody asks for one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar, get_args, overload

from pydantic_core import core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

    from shared.events import Record

RecordT = TypeVar("RecordT", bound="Record")

#: Field of the record → its values, one a record, in the order of the records. Every field has its column, also where
#: there is no record.
Columns = dict[str, Sequence[Any]]


class Table(Sequence[RecordT]):
    """A sequence of records whose values are kept in columns.

    A stage reads and writes columns (`columns_of`); the records, all of them, are made when the first one is asked for,
    and are what counts from then on, since a reader may change them.
    """

    __slots__ = ("_columns", "_record", "_records")

    def __init__(self, record: type[RecordT], columns: Columns) -> None:
        self._record = record
        self._columns = columns
        self._records: list[RecordT] | None = None

    @property
    def columns(self) -> Columns:
        """The fields of the records, as they are now."""
        return self._columns if self._records is None else columns_of(self._record, self._records)

    def _made(self) -> list[RecordT]:
        if self._records is None:
            self._records = records_of(self._record, self._columns)
        return self._records

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    @overload
    def __getitem__(self, at: int) -> RecordT: ...
    @overload
    def __getitem__(self, at: slice) -> list[RecordT]: ...
    def __getitem__(self, at: int | slice) -> RecordT | list[RecordT]:
        return self._made()[at]

    def __iter__(self) -> Iterator[RecordT]:
        return iter(self._made())

    def __eq__(self, other: object) -> bool:
        """Whether the other one, a table or a list, holds the same records."""
        return self._made() == (list(other) if isinstance(other, Table) else other)

    __hash__ = None  # type: ignore[assignment]  # its records can be changed

    def __repr__(self) -> str:
        return repr(self._made())

    @classmethod
    def __get_pydantic_core_schema__(cls, annotation: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Of a field `Annotated[Sequence[…], Table]`: a table stands as it is, anything else is checked as a list."""
        records = handler.generate_schema(list[get_args(annotation)[0]])  # type: ignore[misc]
        return core_schema.union_schema(
            [core_schema.is_instance_schema(cls), records],
            mode="left_to_right",
            serialization=core_schema.plain_serializer_function_ser_schema(list, return_schema=records),
        )


def columns_of(record: type[Record], records: Sequence[Record]) -> Columns:
    """The records' fields, a column each."""
    if isinstance(records, Table):
        return records.columns
    names = tuple(record.model_fields)
    if not records:
        return dict.fromkeys(names, ())
    return dict(zip(names, zip(*map(itemgetter(*names), map(vars, records)), strict=True), strict=True))


def records_of(record: type[RecordT], columns: Columns) -> list[RecordT]:
    """What `columns_of` made columns of, in new records."""
    return record.trusted_each(list(rows_of(columns)))


def rows_of(columns: Columns) -> Iterator[dict[str, Any]]:
    """One dictionary of fields a record."""
    return map(dict, map(zip, repeat(tuple(columns)), zip(*columns.values(), strict=True)))
