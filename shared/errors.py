"""Errors whose class is the policy.

    StageError
    ├── Transient     something outside the report failed: wait and try again, dead-letter nothing
    ├── Outdated      this process is older than what it works on: end, and leave the report to others
    └── Permanent     this report can never succeed here: dead-letter it at once, with its reason

Any other exception is an unknown fault: tried again a bounded number of times, then dead-lettered
with reason `unknown_fault`.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why an entry became a dead letter. A label of the metrics, so the set is closed."""

    EMPTY = "empty"  # no body, or nothing left once page furniture is gone
    UNDECODABLE = "undecodable"  # no charset gives text
    BINARY = "binary"  # not text at all: an image, an archive, an office file
    OVERSIZED = "oversized"  # more bytes than `max_report_bytes`; kept by reference
    EXPANDS_TOO_FAR = "expands_too_far"  # a compressed body that passes the ratio or the absolute limit
    BAD_ENCODING = "bad_encoding"  # `encoding` unknown, or the body is not what it says
    TOO_DEEP = "too_deep"  # markup nested beyond the limit
    TOO_COMPLEX = "too_complex"  # a bounded rule met its bound
    BAD_FIELDS = "bad_fields"  # the entry's fields are not what the stream takes
    UNKNOWN_VERSION = "unknown_version"  # `schema_version` that this code does not know
    INVALID_EVENT = "invalid_event"  # the event does not validate
    TIMED_OUT = "timed_out"  # the child passed the time limit, on every delivery
    OUT_OF_MEMORY = "out_of_memory"  # the child passed the memory limit, on every delivery
    CHILD_DIED = "child_died"  # the child process ended while it held the report, on every delivery
    UNKNOWN_FAULT = "unknown_fault"  # an exception nobody foresaw, on every delivery


class StageError(Exception):
    """A stage could not finish this report."""


class Transient(StageError):  # noqa: N818 - the name is the policy
    """Something outside the report failed; the same report may succeed later."""


class Outdated(StageError):  # noqa: N818 - the name is the policy
    """A newer version has taken over what this process writes to."""


class Permanent(StageError):  # noqa: N818 - the name is the policy
    """The report can never succeed here; a retry would repeat the failure."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail
