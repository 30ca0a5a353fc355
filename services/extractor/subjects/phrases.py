"""Noun phrases: without numbers and stray signs, without the verbs that say nothing, without their verbs at all."""

from __future__ import annotations

import re

from services.extractor.subjects.data import JOINING, pattern, word_lists, words_of
from services.extractor.subjects.limits import EDGE, MAX_AGENT
from services.extractor.words import segmenter

#: A subject longer than this is cut to its last phrase; the longest subject of the reference's reports has 28.
MAX_SUBJECT = 40
#: A list before 等 longer than this is left out of the subject: A、B、C、D等审计项目.
LONG_LIST = 12
#: Fields before what is of them stay up to this length: 国有资产、工程建设等领域制度.
LONGEST_FIELDS = 32
_NUMBER = pattern("arabic_count")
_CHINESE_COUNT = pattern("chinese_count")
_PERIOD = pattern("period")
_ANY_NUMERAL = pattern("any_numeral")
_QUOTED_NUMBER = pattern("quoted_number")
_HOTLINE = pattern("hotline_name")
_EXAMPLE = pattern("example_in_front")
_LEFTOVER = pattern("leftover")
_MADE_BY = pattern("made_by")
_SERVICE_MEASURES = words_of("service_measures")
_ONE_WORD = {"新": words_of("new_verbs"), "总": words_of("total_of"), "办理": _SERVICE_MEASURES}
_ATTRIBUTES = words_of("attributes")
_NAMED_AFTER_ACT = words_of("named_after_act")
_PROGRAMMES = words_of("programmes")
#: The verbs behind which an object may stand.
#: Between verbs that share an object: 制定及修改政府规章.
JOINED_BY = ("及", "和", "或")
_GOVERNING = frozenset((*words_of("acts"), *words_of("process")))
#: Behind a verb these begin no object of its own.
_NO_OBJECT = frozenset((*JOINING, "的", "等", "工作", "情况", "成功"))
_FIELDS = words_of("fields")
_LETTERS = words_of("letters")
_ISSUING = frozenset((*words_of("issuing"), *words_of("light")))
#: Matters by how they came: 转办工单, 交办案件.
_SENT_ON = ("转办", "交办")
_MATTERS_SENT = ("工单", "件")
#: The name of a letter has at most so many words: 整改|提示|函.
LETTER_WORDS = 3
_VERBAL = frozenset(word for name in ("process", "light", "particles", "front", "agents") for word in words_of(name))
#: Three of four phrases are tidy as they stand: nothing in them is what a step of `tidy` looks for.
_EDGE_SIGN = f"[{re.escape(EDGE)}]"
_TIDY = re.compile(
    rf"(?!的|等|方面|[低高]于|{_EDGE_SIGN})[^0-9一二两三四五六七八九十各第岁伏()“”《\[\]]{{1,{MAX_SUBJECT}}}(?<!{_EDGE_SIGN})"
)


def stays_with(word: str, following: str) -> bool:
    """Whether an adverbial is part of the name behind it: 新设企业, 平均用时, 年末实有经营主体, 办理时限."""
    if word in _ONE_WORD:
        return following in _ONE_WORD[word]
    if word in ("主动", "再次"):
        return following.endswith("率")
    if word == "即":
        return following.startswith("办")  # 即办件, 即办率
    if word == "每":
        return following[:1] in "十百千万"  # 每千人拥有市场主体
    if word == "向":
        return True
    return following == "实有" if word in ("年末", "期末") else word in ("平均", "实有")


def only_verbs(words: list[str]) -> bool:
    """Whether nothing but verbs and particles stands here."""
    if not word_lists().nominal.isdisjoint(words):
        return False
    for word in words:  # noqa: SIM110 - a generator costs more than it saves
        if word not in _VERBAL and (len(word) < 2 or not segmenter().is_verb(word)):
            return False
    return True


def in_quotes(words: list[str], at: int) -> bool:
    """Whether the word at `at` stands in a name in quotation marks that ends behind it."""
    return "”" in words[at:] and words[:at].count("“") > words[:at].count("”")


def without_light(words: list[str], *, kept: bool = False) -> list[str]:
    """Without the light verbs and adverbials at the front; with `kept` those stay that a counted noun keeps."""
    lexicon = word_lists()
    at = 0
    while at < len(words) and (words[at] in lexicon.light or words[at] in lexicon.front or words[at] in ("、", "了")):
        following = words[at + 1] if at + 1 < len(words) else ""
        if words[at] in lexicon.light and names_letter(words, at + 1):
            return words[at + 1 :]
        if following and stays_with(words[at], following):
            break
        if words[at] == "建设" and at and at + 2 == len(words):
            break  # 完成|建设投资
        if kept and words[at] in lexicon.kept and following and following not in lexicon.light:
            break
        if words[at] in lexicon.light and (following == "、" or (following in lexicon.process and at + 2 < len(words))):
            break  # 办理、转办, 录制推送: verbs side by side stay
        if words[at] in lexicon.light and following in JOINED_BY and only_verbs(words[at + 2 : at + 3]):
            break  # 制定及修改
        at += 1
    return words[at:]


