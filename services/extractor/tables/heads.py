"""What the heads of a table say: the thing, the unit, the year, the way it changed, the area or body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.extractor.areas import is_area
from services.extractor.tables.cells import Cell, is_number
from services.extractor.units import Unit, units
from shared.rules import rules

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from services.extractor.amount import Amount

#: Head rows of one table; more rows without a number are text.
MAX_HEAD_ROWS = 3
_RULES = rules("services.extractor", "rules/tables")
_UNIT = _RULES.pattern("unit")
_UNIT_SIGN = _RULES.pattern("unit_sign")
_UNIT_TAIL = _RULES.pattern("unit_tail")
_MONEY_HEAD = _RULES.pattern("money_head")
_RATE_HEAD = _RULES.pattern("rate_head")
_GENERIC_HEAD = _RULES.pattern("generic_head")
_TOTAL = _RULES.pattern("total")
_CHANGE_HEAD = _RULES.pattern("change_head")
_YEAR_HEAD = _RULES.pattern("year_head")
_NUMBERING = _RULES.pattern("numbering")
_BARE_ACT = _RULES.pattern("bare_act")
_BROAD_NOUN = _RULES.pattern("broad_noun")
_FORM_LINE = _RULES.pattern("form_line")
_GROUP_TAIL = _RULES.pattern("group_tail")
_CAPTION_NOUN = _RULES.pattern("caption_noun")
_FALLS = _RULES.pattern("falls")
_NO_CHANGE = _RULES.pattern("no_change")
_RATE_OF_CHANGE = _RULES.pattern("rate_of_change")
_MONTHS_HEAD = _RULES.pattern("months_head")
_WHOSE_NOUN = _RULES.pattern("whose_noun")
_THING_HEAD = _RULES.pattern("thing_head")
_ORDER_HEAD = _RULES.pattern("order_head")
_HOLDER_HEAD = _RULES.pattern("holder_head")


def head_rows(rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows at the top that hold no number but years; none where no row is left below them."""
    heads = []
    for row in rows[:MAX_HEAD_ROWS]:
        if any(is_number(cell.text) and not _YEAR_HEAD.fullmatch(cell.text) for cell in row):
            break
        heads.append(row)
    return heads if len(heads) < len(rows) else []


def tables_in(rows: list[list[Cell]]) -> Iterator[list[list[Cell]]]:
    """The tables of a run of rows: one that begins with heads of its own below the numbers of another is a table too."""
    start = 0
    for at in range(1, len(rows) - 1):
        if at > start + 1 and _begins_table(rows, at):
            start, begun = at - (_is_name(rows[at - 1]) and at - 1 > start), start
            yield rows[begun:start]
    yield rows[start:]


def _begins_table(rows: list[list[Cell]], at: int) -> bool:
    """Whether the row is one of heads: no number in it, below numbers and above numbers."""
    row, before = rows[at], rows[at - 1]
    if _has_number(row) or len([cell for cell in row if cell.text]) < 2:
        return False
    if not _has_number(before) and not (at > 1 and _is_name(before) and _has_number(rows[at - 2])):
        return False
    if not any(map(_has_number, rows[at + 1 : at + MAX_HEAD_ROWS])):
        return False
    first = words_of(next(cell.text for cell in row if cell.text))
    return bool(_THING_HEAD.match(first) or _ORDER_HEAD.match(first) or _HOLDER_HEAD.search(first))


def _has_number(row: list[Cell]) -> bool:
    return any(is_number(cell.text) for cell in row)


def _is_name(row: list[Cell]) -> bool:
    """Whether the row is the name of a table over all of its columns."""
    words = [cell.text for cell in row if cell.text]
    return len(words) == 1 and not is_number(words[0])


def spread(heads: list[list[Cell]], width: int) -> list[list[Cell]]:
    """Head rows whose cells were merged: a merged cell holds for all columns that have a head below it.

    类别 | 立案(起)    | 罚款(万元)        类别 | 立案(起) | 立案(起) | 罚款(万元)
         | 2023 | 2024 |              →         | 2023年   | 2024年   |

    A short second row stands under the first column that is no row head.
    """
    if len(heads) < 2:
        return heads
    if len(heads[0]) == width or not heads[1][0].text:  # a merged cell left its text in its first column
        heads = [[*head, *[Cell(head[-1].end, head[-1].end, "")] * (width - len(head))] for head in heads]
        return [_filled(head, heads[at + 1 :]) for at, head in enumerate(heads)]
    if len(heads) > 2:
        return heads
    first, second = heads
    under = [cell for cell in second if cell.text]
    if len(first) < 2 or len(first) + len(under) - 1 != width:
        return heads
    blank = Cell(first[0].start, first[0].start, "")
    return [
        [first[0], *[first[1]] * len(under), *first[2:]],
        [blank, *under, *[blank] * (len(first) - 2)],
    ]


def _filled(head: list[Cell], below: list[list[Cell]]) -> list[Cell]:
    filled = list(head)
    for column in range(1, len(filled)):
        if not filled[column].text and any(column < len(other) and other[column].text for other in below):
            filled[column] = filled[column - 1]
    return filled


