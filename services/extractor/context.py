"""The words around a fact, as its candidate shows them to the metric mapper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.extractor.candidate import MAX_CONTEXT, MAX_PRECEDING, Around, Candidate
from shared.rules import rules

if TYPE_CHECKING:
    from services.extractor.above import Above
    from services.extractor.clauses import Paragraph
    from services.extractor.drafts import Draft
    from shared.events import Modality

#: Characters of a paragraph's first clause that are its topic.
MAX_TOPIC = 40
#: Characters of a sentence without a figure that is a title of what follows: 深入开展矛盾纠纷排查化解工作。
MAX_LEAD = 20
#: Characters before a number in which 其中 makes it a part.
MAX_SUBSET = 60
#: A list of so many items is closed by a semicolon: 其中维持9件,撤回2件;行政诉讼6件.
MIN_ITEMS = 2

_RULES = rules("services.extractor", "rules/context")
_FIGURE = _RULES.pattern("figure")
_COUNT = _RULES.pattern("count")
_NO_TITLE = _RULES.pattern("no_title")
_BRACKET_END = _RULES.pattern("bracket_end")
_SEMICOLON = _RULES.pattern("semicolon")
_COUNTS_ANEW = _RULES.pattern("counts_anew")


def _is_among(text: str, start: int, end: int) -> bool:
    """Whether 其中 opens a list that reaches to `end`.

    The end of its bracket closes the list, and so do a semicolon behind several items and a new span of time behind any.
    """
    at = text.rfind("其中", start, end)
    if at < 0:
        return False
    if _BRACKET_END.match(text, at, end) is not None:
        return False  # 行政处罚213件(其中简易程序87件)、行政强制98件
    span = _COUNTS_ANEW.search(text, at, end)
    if span is not None and _FIGURE.search(text, at, span.start()):
        return False
    stop = _SEMICOLON.search(text, at, end)
    return stop is None or len(_COUNT.findall(text, at, stop.start())) < MIN_ITEMS


class Context:
    """The words around the facts of one paragraph. Facts of one clause share its neighbours."""

    def __init__(self, paragraph: Paragraph) -> None:
        self._paragraph = paragraph
        self._text = paragraph.text
        start, self._topic_end = paragraph.clause(paragraph.start)
        self._topic = self._text[start : min(self._topic_end, start + MAX_TOPIC)]
        self._led, self._led_by = -1, ""
        self._kept_key = (-1, -1, -1)
        self._kept: tuple[tuple[str, ...], str] = (), ""

    def candidate(  # noqa: PLR0913, PLR0917 - what was read of the fact before its metric
        self, draft: Draft, subject: str, counted: str, scope: str | None, above: Above, modality: Modality
    ) -> Candidate:
        """The fact of `draft` before it has a metric."""
        amount, part, text = draft.amount, draft.part, self._text
        amount_start, amount_end = amount.start, amount.end
        start, end = max(draft.clause[0], amount_start - MAX_CONTEXT), min(draft.clause[1], amount_end + MAX_CONTEXT)
        return Candidate(
            number_text=text[amount_start:amount_end],
            value=amount.value,
            unit=part.unit,
            subject=subject,
            counted=counted or subject,
            change=draft.change,
            modality=modality,
            scope=scope,
            clause=text[start:end],
            before=text[start:amount_start] + part.event,
            after=text[amount_end + len(part.event) : end],
            headings=above.headings,
            heads=draft.heads,
            start=amount_start,
            end=amount_end,
            sentence_start=draft.sentence[0],
            paragraph_start=self._paragraph.start,
            part_of=draft.part_of,
            look_around=lambda: self._around(draft, start, above),
        )

    def _around(self, draft: Draft, start: int, above: Above) -> Around:
        """What stands around the fact of `draft`, whose clause is seen from `start` on."""
        at, sentence_start = draft.amount.start, draft.sentence[0]
        preceding, following = self._neighbours(draft, max(sentence_start, at - MAX_CONTEXT), start)
        return Around(
            preceding=preceding,
            following=following,
            lead=self._lead(sentence_start),
            topic=self._topic if at > self._topic_end and above.start <= self._paragraph.start else "",
            subset=draft.subset or _is_among(self._text, max(sentence_start, at - MAX_SUBSET), at),
        )

    def _lead(self, sentence_start: int) -> str:
        """The sentence that ends before `sentence_start`, where it is short, one clause and without a figure."""
        if self._led != sentence_start:
            self._led, self._led_by = sentence_start, ""
            end = sentence_start - 1
            start = self._paragraph.sentence(end)[0] if end > self._paragraph.start else end
            if 0 < end - start <= MAX_LEAD and _NO_TITLE.search(self._text, start, end) is None:
                self._led_by = self._text[start:end]
        return self._led_by

    def _neighbours(self, draft: Draft, sentence_start: int, start: int) -> tuple[tuple[str, ...], str]:
        """The clauses of the sentence before the one at `start`, and the one behind."""
        key = (sentence_start, start, draft.clause[1])
        if self._kept_key != key:
            text = self._text
            clauses = self._paragraph.clauses(sentence_start, max(sentence_start, start - 1))
            preceding = tuple([text[a:b] for a, b in clauses][-MAX_PRECEDING:])
            following = ""
            if draft.clause[1] < draft.sentence[1]:
                first, last = self._paragraph.clause(draft.clause[1] + 1)
                following = text[first : min(last, first + MAX_CONTEXT)]
            self._kept_key, self._kept = key, (preceding, following)
        return self._kept
