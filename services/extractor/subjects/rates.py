"""Of what a rate, a share, a rank or a time is said: 案卷合格率, 占全市比例, 全省排名, 办理时限."""

from __future__ import annotations

import re

from services.extractor.change import OVER_OBJECT
from services.extractor.subjects.cutting import words_before
from services.extractor.subjects.data import pattern, word_lists, words_of
from services.extractor.subjects.limits import SHORT_NOUN, SHORT_RATE
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import joined_to, level_name, only_verbs, tidy, without_light, without_maker
from services.extractor.words import segmenter

_RESPONDENT = pattern("respondent_in_front")
_NEWLY = pattern("newly")
_CASES = pattern("reconsideration_cases")
_FIELD_OF_RANK = pattern("field_of_rank")
_RATE_NAME = pattern("rate_name")
_SHARE = pattern("share")
_RATED_NOUN = pattern("rated_noun")
_POLICY = pattern("policy")
_RANKING = pattern("ranking_verb")
_RANKED = pattern("ranked_field")
_RATED_IN = pattern("rated_in")
_RATING = pattern("rating")
_RATED_ACT = pattern("rated_act")
_AMONG = pattern("ranked_among")
_FIELD_ALONE = pattern("field_alone")
_RANK_FIELD = pattern("rank_and_field")
_CUT = pattern("cut_of_a_service")
_RANKED_TWICE = pattern("ranked_twice")
_BARE_FILES = pattern("bare_files")
_MEDIATING = pattern("mediating")
_SCORED = pattern("scored")
_BASIS = pattern("legal_basis")
_PUT_INTO = pattern("put_into_rating")
_WEIGHT = pattern("weight")
_OVERALL = words_of("overall")
_BEYOND = words_of("beyond")
_MOVES = words_of("moves")
_PENALTIES = words_of("penalties")
_NO_OWNERS = words_of("no_owners")
_AVERAGES = words_of("averages")
_APPEARING = words_of("appearing_rates")
_CERTIFICATE_RATES = words_of("certificate_rates")
_ADVERBS = words_of("rate_adverbs")
_SATISFACTION = pattern("satisfaction")
_HOTLINE = pattern("hotline_acting")
_OWNED_RATE = pattern("owned_rate")
_SERVED = words_of("served")
_REMEDY = words_of("remedies")
_LETTERS = words_of("letters")
_FINDINGS = words_of("findings")
#: The head of a noun: 面积 of 总面积.
SHORT_HEAD = 2
_RATED = ("%", "point")
#: Behind these another thing is spoken of: 有资格的3人;物业纠纷高发,占三分之一.
_ITEM_SIGNS = (";", "；")
#: Measures named by their unit alone.
_MEASURED_IN = {"批次": "批", "人次": "人次"}
_OF_RECONSIDERATION = pattern("reconsideration_rate")


def is_rate_of(part: Part, act: str) -> bool:
    """Whether a rate or a score is named alone behind an examination: 参加网上学法考试,参考率和合格率."""
    short = part.quantity in {"rate", "score"} and 0 < len("".join(part.ahead)) <= 2 * SHORT_RATE and not part.change
    return short and _RATED_ACT.search(act) is not None


def subject_of_rate(part: Part, topic: Topic) -> str:
    """The name of a rate or a score, with the thing that is rated where the name says none."""
    share = _SHARE.search(part.before) if part.quantity == "rate" else None
    if share is not None:
        return _share(part, share, topic)
    if part.unit == "pp" and part.ahead[:1] and part.ahead[0] in _BEYOND:
        return f"{topic.last('%')}{''.join(part.ahead)}的幅度"  # 败诉率3.6%,低于全市平均水平1.8个百分点
    name = tidy("".join(without_light(part.ahead)))
    if name == "率":
        name = "".join(part.ahead)  # 配备率: the verb is part of the name
    name = _with_adverb(_SCORED.sub("得分", _BASIS.sub("", name)), part.before)
    if not name or (part.change and name in _MOVES):
        return _rate_without_name(part, topic)
    if (
        part.quantity == "rate"
        and not _RATE_NAME.search(name)
        and part.said
        and _names_a_rate(part.said[0])
        and not part.change
    ):
        name += part.said[0] + "率"
    if part.change and not _RATE_NAME.search(name):
        return _change_of(name, part, topic)
    return _rate_of(name, topic)


def _with_adverb(name: str, before: str) -> str:
    """及时受理率, 实际解决率: how the act was done is part of a short rate's name."""
    if len(name) > SHORT_RATE or not name.endswith("率"):
        return name
    ahead = before[: before.rfind(name)] if name in before else ""
    return next((adverb for adverb in _ADVERBS if ahead.endswith(adverb)), "") + name


