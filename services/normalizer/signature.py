"""Identity of the content: an exact id and a similarity signature. Which entries are one report is the sink's business."""

from __future__ import annotations

import re
from hashlib import blake2b
from zlib import crc32

#: Bits of the signature: 64 bins of 2 bits.
SIGNATURE_BITS = 128
_BINS = 64
_EMPTY = 1 << 32  # above each number that a clause has
_ZERO = ord("0")
#: Shorter clauses (three ideographs) stand in every report.
_CLAUSE_BYTES = 10
#: What ends a clause. Each wide sign is replaced by itself: 5 µs for 1,500 characters, one pattern takes 26.
_WIDE_ENDS = "，。；、：！？“”‘’《》"
_ASCII_ENDS = b",;:!?()\"'\t -"
_TO_LINE_FEEDS = bytes.maketrans(_ASCII_ENDS, b"\n" * len(_ASCII_ENDS))
_LINE_FEEDS = re.compile(rb"\n+")


def identify(text: str) -> tuple[str, str]:
    """The report id and the similarity signature of `text`, 32 hex digits each.

    The id is a hash of the words and numbers; white space and punctuation do not count. The signature compares by the
    number of differing bits (`distance`): one-permutation minwise hashing over the distinct clauses, two bits a bin
    (Li, Owen, Zhang 2012; Li, König 2010), so the expected distance is 64 · (1 - J) bits, where J is the share of
    clauses that two reports have in common.
    """
    for sign in _WIDE_ENDS:
        text = text.replace(sign, "\n")
    written = text.encode("utf-8", "surrogatepass").translate(_TO_LINE_FEEDS)
    clauses = written.split(b"\n")
    report_id = blake2b(b"".join(clauses), digest_size=16).hexdigest()
    least, mask = [_EMPTY] * _BINS, _BINS - 1
    for clause in clauses:
        if len(clause) >= _CLAUSE_BYTES:
            number = crc32(clause)
            if number < least[place := number & mask]:  # min() takes four times as long
                least[place] = number
    last = next((number for number in least if number is not _EMPTY), None)
    if last is None:
        last = crc32(_LINE_FEEDS.sub(b"\n", written))
    digits = []  # two bits each
    for number in least:
        if number is not _EMPTY:  # an empty bin takes the value of the last filled one (densification by rotation)
            last = number
        digits.append(_ZERO + (last >> 6 & 3))
    return report_id, f"{int(bytes(digits), 4):032x}"


def distance(one: str, other: str) -> int:
    """Differing bits of two signatures, 0 … SIGNATURE_BITS."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
