"""The words that belong to an amount: before it, the noun phrase behind it, and what is said about that.

受理民事纠纷案件|62件     words before
组建|91支|防汛抢险队伍     words behind
33个|中小学|配备法治副校长 the noun behind, and what is said about it
"""

from __future__ import annotations

import re

from services.extractor.scope import level_noun
from services.extractor.subjects.data import JOINING, pattern, word_lists, words_of
from services.extractor.subjects.limits import EDGE, MAX_AGENT, SHORT_NOUN
from services.extractor.subjects.parts import Part
from services.extractor.subjects.phrases import in_quotes, only_verbs, stays_with
from services.extractor.words import segmenter

#: Characters of a clause that are cut into words, each side of an amount.
MAX_SIDE = 60
#: 下放|至: the last words of what was moved to the place that the next amount counts.
ACT_AND_GOAL = 2
_TO = ("至", "到", "为", "成")
#: Without one of these none of the patterns that words are freed by is found: seven texts of ten have none.
SIGNS_AROUND = "()（）》0-9一二两三四五六七八九十较比与同现含或依别从由仅只共为均达义向其亿"
#: At the end of a phrase these say that it goes on.
_OPEN_ENDS = frozenset((*JOINING, "的"))
_QUOTES = '“‘「『"'
LIST_SIGNS = tuple("、,，;；:：。)）(（和及与的]】\t↑↓")
_CHINESE_COUNT = pattern("chinese_count")
_PERIOD = pattern("period")
_ANY_NUMERAL = pattern("any_numeral")
_BOUND = pattern("bound")
_COMPARISON = pattern("comparison")
_ENUMERATOR = pattern("spoken_enumerator")
_IN_THE_NAME = pattern("in_the_name")
_TO_SOMEBODY = pattern("to_somebody")
_AS_RESPONDENT = pattern("as_respondent")
_BENEFIT = pattern("benefit")
_TEAM = pattern("team")
_BRACKETED = pattern("bracketed")
_LISTED_IN_BRACKETS = pattern("listed_in_brackets")
_AT_THE_END = pattern("at_the_end")
_REMARK = pattern("remark")
_QUOTED = pattern("quoted_behind")
_AWARDED = pattern("awarded")
_TITLED = pattern("titled")
_MADE_UP_OF = pattern("made_up_of")
_GROUPING = pattern("grouping")
_LEAD_IN = pattern("lead_in")
_TO_A_PLACE = pattern("to_a_place")
_AROUND = re.compile(f"[{SIGNS_AROUND}]")
_CHARGED = words_of("charged")
_HELD = words_of("held")
_TOGETHER = frozenset(words_of("together"))
_BODIES = words_of("bodies")
_ENTITY_UNITS = words_of("entity_units")
_WHO_ACT = (*words_of("person_units"), *words_of("firm_units"))
_ENTITIES = words_of("entities")
#: Bodies whose act ends the clause: 1846个人民调解组织|调解纠纷|2.87万件.
_ORGANS = ("组织", "委员会")
_MODES = words_of("modes")
_FRAMES = words_of("frames")
_PLACED = frozenset(words_of("placed"))
_ISSUING = frozenset(words_of("issuing"))
_MEASURED = ("rate", "money", "area", "length")
_PERSONS = words_of("person_units")
_GOING = frozenset(words_of("going"))
_ALL_AT_ONCE = frozenset(words_of("all_at_once"))
_DONE_WELL = frozenset(words_of("done_well"))
_NEWLY_DONE = words_of("newly_done")
_TELLING_APART = frozenset(words_of("telling_apart"))
_EVENTS = words_of("event_units")


def read_before(part: Part) -> None:
    """Put the words before the amount into `part`, and whether they compare or end with 的."""
    if _AROUND.search(part.before) is None:
        part.relative = part.before.rstrip().endswith("的")
        part.ahead = _words_without_signs(part.before[-MAX_SIDE:])
    else:
        part.compared = _COMPARISON.search(part.before) is not None
        before = _REMARK.sub("", part.before.rstrip())
        part.relative = before.endswith("的") and _AT_THE_END.search(before) is None
        part.ahead = words_before(part.before)
    if part.ahead[:1] == ["决定"] and len(part.ahead) > 1 and only_verbs(part.ahead[1:]):
        part.ahead = part.ahead[1:]  # 决定|废止12件
    if part.benefit and part.before.startswith(part.benefit):
        verb, *got = without_tail(segmenter().cut(part.before.removeprefix(part.benefit)[:MAX_SIDE])) or [""]
        if verb and got:
            part.ahead = ["为", f"{part.benefit}{verb}{''.join(got)}"]


