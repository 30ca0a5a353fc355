"""Each short way through the rules gives what the long way gives."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from importlib.resources import files
from operator import itemgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.extractor import above, clauses, exclusions, numbers, period, readings, scope, senses
from services.extractor.extract import extract_report
from services.extractor.subjects import build, cutting, phrases
from services.extractor.subjects.data import pattern as pattern_of_subjects
from shared.events import Fact, SectionedReport
from shared.rules import rules
from tests.support.patterns import begins, ends, holds, signs_of, tokens_of

_PIECES = [
    "12", "3.5", "1,250", "2023年", "三百", "一", "百分之九", "过半", "半数", "五分之一", "十四五", "第", "届", "自", "以来", "期间", "其",
    "《", "》", "“", "”", "(", ")", "〔2020〕3号", "www.a.cn", ",", "，", "。", ":", "、", "+", "A", "号", "月", "季度", "星", "是", "热线",
    "近三年", "去年", "全年", "每月", "前三季度", "疫情", "截至", "件", "受理", " ", "\n", "\t", "比", "的", "级", "数", "附件", "12345",
]  # fmt: skip
_EXCLUSIONS = files("services.extractor").joinpath("exclusions.toml").read_text(encoding="utf-8")
_unhurried = settings(deadline=None)  # the first text loads the rules
_texts = st.lists(st.sampled_from(_PIECES), max_size=25).map("".join)


@_unhurried
@given(_texts)
def test_every_numeral_begins_where_numerals_are_looked_for(text: str) -> None:
    long_way = [(match.start(), match.end()) for match in numbers._NUMERAL.finditer(text)]
    assert [(numeral.start, numeral.end) for numeral in numbers.find_numerals(text)] == long_way


@_unhurried
@given(_texts)
def test_every_mask_begins_where_masks_are_looked_for(text: str) -> None:
    rules = exclusions.exclusions()
    long_way = [(match.start(), match.end(), match.lastgroup) for match in rules.signs.finditer(text)]
    assert [(mask.start, mask.end, mask.rule) for mask in rules.masks(text)] == long_way


@_unhurried
@given(_texts)
def test_every_span_of_time_is_found_where_spans_are_looked_for(text: str) -> None:
    long_way = [(match.lastgroup, *match.span()) for match in period._SPAN.finditer(text)]
    assert period._spans(text, 0, len(text)) == long_way
    assert not long_way or period._SIGN.search(text)


#: Words that the patterns below are made of.
_WORDS = [
    "集中", "评查", "抽查", "行政", "案卷", "的", "复议", "案件", "申请", "决定", "被", "由", "理由", "仅", "共有", "以", "政府", "作为", "被告",
    "名义", "制定", "向", "人民代表大会常务委员会", "报送", "各", "县区", "本级", "市", "每个", "乡镇", "个别", "部分", "少数", "政法", "单位",
    "省", "交办", "转办", "转送", "信访", "部门", "等", "在", "《", "》", "办法", "每", "季度", "年", "按月", "一次", "、", ",", "12", "第", "(", ")",
]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["comparison", "remark", "titled", "any_numeral", "bracketed", "at_the_end", "lead_in", "benefit", "as_respondent",
     "in_the_name", "to_somebody"],
)  # fmt: skip
def test_words_are_freed_only_where_a_sign_of_it_stands(name: str) -> None:
    assert holds(tokens_of(pattern_of_subjects(name).pattern), signs_of(cutting.SIGNS_AROUND))


@pytest.mark.parametrize("asked", [scope._DESTINATION, scope._LEVEL_BEFORE, scope._DEPARTMENTS_BEFORE])
def test_a_level_directly_before_a_number_ends_with_one_of_its_signs(asked: re.Pattern[str]) -> None:
    assert ends(tokens_of(asked.pattern), frozenset(scope.LEVEL_ENDS))


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans()), max_size=12))
def test_a_section_stands_in_those_that_begin_before_it_and_end_behind_its_beginning(
    spans: list[tuple[int, int, bool]],
) -> None:
    spans.sort(key=itemgetter(0))
    columns = {
        "text_start": [start for start, _, _ in spans],
        "text_end": [start + size for start, size, _ in spans],
        "heading": ["标题" * headed for _, _, headed in spans],
    }
    sections = list(zip(*columns.values(), strict=True))
    long_way = [
        [other for other, (_, end, heading) in enumerate(sections[: at + 1]) if start < end and heading]
        for at, (start, _, _) in enumerate(sections)
    ]
    assert above._holders(columns) == long_way


@pytest.mark.parametrize("rule", tomllib.loads(_EXCLUSIONS)["shape"], ids=itemgetter("id"))
def test_a_shape_is_asked_only_beside_its_signs(rule: dict[str, str]) -> None:
    if "after_pattern" in rule:
        assert begins(tokens_of(rule["after_pattern"]), frozenset(rule["first"]))
    elif "before_pattern" in rule and "after" not in rule:
        assert ends(tokens_of(rule["before_pattern"]), frozenset(rule["last"]))


@_unhurried
@given(
    st.lists(
        st.sampled_from([*"0123二三两十百万亿点分半过余多来", ",", ".", "/", " ", "件", "之", "数", "千米"]), max_size=9
    )
)
def test_a_plain_numeral_is_read_as_any_numeral_is(pieces: list[str]) -> None:
    text = "".join(pieces)
    for found in numbers._NUMERAL.finditer(text):
        plain = numbers._PLAIN.match(text, found.start())
        assert plain is None or numbers._from_plain(plain) == numbers._READERS[found.lastgroup](found)


def _holds(*signs: str) -> Callable[[str], bool]:
    return lambda text: any(sign in text for sign in signs)


@pytest.mark.parametrize(
    ("pattern", "may_match"),
    [
        (build._FILES, lambda text: text.endswith("案卷")),
        (build._BARE_CASES, lambda text: text.endswith(build._CASES)),
        (build._RECONSIDERATION, _holds("复议")),
        (scope._AGENT, _holds(*scope._AGENT_SIGNS)),
        (scope._SOURCE, _holds(*scope._SOURCE_SIGNS)),
        (scope._AMONG, lambda text: text.endswith("等")),
        (readings._TITLE, _holds("《")),
        (readings._OF_THOSE, _holds("中")),
        (senses._FREQUENCY, _holds("每", "按")),
    ],
    ids=lambda asked: getattr(asked, "pattern", "")[:12],
)
@_unhurried
@given(text=st.lists(st.sampled_from(_WORDS), max_size=6).map("".join))
def test_a_pattern_that_is_not_tried_does_not_match(
    pattern: re.Pattern[str], may_match: Callable[[str], bool], text: str
) -> None:
    assert may_match(text) or pattern.search(text) is None


_EXAMPLES = sorted(
    {
        text
        for entry in rules("services.extractor", "subjects/patterns").patterns.values()
        for text in (*entry.yes, *entry.no)
    }
)


@_unhurried
@given(st.lists(st.sampled_from([*_EXAMPLES, *_WORDS, "各类", "各项", "“”", "等候"]), max_size=4).map("".join))
def test_a_phrase_that_is_let_through_is_tidy(text: str) -> None:
    assert phrases.tidy(text) == phrases._tidied(text)


def test_the_examples_of_all_patterns_are_tidied_alike() -> None:
    for text in _EXAMPLES:
        assert phrases.tidy(text) == phrases._tidied(text)


@_unhurried
@given(st.lists(st.sampled_from([*_EXAMPLES, *_WORDS]), max_size=3).map("".join))
def test_words_without_a_sign_are_cut_as_those_among_signs(text: str) -> None:
    assert cutting.words_before(text) == cutting._words_among_signs(text[-cutting.MAX_SIDE :])


def test_the_examples_of_all_patterns_are_cut_alike() -> None:
    for text in _EXAMPLES:
        assert cutting.words_before(text) == cutting._words_among_signs(text[-cutting.MAX_SIDE :])


@_unhurried
@given(_texts)
def test_a_shape_that_is_let_go_unasked_does_not_hold(text: str) -> None:
    rules = exclusions.exclusions()
    for numeral in numbers.find_numerals(text):
        shapes = rules.shapes[numeral.kind].shapes
        long_way = next((shape.rule for shape in shapes if shape.holds(text, numeral.start, numeral.end)), None)
        assert rules.shape(text, numeral) == long_way


@pytest.mark.parametrize(
    ("text", "ends"),
    [("受理1,250件,审结3件", [8]), ("上午9:30开会:议程", [8]), ("12,34", [2]), ("甲,1234件", [1]), (",甲", [0]), (":1", [0]), ("1,2345", [1])],
)  # fmt: skip
def test_a_comma_or_colon_inside_a_number_ends_no_clause(text: str, ends: list[int]) -> None:
    assert [match.start() for match in clauses._BREAK.finditer(text)] == ends


def test_facts_built_without_validation_are_valid_and_whole(report: Callable[..., SectionedReport]) -> None:
    text = "全年受理行政复议案件1.2万件,较上年增长12.5%;办理时限由20个工作日压缩至8个工作日。\n2022年至2023年,评查案卷近三百卷,合格率达98%。"
    facts = extract_report(report(text)).facts
    assert len(facts) >= 5
    for fact in facts:
        assert list(fact.__dict__) == list(Fact.model_fields)
        assert Fact.model_validate(fact.model_dump(), strict=True) == fact
