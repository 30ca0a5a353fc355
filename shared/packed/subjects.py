"""What facts speak of: half the subjects stand beside their number and are a place there, the others are listed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, compress, pairwise, repeat
from operator import add, eq, lt

#: Characters before and after the start of a number in which its subject is looked for.
_BEFORE, _AFTER = 180, 60
#: The distance of a subject that is listed; all others are at most _BEFORE + _AFTER.
_LISTED = 255


def place_subjects(subjects: Sequence[str], starts: Sequence[int], text: str) -> tuple[list[int], list[int], str]:
    """Of the subject of the number at each of `starts`: its distance, from its end to the end of the reach, and its
    length; then those that do not stand in reach, joined.
    """
    reaches = [start - _BEFORE if start > _BEFORE else 0 for start in starts]
    found = list(map(text.rfind, subjects, reaches, map(add, starts, repeat(_AFTER))))
    lengths = list(map(len, subjects))
    distances = [
        start + _AFTER - at - length if at >= 0 else _LISTED
        for start, at, length in zip(starts, found, lengths, strict=True)
    ]
    return distances, lengths, "".join(compress(subjects, map(lt, found, repeat(0))))


def find_subjects(
    distances: Sequence[int], lengths: Sequence[int], listed: str, starts: Sequence[int], text: str
) -> list[str]:
    """What `place_subjects` placed. Raises ValueError where the list is of another length."""
    missing = list(map(eq, distances, repeat(_LISTED)))
    ends = list(accumulate(compress(lengths, missing), initial=0))
    if ends[-1] != len(listed):
        raise ValueError("listed subjects of another length")
    rest = iter([listed[start:end] for start, end in pairwise(ends)])
    return [
        next(rest) if is_missing else text[start + _AFTER - distance - length : start + _AFTER - distance]
        for start, distance, length, is_missing in zip(starts, distances, lengths, missing, strict=True)
    ]