def read_behind(part: Part) -> None:
    """Put the noun behind the amount into `part`, and what is said about it."""
    after = part.after
    if part.quantity == "rate" and not after.startswith("的"):
        if after and not after.startswith(LIST_SIGNS) and after[0] not in "以左":
            part.said = [after[1 : after.index("”")]] if _QUOTED.match(after) else segmenter().cut(after[:8])
        return
    if part.quantity in ("rank", "score", "concentration"):
        return
    noun = after.removeprefix("的") if part.quantity in _MEASURED else _AWARDED.sub("", after)
    team = _TEAM.match(after) if part.unit in _PERSONS else None
    if team is not None:
        part.noun = [team["team"], "人员"] if team["team"] else [team["people"]]
        return
    part.noun, part.said = noun_behind(
        noun, event=part.unit in _EVENTS, entity=part.unit in _ENTITY_UNITS, persons=part.unit in _PERSONS
    )
    _part_from_said(part)
    if part.unit in _WHO_ACT and part.noun and not part.said and not part.ahead and _says_what_they_do(part.noun):
        part.noun, part.said = [], part.noun  # 11人|补考, 411户|移出
    if part.quantity == "duration":
        part.said, part.noun = part.noun + part.said, []
    if (part.joined or part.listed) and "、" in part.noun:
        at = part.noun.index("、")
        if at and level_noun("".join(part.noun)) != "".join(part.noun):
            part.noun, part.said = part.noun[:at], []


def _part_from_said(part: Part) -> None:
    """29项|高质量完成, 7名|骨干|到镇街任职, 对30家|企业|的|检查: what is said of the things has no verb of its own to begin with."""
    words = part.noun + part.said
    if len(words) > 1 and part.noun[:1] and words[0] in _DONE_WELL and only_verbs(words[1:]):
        part.noun, part.said = [], words
    of_them = part.noun.index("的") if "的" in part.noun[1:-1] and part.before.rstrip().endswith("对") else 0
    if of_them and part.unit in _WHO_ACT and not part.said:
        part.noun, part.said = part.noun[:of_them], part.noun[of_them + 1 :]  # 对30家|重点企业|的|执法检查
        return
    going = next((at for at, word in enumerate(part.noun) if at and word in _GOING), 0)
    if going and part.unit in _PERSONS:
        part.noun, part.said = words[:going], words[going:]


def _says_what_they_do(words: list[str]) -> bool:
    """11人|补考, 1682人|参加考试."""
    return only_verbs(words) or words[0].startswith("参加")


def words_before(text: str) -> list[str]:
    """The words before an amount, without adverbials in front and copulas at the end."""
    text = text[-MAX_SIDE:]
    if _AROUND.search(text) is not None:
        return _words_among_signs(text)
    return _words_without_signs(text)


def _words_without_signs(text: str) -> list[str]:
    text = text.strip(EDGE).rstrip(_QUOTES)
    return _plain_words(text) if text else []


def _plain_words(text: str) -> list[str]:
    words, fillers = without_tail(segmenter().cut(text)), word_lists().fillers
    return without_agent(words if fillers.isdisjoint(words) else [word for word in words if word not in fillers])


def _words_among_signs(text: str) -> list[str]:
    """`words_before` where one of `SIGNS_AROUND` stands: without comparisons, remarks, counts, titles and what leads in."""
    text = _COMPARISON.sub("", _REMARK.sub("", text))
    if "》" in text:
        text = _TITLED.sub("", text)
    if "成的" in text:
        text = _MADE_UP_OF.sub("", text)
    if "的" in text:
        text = _BOUND.sub("", text)
    if _ANY_NUMERAL.search(text) is not None:
        text = _ENUMERATOR.sub(
            "", _CHINESE_COUNT.sub("", _PERIOD.sub("", _GROUPING.sub("", text))).strip(EDGE + "()（）")
        )
    text = text.strip(EDGE)
    if not _BRACKETED.search(text):
        text = text.strip(EDGE + "()（）")
    text = _LEAD_IN.sub("", _AT_THE_END.sub("", text.lstrip(")）").rstrip(_QUOTES)))
    benefit = _BENEFIT.search(text)
    if benefit is not None:
        return ["为", "".join(without_tail(segmenter().cut(benefit.group()[1:])))]
    as_respondent = _AS_RESPONDENT.match(text)
    if as_respondent is not None:
        return [as_respondent["whose"], *segmenter().cut(text[as_respondent.end() :])]
    adverb, sign, rest = text.removeprefix("其中").partition("以")
    named = f"以{rest}" if sign and adverb in word_lists().front else text.removeprefix("其中")
    if _IN_THE_NAME.match(named):
        return [named.removesuffix("了")]
    return _plain_words(_TO_SOMEBODY.sub("", text))


