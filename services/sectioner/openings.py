"""Where a section may open: every marker of a text, with its heading where that is a plain phrase, in one pass."""

from __future__ import annotations

import re
from typing import Final

from services.sectioner.draft import UNREAD, Draft, draft_of, heading_of
from services.sectioner.headings import PLAIN_PHRASE, TITLE_LENGTH
from services.sectioner.lexicon import FORMS
from services.sectioner.numbering import BLANK, STARTS, marker_reading

_CLAUSE_ENDS: Final = ",，)）”》"
#: What a marker inside a paragraph follows: a sentence, a clause, a closing quote or a space.
CLOSERS: Final = f"。;；:：!！?？ \u3000{_CLAUSE_ENDS}"
#: The plain phrase that may follow a marker, up to the end of the line or its 。, and whether the line goes on behind it.
_PHRASE: Final = f"(?=(?![{BLANK}])({PLAIN_PHRASE})(?=\n|\\Z|(。)(?![ 　])(?=([^\n])?))|)"
#: The last group of a match says how much was read: a marker, its phrase, a phrase with its 。, one that text follows.
_CLOSED, _RUN_IN = 3, 4
#: The first sign of a marker is searched for in a sixth less time than what stands before it. After a clause only
#: enumerators are looked for.
_OPENING: Final = re.compile(
    f"[{STARTS}](?<=[\n{CLOSERS}].)(?:(?<![{_CLAUSE_ENDS}].)|(?=[\\s\\S]{{0,2}}是))"
    f"(?<=(?=({'|'.join(form.pattern for form in FORMS)}){_PHRASE}).)"
)


def openings(text: str) -> list[Draft]:
    """The markers behind a line feed, a space, or what closes a sentence or a clause, in text order, as `marker_at` and
    `read_heading` give them in paragraphs that end where their line does.
    """
    rows = []
    for found in _OPENING.finditer(text):
        start, phrase = found.span(1)
        form, rank, level, number, length = marker_reading(found[1])
        end, read = found.end(2), found.lastindex or 0
        heading, run_in = UNREAD, False
        if 2 <= end - phrase <= TITLE_LENGTH:
            heading = heading_of((phrase, end, end + 1, "。") if read >= _CLOSED else (phrase, end, end, ""))
            run_in = read == _RUN_IN
        rows.append((form, rank, level, number, start, start + length, heading, run_in, 1.0))
    return list(map(draft_of, rows))