def words_of(head: str) -> str:
    return _NUMBERING.sub("", _UNIT.sub(_without_units, head)).strip(" :：")


def _without_units(found: re.Match[str]) -> str:
    """Nothing for 收案(件), the bracket itself for 各乡(镇)."""
    names = _UNIT_SIGN.split(found["unit"] or "")
    return found.group() if found["unit"] and not any(name in units() for name in names) else ""


def says_no_thing(words: str) -> bool:
    """Whether a head only says that here is a number, of which year, or how it changed."""
    of_year = _YEAR_HEAD.sub("", words)  # 2023年实际
    return bool(not of_year or _GENERIC_HEAD.match(of_year) or _MONTHS_HEAD.fullmatch(words)) or (
        _CHANGE_HEAD.match(words) is not None and len(of_year) <= len("较上年同期增减情况")
    )


def is_bare_act(words: str) -> bool:
    """Whether a head names only what was done, not with what: 受理数量, 不予许可, 审结."""
    return _BARE_ACT.match(words) is not None


def as_group(words: str) -> str:
    """A head over several columns without the word that says that they are numbers: 行政处罚实施数量 → 行政处罚."""
    return _GROUP_TAIL.sub("", words) or words


def noun_of(caption: str) -> str:
    """What the table's name says it counts: 附件1:2023年行政应诉情况统计表 → 行政应诉."""
    name = _CAPTION_NOUN.search(_UNIT.sub("", _FORM_LINE.sub("", caption)))
    return "" if name is None else _WHOSE_NOUN.sub("", name["noun"])


def with_noun(act: str, noun: str) -> str:
    """A bare act with what the table counts: 行政复议|审结, 行政许可|数量; the act alone where the name is too broad."""
    if _BROAD_NOUN.match(noun):
        return act
    noun = noun.removesuffix("案件")
    return noun + act[2:] if noun.endswith(act[:2]) else act if act[:2] in noun else noun + act


def scope_of(labels: list[Cell], above: list[Cell], *, held: bool) -> str | None:
    """The area or the body that a head names; a total has none."""
    for cell in labels[:1]:
        words = words_of(cell.text)
        if _TOTAL.match(words):
            return None
        if held or is_area(words):
            return words
    return next((words for words in (words_of(cell.text) for cell in above) if is_area(words)), None)


def give_unit(  # noqa: PLR0913, PLR0917 - the places of a table that may say a unit
    amount: Amount, unit: Unit | None, beside: Unit | None, above: list[str], labels: list[str], caption: str
) -> None:
    """The unit of a bare number: of the bracket of its column's heads, or the rate that they name; of its row's column of
    units or bracket, the cells of its column that have one, the caption, or the words of its heads.
    """
    if amount.unit is not None:
        return
    heads = [*above, *labels]
    unit = _first_unit(above) or unit or _first_unit(labels) or beside
    if unit is None:
        unit = _unit_of_caption(caption, "".join(heads)) or next(
            (found for found in map(_unit_of_words, heads) if found is not None), None
        )
    changed = any(_CHANGE_HEAD.search(words_of(head)) for head in above)
    if changed and unit is not None and unit.quantity == "count" and not amount.value.is_integer():
        unit = units()["%"]  # 同比 | 8.6: no count has decimals
    if unit is not None:
        amount.unit = unit
        amount.value *= unit.scale


def _first_unit(heads: list[str]) -> Unit | None:
    """The unit in the bracket of one of the heads; the percentage of one that names a rate: 增幅, 占比."""
    bracket = next((found for found in map(_unit_in, heads) if found is not None), None)
    if bracket is None and any(
        _RATE_OF_CHANGE.search(words) or _RATE_HEAD.search(words) for words in map(words_of, heads)
    ):
        return units()["%"]
    return bracket


def _unit_of_caption(caption: str, heads: str) -> Unit | None:
    """单位:件、万元 gives money to what is money, % to rates, and the other unit to the rest."""
    for match in _UNIT.finditer(caption):
        found = [units()[name] for name in _UNIT_SIGN.split(match["unit"] or match["caption"]) if name in units()]
        if len(found) == 1:
            return found[0]
        wanted = "money" if _MONEY_HEAD.search(heads) else "rate" if _RATE_HEAD.search(heads) else "count"
        fitting = [unit for unit in found if unit.quantity == wanted]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _unit_of_words(head: str) -> Unit | None:
    match = _UNIT_TAIL.search(words_of(head))
    return None if match is None else units().get(match["counted"] or match["plain"])


def _unit_in(text: str) -> Unit | None:
    for match in _UNIT.finditer(text):
        unit = units().get(match["unit"] or match["caption"])
        if unit is not None:
            return unit
    return None


def give_change(amount: Amount, heads: list[str]) -> None:
    """A column of changes: a sign or the head says which way."""
    if not any(_CHANGE_HEAD.search(words) and not _NO_CHANGE.search(words) for words in heads):
        return
    if amount.change is None:
        falls = any(_FALLS.search(words) for words in heads)
        amount.change = "decrease" if falls else "increase"