def without_tail(words: list[str]) -> list[str]:
    """Without copulas, adverbs and verbs of change at the end."""
    tail, last = word_lists().tail, len(words)
    while last and (words[last - 1] in tail or not words[last - 1].strip(EDGE)):
        last -= 1
    return words[:last]


def without_agent(words: list[str]) -> list[str]:
    """Without adverbials and the reporting body in front, and without a prepositional phrase that only leads in."""
    lexicon = word_lists()
    words = _meeting(words)
    first, last = 0, len(words)
    while first < last and (
        words[first] in lexicon.front or words[first] in lexicon.agents or not words[first].strip(EDGE)
    ):
        if words[first] in lexicon.agents and first + 1 < last and _belongs(words[first], words[first + 1]):
            break
        if first + 1 < last and stays_with(words[first], words[first + 1]):
            break
        first += 1
    front = words[:first]
    if not _PLACED.isdisjoint(front):
        first = next((at for at in range(len(words) - 2, first, -1) if words[at] in lexicon.acts), first)
    if "对" in front:
        first = next((at for at in range(len(words) - 2, first, -1) if words[at] in _ISSUING), first)
    words = words[first:] if lexicon.prepositions.isdisjoint(front) else _without_frame(words[first:])
    words = _second_act(_without_partners(_without_total(words)))
    if words and words[0] in lexicon.prepositions:
        for at in range(len(words) - 1, 0, -1):
            if words[at] in lexicon.acts:
                return words[at:]
    return words


def _without_total(words: list[str]) -> list[str]:
    """媒体共|发布新闻: who acted stays where its name is short, 共 goes."""
    lexicon = word_lists()
    if lexicon.total.isdisjoint(words):
        return words
    for at in range(len(words) - 1, 0, -1):
        if words[at] in lexicon.total and at + 1 < len(words):
            head = words[:at]
            plain = len("".join(head)) <= MAX_AGENT and head[0] not in lexicon.prepositions and not only_verbs(head)
            return head + words[at + 1 :] if plain else words[at + 1 :]
    return words


def _without_partners(words: list[str]) -> list[str]:
    """省市监局、市公安局共同|发布消费警示: who acted together goes. 跨部门联合抽查 is a name."""
    if _TOGETHER.isdisjoint(words):
        return words
    lexicon = word_lists()
    for at in range(len(words) - 2, 0, -1):
        if words[at] in _TOGETHER and (words[at + 1] in lexicon.light or words[at + 1] in lexicon.light_behind):
            return words[at + 1 :]
    return words


def _without_frame(words: list[str]) -> list[str]:
    """护林防火、河道清理等工作|撰写报告: what frames the act goes where the noun that closes such frames stands before a verb."""
    lexicon = word_lists()
    for at in range(len(words) - 3, -1, -1):
        verb = words[at + 1]
        if words[at + 2] == "的":
            return words  # 通过非现场方式|办理|的|案件: the frame tells the cases apart
        if words[at].endswith(_FRAMES) and (
            verb in lexicon.light or verb in lexicon.process or segmenter().is_verb(verb)
        ):
            return words[at + 1 :]
    return words


def _second_act(words: list[str]) -> list[str]:
    """确定课题并|形成报告: behind 并 another thing was done. 排查并整改隐患 is one."""
    at = len(words) - 1 - words[::-1].index("并") if "并" in words[1:-1] else 0
    return words[at + 1 :] if at and not only_verbs(words[:at]) else words


def _meeting(words: list[str]) -> list[str]:
    """县政府召开常务会议: whose meeting it is stays, the verb goes."""
    if not words or not words[-1].endswith(("会议", "办公会", "党组会")):
        return words
    held = next((at for at, word in enumerate(words) if word in _HELD), 0)
    body = [word for word in words[:held] if word not in word_lists().front and word.strip(EDGE)]
    name = "".join(body)
    if not body or len(name) > MAX_AGENT or name[0] in "全我本各" or not name.endswith(_BODIES):
        return words
    return [name, *words[held + 1 :]]


