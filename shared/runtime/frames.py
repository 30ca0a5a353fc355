"""What a worker and its child say to each other: frames of a JSON header and a blob of bytes.

JSON, not pickle: the child opens hostile documents, and what comes back from it is only ever data.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import orjson

from shared.errors import Reason
from shared.intake import BodyLimits

_HEAD = struct.Struct(">II")
#: An answer above this is a fault of the child: a compressed event of a 10 MB page is a few MB.
MAX_BLOB_BYTES = 512 * 1024 * 1024
#: Reports that a child works on together at most.
TOGETHER = 16


class BrokenFrame(Exception):  # noqa: N818 - it names what came
    """What came over the pipe is no frame."""


@dataclass(frozen=True)
class Job:
    """What a child is to do with every report."""

    stage: str
    stream: str
    stream_key: str
    worker: str
    version: str
    process: str  # "module:function"
    prepare: str  # "module:function" or ""
    limits: BodyLimits

    def frame(self) -> bytes:
        """As bytes on the pipe."""
        return write_frame(asdict(self), b"")

    @classmethod
    def from_header(cls, header: Mapping[str, Any]) -> Job:
        """The job that `header` gave."""
        return cls(**{**header, "limits": BodyLimits(**header["limits"])})


@dataclass(frozen=True)
class Request:
    """One report to work on, or to bury (`kind`). `last`: an unknown fault now makes it a dead letter."""

    id: str
    fields: Mapping[bytes, bytes]
    delivery: int = 1
    last: bool = False
    entry: str = ""
    kind: str = "work"
    reason: str = ""
    detail: str = ""
    traceback: str = ""
    read: bool = True
    history: Sequence[tuple[float, str, str]] = field(default_factory=tuple)

    def frame(self) -> bytes:
        """As bytes on the pipe."""
        parts = [part for pair in self.fields.items() for part in pair]
        header = {
            "id": self.id, "delivery": self.delivery, "last": self.last, "entry": self.entry, "kind": self.kind,
            "reason": self.reason, "detail": self.detail, "traceback": self.traceback, "read": self.read,
            "history": list(self.history), "lengths": [len(part) for part in parts],
        }  # fmt: skip
        return write_frame(header, b"".join(parts))

    @classmethod
    def from_frame(cls, header: dict[str, Any], blob: bytes) -> Request:
        """The request that `frame` gave."""
        ends = [0]
        for length in header.pop("lengths"):
            ends.append(ends[-1] + length)
        parts = [blob[start:end] for start, end in pairwise(ends)]
        return cls(fields=dict(zip(parts[0::2], parts[1::2], strict=True)), **header)


@dataclass(frozen=True)
class Answer:
    """What became of one report. `outcome`: `out` (the blob is the successor), `dead` (the blob is the dead letter),
    `fault` (no blob: to be tried again). The first answer of a child, to its job, is `ready`. `id` is its request's.
    """

    outcome: str
    reason: str = ""
    detail: str = ""
    traceback: str = ""
    cause: str = ""
    entry: str = ""
    report_id: str = ""
    accepted_at: float = 0.0
    seconds: float = 0.0
    characters: int = 0
    facts: Mapping[str, int] = field(default_factory=dict)
    undecided: int = 0
    id: str = ""

    @property
    def is_out_of_memory(self) -> bool:
        """Whether the memory was not enough. It is the child's last answer, and that of the report that it has in hand."""
        return self.outcome == "fault" and self.reason == Reason.OUT_OF_MEMORY

    def frame(self, blob: bytes, request_id: str = "") -> bytes:
        """As bytes on the pipe, with its blob, as the answer to that request."""
        return write_frame({**vars(self), "id": request_id}, blob)


def write_frame(header: Mapping[str, Any], blob: bytes) -> bytes:
    """One frame."""
    head = orjson.dumps(header)
    return b"".join((_HEAD.pack(len(head), len(blob)), head, blob))


def cut_job(arrived: bytearray) -> Job | None:
    """The job at the beginning of `arrived`, which is removed from it; None where it is not whole yet."""
    found = _frame_at(arrived, 0)
    if found is None:
        return None
    header, _, end = found
    del arrived[:end]
    return Job.from_header(orjson.loads(header))


def cut_requests(arrived: bytearray, most: int, most_bytes: int) -> list[Request]:
    """The whole requests at the beginning of `arrived`, which are removed from it: at most so many, and of so many bytes
    together where they are more than one.
    """
    requests: list[Request] = []
    at = 0
    while len(requests) < most and (found := _frame_at(arrived, at)) is not None:
        header, blob, end = found
        if requests and end > most_bytes:
            break
        requests.append(Request.from_frame(orjson.loads(header), blob))
        at = end
    del arrived[:at]
    return requests


def cut_answers(arrived: bytearray) -> list[tuple[Answer, bytes]]:
    """The whole answers at the beginning of `arrived`, each with its blob; they are removed from it.

    Raises BrokenFrame where what comes first is none; what was answered before it has been given by then.
    """
    answers: list[tuple[Answer, bytes]] = []
    at = 0
    try:
        while (found := _answer_at(arrived, at)) is not None:
            answer, blob, at = found
            answers.append((answer, blob))
    except BrokenFrame:
        if not answers:
            raise
    del arrived[:at]
    return answers


def _answer_at(arrived: bytearray, start: int) -> tuple[Answer, bytes, int] | None:
    """The answer that starts there, its blob and its end; None where it is not whole yet. Raises BrokenFrame."""
    found = _frame_at(arrived, start)
    if found is None:
        return None
    header, blob, end = found
    try:
        return Answer(**orjson.loads(header)), blob, end
    except (orjson.JSONDecodeError, TypeError) as error:
        raise BrokenFrame(str(error)) from error


def _frame_at(arrived: bytearray, start: int) -> tuple[bytes, bytes, int] | None:
    """Header and blob of the frame that starts there, and its end; None where it is not whole yet. Raises BrokenFrame."""
    if len(arrived) - start < _HEAD.size:
        return None
    head, blob = _HEAD.unpack_from(arrived, start)
    if head > MAX_BLOB_BYTES or blob > MAX_BLOB_BYTES:
        raise BrokenFrame(f"a frame of {head + blob} bytes")
    middle = start + _HEAD.size + head
    end = middle + blob
    if len(arrived) < end:
        return None
    with memoryview(arrived) as view:
        return bytes(view[start + _HEAD.size : middle]), bytes(view[middle:end]), end
