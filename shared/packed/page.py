"""What the normalizer made of a page: source, text, alignment, document."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from shared.alignment import Alignment, Locator
from shared.cuttings import Cuttings
from shared.events import Change, Document, NormalizedReport, Record, Source
from shared.packed.columns import ColumnReader, ColumnWriter
from shared.packed.spelling import Spelling, respell

_HEAD = struct.Struct("<BIII")
#: How the words are written: the text whole, or what leads from the source to it.
_WHOLE, _RESPELT = 1, 2
#: GB 18030 holds all of Unicode and writes a Chinese character in two bytes, UTF-8 in three: zstd makes 15 % less of it.
ENCODING = "gb18030"


def decoded(content: bytes) -> str:
    """Words in ENCODING. Raises UnicodeDecodeError."""
    try:
        return content.decode("gbk")  # the part of it that nearly all pages keep to: read in three quarters of the time
    except UnicodeDecodeError:
        return content.decode(ENCODING)


class _Notes(Record):
    """What is small about a page, as JSON. `changes`: `before` is null where it is what the source has there, a number
    where it is only so many characters of that.
    """

    charset: str
    media_type: Literal["text/html", "text/plain"]
    raw_bytes: int
    report_id: str
    signature: str
    script_confidence: float
    document: Document
    has_original: bool = False
    changes: list[tuple[str, int, int, str | int | None, str]]


class PageWords:
    """The words of a page, to cut others from: the text, its source, and the way between them."""

    def __init__(self, text: str, source: Source, alignment: Alignment) -> None:
        self.text = text
        self.source = source.text
        self._alignment = alignment
        self._markup = source.media_type == "text/html"

    @property
    def locator(self) -> Locator:
        """The index over the alignment, built when it is first asked for: mostly nothing needs it."""
        return self._alignment.locator()

    def holds(self, cuttings: Cuttings) -> bool:
        """Whether they are cut from this page."""
        return cuttings.source.text is self.source and cuttings.alignment is self._alignment

    def written(self, start: int, end: int) -> str:
        """`text[start:end]` as the source writes it. Raises IndexError where the span is not inside the text."""
        return self.locator.cut(self.source, start, end, markup=self._markup)


class PackedPage(NamedTuple):
    """A page: `notes` (small) as bytes, and the words."""

    notes: bytes
    source: str
    text: str
    runs: list[int]
    original: bytes  # where the source does not give it back

    @classmethod
    def of(cls, report: NormalizedReport) -> PackedPage:
        """The page of `report`."""
        source = report.source
        notes = _Notes.trusted(
            charset=source.charset, media_type=source.media_type, raw_bytes=source.raw_bytes,
            report_id=report.report_id, signature=report.signature, script_confidence=report.script_confidence,
            document=report.document, changes=list(_change_rows(source.text, report.changes)),
            has_original=source.original is not None,
        )  # fmt: skip
        return cls(
            notes.__pydantic_serializer__.to_json(notes, exclude_defaults=True), source.text, report.text,
            report.alignment.runs, source.original or b"",
        )  # fmt: skip

    def to_bytes(self) -> bytes:
        """As bytes, not compressed. Raises UnicodeEncodeError where half a surrogate pair stands in the words."""
        source = self.source.encode(ENCODING)
        spelling = respell(self.source, self.runs, self.text)
        if spelling is None:
            form, text = _WHOLE, self.text.encode(ENCODING)
        else:
            form, text = _RESPELT, spelling.to_bytes()
        writer = ColumnWriter()
        _pack_runs(writer, self.runs)
        # The source first: what follows is compressed as references to it.
        notes = self.notes.decode().encode(ENCODING)
        head = _HEAD.pack(form, len(source), len(text), len(notes))
        return b"".join((head, source, text, notes, writer.done(), self.original))

    @classmethod
    def from_bytes(cls, content: bytes) -> PackedPage:
        """What `to_bytes` made. Raises ValueError."""
        if len(content) < _HEAD.size:
            raise ValueError("a page ends early")
        form, *lengths = _HEAD.unpack_from(content)
        parts = []
        at = _HEAD.size
        for length in lengths:
            parts.append(content[at : at + length])
            at += length
        if at > len(content):
            raise ValueError("a page ends early")
        source = decoded(parts[0])
        reader = ColumnReader(content[at:])
        runs = _read_runs(reader)
        if form == _RESPELT:
            text = Spelling.from_bytes(parts[1]).text(source, runs)
        elif form == _WHOLE:
            text = decoded(parts[1])
        else:
            raise ValueError(f"a page in form {form}")
        return cls(decoded(parts[2]).encode(), source, text, runs, reader.rest())

    def fields(self) -> dict[str, Any]:
        """The fields of a NormalizedReport that are the page's. Raises ValueError."""
        notes = _Notes.model_validate_json(self.notes)
        return {
            "source": Source.trusted(
                text=self.source, charset=notes.charset, media_type=notes.media_type, raw_bytes=notes.raw_bytes,
                original=self.original if notes.has_original else None,
            ),
            "text": self.text,
            "alignment": Alignment.trusted(self.runs),
            "document": notes.document,
            "report_id": notes.report_id,
            "signature": notes.signature,
            "script_confidence": notes.script_confidence,
            "changes": [
                Change.trusted(
                    rule=rule, raw_start=start, raw_end=end, after=after,
                    before=before if isinstance(before, str) else self.source[start:end][:before],
                )
                for rule, start, end, before, after in notes.changes
            ],
        }  # fmt: skip


def _change_rows(source: str, changes: Sequence[Change]) -> Iterator[tuple[str, int, int, str | int | None, str]]:
    for change in changes:
        start, end = change.raw_start, change.raw_end
        there = source[start:end]
        before: str | int | None = change.before
        if there == before:
            before = None
        elif there.startswith(change.before):
            before = len(change.before)
        yield change.rule, start, end, before, change.after


def _pack_runs(writer: ColumnWriter, runs: list[int]) -> None:
    if len(runs) % 3:
        raise ValueError("an alignment is three numbers a run")
    lengths = runs[1::3]
    writer.count(len(lengths))
    writer.numbers(runs[0::3])
    writer.numbers(lengths)
    writer.numbers([source - text for source, text in zip(runs[2::3], lengths, strict=True)])


def _read_runs(reader: ColumnReader) -> list[int]:
    rows = reader.count()
    runs = [0] * (3 * rows)
    runs[0::3] = reader.numbers(rows)
    lengths = reader.numbers(rows)
    runs[1::3] = lengths
    runs[2::3] = [text + more for text, more in zip(lengths, reader.numbers(rows), strict=True)]
    return runs