def names_letter(words: list[str], at: int) -> bool:
    """Whether the verb at `at` is part of a letter's name: 下发|整改|通知书, 督办|函."""
    named = 1 < len(words) - at <= LETTER_WORDS and words[at] not in _ISSUING
    return named and "".join(words[at:]).endswith(_LETTERS)


def object_of(words: list[str]) -> list[str]:
    """What stands behind the last light or process verb: the counted noun without its verbs."""
    lexicon = word_lists()
    for at in range(len(words) - 2, -1, -1):
        if words[at] not in _GOVERNING or in_quotes(words, at):
            continue
        if words[at] == "不予" and words[at + 1] not in lexicon.process:
            return words[at:]  # 不予|处罚案件
        if words[at] in _ATTRIBUTES or words[at + 1] in _NAMED_AFTER_ACT or names_letter(words, at):
            continue
        if at and words[at] in _SENT_ON and words[at - 1] not in JOINING and words[at + 1].endswith(_MATTERS_SENT):
            continue  # 热线|转办|工单
        if words[at] == "办理" and words[at + 1] in _SERVICE_MEASURES:
            continue
        if at and words[at - 1].endswith("”") and words[at + 1] in _PROGRAMMES:
            continue  # “法律明白人”培养|工程: a name
        rest = words[at + 1 :]
        while rest and rest[0] == "了":
            rest = rest[1:]
        if not rest or rest[0] in _NO_OBJECT:
            return words
        return rest
    return words


def tidy(text: str) -> str:
    """A subject without numbers, years, stray brackets and signs at its edges."""
    if not text or (_TIDY.fullmatch(text) is not None and text[-1] != "的" and "的的" not in text):
        return text
    return _tidied(text)


def _tidied(text: str) -> str:
    if _ANY_NUMERAL.search(text) is not None:
        text = _QUOTED_NUMBER.sub("", _HOTLINE.sub(_hotline, _PERIOD.sub("", text)))
        text = _CHINESE_COUNT.sub("", _NUMBER.sub("", text))
    text = _LEFTOVER.sub("", text)
    if text.count("(") != text.count(")"):
        text = text.replace("(", "").replace(")", "")
    if text.count("“") != text.count("”"):
        text = text.replace("“", "").replace("”", "")
    text = _EXAMPLE.sub("", text)
    text = text.replace("各类", "").replace("各项", "").replace("“”", "").replace("()", "").replace("的的", "的")
    return (
        text.strip(EDGE)
        .removeprefix("等" if not text.startswith(("等候", "等待", "等级")) else "")
        .removeprefix("的")
        .removesuffix("的")[-MAX_SUBJECT:]
    )


def _hotline(named: re.Match[str]) -> str:
    """“12345”便民热线 → 便民热线, 12345工单 → 热线工单."""
    return named["name"] or "热线"


def without_verb(words: list[str]) -> list[str]:
    """引进|优质|项目 → 优质|项目: without the verb in front of its object."""
    lexicon = word_lists()
    if len(words) < 2 or words[0] in lexicon.nominal or words[0] in _ATTRIBUTES or words[0] == "不予":
        return words
    return words[1:] if words[0] in lexicon.process or segmenter().is_verb(words[0]) else words


def without_long_list(text: str) -> str:
    """A、B、C等Y without a long list in front; A、B等领域Y says nothing without it."""
    head, sign, tail = text.rpartition("等")
    if not sign or len(tail) <= 1 or len(head) <= LONG_LIST or "、" not in head:
        return text
    field = next((field for field in _FIELDS if tail.startswith(field) and not tail.startswith(f"{field}的")), "")
    if not field:
        return tail
    return text if len(text) <= LONGEST_FIELDS else tail.removeprefix(field)


def without_process(words: list[str]) -> str:
    """行政处罚|立案: what the next outcome of the list (结案) is said of."""
    lexicon = word_lists()
    last = len(words)
    while last and words[last - 1] in lexicon.process and words[last - 1] != "违法":
        last -= 1
    if not 0 < last < len(words):
        return ""
    return tidy("".join(words[:last])) + ("案件" if words[last - 1] in _FIELDS else "")


def without_maker(noun: str) -> str:
    """以县政府名义制发|规范性文件: a list's other items were made by others."""
    return _MADE_BY.sub("", noun)


def joined_to(base: str, name: str) -> str:
    """A dependent noun with the noun before it; a word that ends one and opens the other stands once."""
    if len(base) > MAX_AGENT:
        return name
    if base[-2:] == name[:2]:
        base = base[:-2]
    return f"{base}{name}"


def level_name(subject: str, unit: str | None) -> str:
    """What a change is a change of, where two measures of one thing change: 接待来访批次, 接待来访人次."""
    if unit == "批" and not subject.endswith(("批次", "批")):
        return f"{subject}批次"
    return f"{subject.removesuffix('人员')}人次" if unit == "人次" and subject.endswith("人员") else subject