def _change_of(name: str, part: Part, topic: Topic) -> str:
    """What a change without a rate's name is a change of: 批次下降5%, 平均减环节70%, 占比提高3个百分点."""
    unit = _MEASURED_IN.get(name)
    visits = next((subject for subject, own in reversed(topic.said) if own == unit), "")
    if unit is not None and visits:
        return level_name(visits, unit)  # 来访40批90人次,批次下降5%、人次下降6%
    if _CUT.match(name):
        return _rate_of(name, topic)
    if "占比" in part.before:
        return f"{name}占比"
    return _changed(name, topic)


def _changed(name: str, topic: Topic) -> str:
    """平均压减申请材料62% → 申请材料: a verb that stands over its object goes; a bare 总量 or 材料 is of what was counted before."""
    words = segmenter().cut(name)
    at = 1 if words[:1] == ["平均"] else 0
    if len(words) > at + 1 and words[at] in OVER_OBJECT:
        name = "".join(words[at + 1 :])
    bare = name in word_lists().dependent and not _RATED_NOUN.match(name)
    base = rated_base(topic) if bare else ""
    return name if not base or base.endswith(name[-SHORT_HEAD:]) else joined_to(base, name)


def _rate_without_name(part: Part, topic: Topic) -> str:
    """同比下降6.5%: of what was said last; 事项95%“掌上可办” names its rate behind the number."""
    if part.compared or part.change:
        return topic.last(part.unit)
    if part.quantity == "score":
        return f"{topic.base}{'平均分' if '平均' in part.before else '得分'}"  # 抽查案卷5份,平均93分
    if part.ahead or part.said:
        return tidy(topic.base + "".join(part.said))
    if topic.said and topic.said[-1][1] == "%" and not topic.ahead:
        return topic.said[-1][0]  # 出庭应诉率94%,连续三年保持在90%以上
    return topic.spoken or topic.last("%")


def _names_a_rate(word: str) -> bool:
    """Whether a word behind a percentage says what the rate is of: 执行100%, but not 达到, 以上."""
    lexicon = word_lists()
    return word not in lexicon.front and word not in lexicon.tail


def _rate_of(name: str, topic: Topic) -> str:
    """A rate that names only an act (办结率) with the thing whose rate it is; one with a noun of its own as it stands."""
    if name in _APPEARING and "负责人" in topic.context:
        return f"行政机关负责人{name}"
    if name in _CERTIFICATE_RATES and "执法人员" in topic.context:
        return f"{'行政' if '行政执法人员' in topic.context else ''}执法人员{name}"
    if len(name) > SHORT_RATE or (_RATED_NOUN.match(name) and not _is_served(name, topic)):
        return name
    base = _finding_mended(name, topic) or rated_base(topic) or _owner_of_rates(topic)
    if _OF_RECONSIDERATION.match(name) and "复议" not in base and "诉讼" not in base and _is_reconsidered(topic):
        return f"行政复议{name}"
    if not base or name.startswith((base, topic.current or base)):
        return name
    mediating = _MEDIATING.findall(topic.context) if name == "成功率" else []
    if mediating and not base.endswith(("调解", "调处")):
        name = f"{mediating[-1]}成功率"
        base = _MEDIATING.sub("", base)
    return _joined_at_stem(base, name)


def _joined_at_stem(base: str, name: str) -> str:
    """The name of a rate behind the thing whose rate it is; a stem that both have stands once."""
    stem = name[:2]
    at = base.find(stem)
    if not at and only_verbs(segmenter().cut(base.removeprefix(stem))):
        return name  # 事项可网上办理,网上办税率
    if 0 < at < len(base) - len(stem) and not only_verbs([stem]):
        # 省级示范县20个,示范镇比例达三成: 省级示范镇比例; 创建国家森林城市,森林覆盖率达76%: 森林覆盖率
        return base[:at] + name if len(base) == at + len(stem) + 1 else name
    rest = base.removesuffix(stem)
    return name if rest != base and only_verbs(segmenter().cut(rest)) else tidy(rest + name)


def _finding_mended(name: str, topic: Topic) -> str:
    """发现问题36个,下发整改通知书9份,整改率98%: what was found is mended, not the letters that say so."""
    if not name.startswith(_REMEDY) or not topic.current.endswith(_LETTERS):
        return ""
    return next((noun for noun in reversed(topic.counted.values()) if noun.endswith(_FINDINGS)), "")


def _owner_of_rates(topic: Topic) -> str:
    """政务服务事项网上可办率99%,全程网办率85%: rates that follow each other are of the same things, where nothing was counted."""
    before, unit = topic.said[-1] if topic.said and not topic.current else ("", None)
    owned = _OWNED_RATE.match(before) if unit == "%" and not topic.ahead else None
    return "" if owned is None else owned["owner"]


