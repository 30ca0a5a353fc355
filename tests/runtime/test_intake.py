"""The doors of the pipeline in pure form: whatever comes, a report or a refusal with its reason, and quickly."""

from __future__ import annotations

import gzip
import random

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.codec import decode_event, encode_event
from shared.errors import Permanent, Reason
from shared.events import NormalizedReport, RawReport
from shared.intake import BodyLimits, read_report, unpack_body
from shared.letters.burial import Failure, Taken, bury, cause_of
from shared.streams import INTAKE, NORMALIZED
from tests.support.cost import assert_costs
from tests.support.functions import normalize

LIMITS = BodyLimits()
_NAMES = st.sampled_from([b"body", b"url", b"encoding", b"charset", b"schema_version", b"replay", b"entry", b"data"])
_VALUES = st.binary(max_size=300) | st.sampled_from(
    [b"zstd", b"gzip", b"1", b"2", gzip.compress(b"x", mtime=0), b"\x28\xb5\x2f\xfd"]
)


@settings(max_examples=400)
@given(st.dictionaries(_NAMES | st.binary(max_size=20), _VALUES, max_size=8))
def test_any_fields_give_a_report_or_a_refusal(fields: dict[bytes, bytes]) -> None:
    try:
        report = read_report("fazhi:intake/1-0", "1-0", fields, LIMITS)
    except Permanent as refusal:
        failure = Failure(refusal.reason, refusal.detail, "", "normalizer", "1", 0.0, 1)
        letter = bury(Taken(INTAKE, "fazhi:intake", "1-0", fields), failure)
        assert letter.entry == "fazhi:intake/1-0"  # whatever a field `entry` says
        assert letter.body_bytes >= len(letter.body)
    else:
        assert report.body
        assert report.entry == "fazhi:intake/1-0"


@settings(max_examples=300)
@given(st.binary(max_size=400), st.sampled_from(["zstd", "gzip"]))
def test_any_packed_body_is_unpacked_or_refused(body: bytes, encoding: str) -> None:
    try:
        unpack_body(body, encoding, LIMITS)
    except Permanent as refusal:
        assert refusal.reason in {Reason.BAD_ENCODING, Reason.EXPANDS_TOO_FAR}


@pytest.mark.hypothesis  # for `make test-search`
def test_mutated_bodies_and_events_find_nothing_but_refusals(seed: int) -> None:
    dice = random.Random(seed)
    page = "法治政府建设年度报告。".encode() * 50
    event = encode_event(normalize(RawReport(entry="e", accepted_at=0.0, body=page)))
    originals = {"zstd": zstandard.compress(page), "gzip": gzip.compress(page), "event": event}
    for kind, original in originals.items():
        for _ in range(700):
            mutant = bytearray(original)
            for _ in range(dice.randrange(1, 6)):
                mutant[dice.randrange(len(mutant))] = dice.randrange(256)
            try:
                if kind == "event":
                    decode_event(NormalizedReport, bytes(mutant[: dice.randrange(1, len(mutant) + 1)]))
                else:
                    unpack_body(bytes(mutant), kind, LIMITS)
            except Permanent:
                continue
            except Exception as error:
                raise AssertionError(f"seed {seed}: {kind} {bytes(mutant)!r}") from error


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (b"x" * 10_000_001, "", Reason.OVERSIZED),
        (zstandard.compress(b"\0" * 300_000_000), "zstd", Reason.EXPANDS_TOO_FAR),
        (gzip.compress(b"\0" * 50_000_000, 9, mtime=0), "gzip", Reason.EXPANDS_TOO_FAR),
        (b"".join(gzip.compress(b"\0" * 100_000, mtime=0) for _ in range(500)), "gzip", Reason.EXPANDS_TOO_FAR),
        (b"".join(zstandard.compress(b"\0" * 100_000) for _ in range(500)), "zstd", Reason.EXPANDS_TOO_FAR),
        (
            b"\x28\xb5\x2f\xfd\x00\xf8" + random.Random(7).randbytes(64),
            "zstd",
            Reason.BAD_ENCODING,
        ),  # asks for a window of gigabytes
    ],
    ids=["size", "zstd_bomb", "gzip_bomb", "many_gzip_members", "many_zstd_frames", "huge_window"],
)
def test_each_limit_refuses_its_crafted_body_cheaply(body: bytes, encoding: str, reason: Reason) -> None:
    def unpack() -> None:
        with pytest.raises(Permanent) as refused:
            unpack_body(body, encoding, LIMITS)
        assert refused.value.reason == reason

    assert_costs(unpack, 700)


def test_packing_is_undone_exactly() -> None:
    page = random.Random(7).randbytes(200_000) + "法治".encode("gb18030") * 1000
    for encoding, packed in (("zstd", zstandard.compress(page)), ("gzip", gzip.compress(page)), ("", page)):
        assert unpack_body(packed, encoding, LIMITS) == page
    assert unpack_body(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", LIMITS) == b"ab"
    assert unpack_body(zstandard.compress(b"a") + zstandard.compress(b"b"), "zstd", LIMITS) == b"ab"


def test_a_letter_holds_its_original_at_every_stage() -> None:
    page = "报告".encode() + b"\xff\xfe"  # no charset gives these bytes back
    event = encode_event(normalize(RawReport(entry="fazhi:intake/5-0", accepted_at=5.0, body=page)))
    failure = Failure(Reason.UNKNOWN_FAULT, "x", "", "sectioner", "1", 0.0, 5)
    letter = bury(Taken(NORMALIZED, "fazhi:normalized", "9-0", {b"event": event}), failure)
    assert (letter.body, letter.body_bytes, letter.entry, letter.event) == (page, len(page), "fazhi:intake/5-0", event)


def test_causes_do_not_differ_by_figures() -> None:
    assert cause_of(Reason.OVERSIZED, "12 bytes, at most 7", "") == cause_of(
        Reason.OVERSIZED, "9999 bytes, at most 7", ""
    )
    trace = 'Traceback\n  File "/app/services/x.py", line 7, in rule\n    1/0\nZeroDivisionError: division by zero'
    assert cause_of(Reason.UNKNOWN_FAULT, "", trace) == "unknown_fault: ZeroDivisionError in x.py, line 7, in rule"