def _belongs(agent: str, following: str) -> bool:
    """Whether the body is part of a longer name or role: 市政府|常务会议, 区政府|作为被告."""
    lexicon = word_lists()
    if following in ("作为", "为", "本级"):
        return True
    if agent[0] in "全我本辖各":
        return False
    verbal = following in lexicon.light or following in lexicon.process or following in lexicon.front
    verbal = verbal or following in _NEWLY_DONE
    return not (verbal or following in lexicon.total or following in "、,和与及" or segmenter().is_verb(following))


def _acts_here(words: list[str], at: int) -> bool:
    """Whether the word at `at` says what the people or firms before it do: 企业|减免|税费, 执法人员|通过|考试."""
    lexicon, word = word_lists(), words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    with_object = len(word) == SHORT_NOUN and word[:2] in lexicon.process  # 调解纠纷
    if (
        len(word) == 1
        or (not following and not (with_object and words[at - 1].endswith(_ORGANS)))
        or following in _OPEN_ENDS
        or word in lexicon.nominal
        or not words[at - 1].endswith(_ENTITIES)
    ):
        return False
    acts = word in lexicon.process or word in lexicon.light or word in lexicon.front
    return acts or with_object or segmenter().is_verb(word)


def noun_behind(text: str, *, event: bool, entity: bool = False, persons: bool = False) -> tuple[list[str], list[str]]:
    """The noun phrase that begins behind an amount, and what is said about it."""
    text = text.lstrip(" ")
    if not text or text.startswith(LIST_SIGNS):
        return [], []
    if "(" in text or "（" in text:
        text = _LISTED_IN_BRACKETS.sub("", text)
    words = segmenter().cut(text[:MAX_SIDE])
    if _TO_A_PLACE.match(words[0]):
        words[:1] = [words[0][0], words[0][1:]]  # 投资86万元对镇|便民服务中心进行改造
    last = len(words)
    while last and (not words[last - 1].strip(EDGE) or words[last - 1] in _OPEN_ENDS):
        last -= 1
    words = words[:last]
    if last and words[0] in _TELLING_APART and "的" in words[1:-1]:
        told = words.index("的", 1)  # 2件|涉及公平竞争|的|政策文件
        noun, said = _noun_and_said(words[told + 1 :], event=event, entity=entity)
        if noun and not only_verbs(noun) and (not persons or noun[-1].endswith(_ENTITIES)):
            short = len("".join(words[:told])) <= MAX_AGENT
            return (words[: told + 1] if short else []) + noun, said
    return _noun_and_said(words, event=event, entity=entity)


def _begins_all_at_once(words: list[str], at: int) -> bool:
    """23条|市政道路|全面|动工: the adverb goes with its verb; “全面|提升”项目 is a name."""
    if words[at] not in _ALL_AT_ONCE or in_quotes(words, at):
        return False
    lexicon = word_lists()
    following = words[at + 1] if at + 1 < len(words) else ""
    return not following or following in lexicon.stop or following in lexicon.light or segmenter().is_verb(following)


def _noun_and_said(words: list[str], *, event: bool, entity: bool) -> tuple[list[str], list[str]]:
    """The words up to the one that says something about them, and the rest."""
    lexicon = word_lists()
    if len(words) > 1 and words[-1] in _CHARGED:
        return [word for word in words[:-1] if word not in ("具体", "分别")], words[-1:]
    for at, word in enumerate(words):
        if at and ((entity and _acts_here(words, at)) or _begins_all_at_once(words, at)):
            return words[:at], words[at:]
        named = (event and not at and word in _MODES and len(words) > 1) or in_quotes(words, at)
        if word not in lexicon.stop or named:
            continue  # 58项|便民事项“一表|申请、一次办结”
        if event and at and all(segmenter().is_verb(verb) for verb in words[: at + 1]):
            continue  # 3次|主持|召开|专题会议
        following = words[at + 1] if at + 1 < len(words) else ""
        if at and word in lexicon.inner:
            if following and following not in lexicon.stop and following.strip(EDGE):
                continue
            if event and not following:
                continue
        return words[:at], words[at:]
    if len(words) > ACT_AND_GOAL and words[-1] in _TO and only_verbs(words[-2:-1]):
        return words[:-ACT_AND_GOAL], words[-ACT_AND_GOAL:]  # 15项事项|下放至|9个乡镇
    return words, []