def _is_reconsidered(topic: Topic) -> bool:
    return any("复议" in words for words in (topic.context, topic.heading, *topic.counted.values()))


def _is_served(name: str, topic: Topic) -> bool:
    """办理事项6.8万件,群众满意率99%: content with what was counted; 命案零发生,群众满意率98% says of nothing counted."""
    return _SATISFACTION.match(name) is not None and rated_base(topic).endswith(_SERVED)


def rated_base(topic: Topic) -> str:
    """What a short rate name is completed with; the two things of a list that shares it stand together."""
    base = topic.base
    hotline = _HOTLINE.match(topic.last_counted)
    if hotline is not None:
        return hotline["name"]
    if topic.pair and base == topic.pair[1] and not _CUT.match(base):
        return "和".join(topic.pair)
    if base.startswith(_AVERAGES) or _CUT.match(base):
        return ""  # 平均减环节4个、减材料6份、压时限71%
    if (base != topic.current and _POLICY.search(base)) or base.endswith(_NO_OWNERS) or base in _PENALTIES:
        return ""
    if _BARE_FILES.match(base):
        return "执法案卷"
    head = base.rpartition("的")[2]
    base = without_maker(head if len(head) >= SHORT_NOUN else base)
    return _CASES.sub("行政复议", _NEWLY.sub("", _RESPONDENT.sub("", base)))


def _share(part: Part, share: re.Match[str], topic: Topic) -> str:
    """占比, 占全市的37%: a share is named by the noun that has it and by the whole."""
    name = tidy("".join(without_light(words_before(part.before[: share.start()]))))
    whole = tidy(share["whole"] or "")
    if not name:
        anew = topic.ahead if any(sign in topic.context[-topic.since :] for sign in _ITEM_SIGNS) else ""
        name = anew or (topic.said[-1][0] if topic.said else topic.spoken)
    if _WEIGHT.search(name):
        put = _PUT_INTO.search(topic.context)
        return name if put is None or put["what"] in name else f"{put['what']}{name}"
    if whole:
        return f"{name}占{whole}{'比重' if '比重' in share.group() else '比例'}"
    return f"{name}占比"


def subject_of_rank(part: Part, topic: Topic) -> str:
    """位列全市第二: the rank of what was spoken of; 综合绩效考核列全省第3; 营商环境评价中列第3位."""
    name = tidy("".join(without_light(part.ahead)))
    ratings = list(_RATING.finditer(topic.context))
    rating = "" if not ratings else _RATED_IN.sub("", tidy((ratings[-1]["field"] or "") + ratings[-1]["name"]))
    name = _RANKED.sub("", _RANKING.sub("", name))
    if rating and (len(name) <= SHORT_NOUN or name in ratings[-1].group() or _FIELD_OF_RANK.match(name)):
        return f"{rating}{name if name in _OVERALL else ''}排名"
    field = _FIELD_ALONE.search(part.before.rstrip())
    if field is not None and not name.strip("、") and topic.said and topic.said[-1][0].endswith("排名"):
        return f"{_RANK_FIELD.sub('', topic.said[-1][0])}{field['field']}排名"
    among = _AMONG.search(topic.context)
    rated = next((name for name, unit in reversed(topic.said) if unit in _RATED and _RATE_NAME.search(name)), "")
    if among is not None and (among["what"] or rated):
        what = tidy("".join(without_light(words_before(among["what"])))) if among["what"] else rated
        return f"{what}{among['field'] or ''}排名"
    if _FIELD_OF_RANK.match(name):
        name = (rated or topic.last(None) or topic.base) + (field["field"] if field is not None else "")
    elif len(name) <= SHORT_NOUN:
        name = (topic.last(None) or topic.base) + name
    elif len(name) <= SHORT_RATE and _RATE_NAME.search(name):
        name = _rate_of(name, topic)
    if name.endswith(("名次", "位次")):
        return name
    name = _RANKED_TWICE.sub(r"\g<field>排名", name)  # 综合排名全市第2
    return name if name.endswith("排名") else f"{name}排名"


def subject_of_duration(part: Part, topic: Topic) -> str:
    """常规工作3天内办理: what it takes the time for."""
    lexicon = word_lists()
    name = tidy("".join(without_light(part.ahead)))
    if not name and (part.compared or part.change):
        return topic.last(part.unit)
    said = tidy("".join(word for word in part.said if word not in ("内", "以内", "之内", "里", "即可", "了")))
    if not name or (name.removeprefix("平均") in lexicon.dependent and topic.base):
        name = topic.base + name
    if said and "平均" in part.before and not name.endswith("用时"):
        return f"{name}平均{said}时间"
    if said and len(said) <= SHORT_RATE + 2 and not name.endswith(("时间", "时限", "用时", "周期", "期限")):
        return f"{name}{said}时限"
    return name
