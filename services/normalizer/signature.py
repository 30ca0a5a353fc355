"""Identity of the content: an exact id and a similarity signature. Which entries are one report is the sink's business."""

from __future__ import annotations

import re
from hashlib import blake2b, md5

#: Bits of the signature. With 128 the distance of a corrected copy and that of the next year's report lie far apart
#: (docs/normalizer.md gives the measured distances).
SIGNATURE_BITS = 128
_NO_CONTENT = re.compile(r"[^\w%.]+")
_CLAUSE_END = re.compile(r"[^\w%.·《》“”()-]+")
_ONES = [bytes((byte >> bit) & 1 for byte in range(256)) for bit in range(8)]


def report_id(text: str) -> str:
    """32 hex digits from the words and numbers of `text`; white space and punctuation do not count."""
    return blake2b(_NO_CONTENT.sub("", text).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def similarity_signature(text: str) -> str:
    """32 hex digits: a SimHash over the distinct clauses of `text`.

    The number of differing bits grows with the share of clauses that differ (Charikar 2002: the chance of a
    differing bit is the angle of the two clause sets over π).
    """
    clauses = {clause for clause in _CLAUSE_END.split(text) if len(clause) >= 4} or {text}
    digests = b"".join([md5(clause.encode(), usedforsecurity=False).digest() for clause in clauses])
    half = len(clauses) / 2
    bits = 0
    for column in range(SIGNATURE_BITS // 8):
        octets = digests[column::16]
        for ones in _ONES:
            bits = bits << 1 | (octets.translate(ones).count(1) > half)
    return f"{bits:0{SIGNATURE_BITS // 4}x}"


def distance(one: str, other: str) -> int:
    """Differing bits of two signatures, 0 … SIGNATURE_BITS."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
