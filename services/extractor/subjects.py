"""What is counted: a noun phrase from the words before and behind the amount, its sentence and its heading.

    受理民事纠纷案件62件      the noun stands before the amount
    组建91支防汛抢险队伍      the noun stands behind it
    33个中小学配备法治副校长  what is said about the noun completes it: 配备法治副校长的中小学
    调解成功58件              no noun of its own: the noun of the amount before it is carried on
    合格率达98.73%            a short rate name takes the topic of the sentence in front
    11个街道、81个社区服务站  items of a list share the head of the last one
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from services.extractor.words import segmenter

#: A subject longer than this is cut to its last phrase; the longest subject of the reference's reports has 28.
MAX_SUBJECT = 40
#: Characters of a clause that are cut into words, each side of an amount.
MAX_SIDE = 60
#: A rate name up to this length says nothing without its topic: 合格率, 按期回复率.
SHORT_RATE = 6
#: A list before 等 longer than this is left out of the subject: A、B、C、D等审计项目.
LONG_LIST = 12

_EDGE = "、,，;；:：。 \t\n-—…·!?/)）"
_LIST_SIGNS = ("、", ",", "，", ";", "；", ":", "：", "。", ")", "）", "(", "（", "和", "及", "与", "的", "]", "】", "，")
_NUMBER = re.compile(
    r"(?:第)?[0-9][0-9.,]*%?(?:余|多)?[万亿千百]?(?:个工作日|个|件|名|人次|人|家|户|次|项|条|场|期|批|份|支|所|天|元|万元)?"
)
_CHINESE_COUNT = re.compile(r"[两二三四五六七八九十]{1,3}(?:个|件|名|家|户|次|项|条|场|期|批|份|支|所|轮)")
_PERIOD = re.compile(
    r"(?:截[至止]|自|从|到|在)?(?:19|20)[0-9]{2}年?(?: ?[-—~至到] ?(?:19|20)?[0-9]{2,4}年?)?度?(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?(?:底|末|初|以来|起|间)?"
    r"|[0-9]{1,2}(?:[-—~至到][0-9]{1,2})?月份?(?:底|末|以来)?|(?:近|过去|连续)[0-9一二三四五六七八九十两]{1,3}年(?:来|内|间)?"
)
_RATE_NAME = re.compile(r"(?:率|比例|比重|占比|满意度|指数|得分|评分|成绩|度|面|比)$")
_SHARED_NAME = re.compile(r"(?:率|比例|比重|占比|度|数|数量|总量|量|额|面|比|次)$")
_SPLIT = re.compile(r"、|和|与|及|以及")
_QUOTED = re.compile(r"“[^”]{1,30}”")


@dataclass(frozen=True, slots=True)
class _Lexicon:
    front: frozenset[str]
    tail: frozenset[str]
    light: frozenset[str]
    stop: frozenset[str]
    inner: frozenset[str]
    process: frozenset[str]
    agents: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    source = tomllib.loads(files(__package__).joinpath("subjects.toml").read_text(encoding="utf-8"))
    return _Lexicon(**{name: frozenset(words) for name, words in source.items()})


@dataclass(slots=True)
class Part:
    """The surroundings of one amount: its own words before and behind, up to the neighbouring amounts and commas."""

    before: str
    after: str
    unit: str | None
    quantity: str
    joined: bool  # only a list sign stands between it and the next amount's own words
    listed: bool  # a list sign opens its own words: an item of a list that an earlier amount began
    zero: bool = False
    ahead: list[str] = field(default_factory=list)
    noun: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Topic:
    """What a sentence speaks of, as far as it was read."""

    noun: str = ""  # the noun counted last
    verb: str = ""  # the verb that a list of counts opened with
    spoken: str = ""  # the object of the last predicate, for rates
    place: str = ""  # the level that the last count stands in


def read_part(part: Part) -> None:
    """Cut the words of one amount: before it, the noun phrase behind it, what is said about that."""
    part.ahead = _before(part.before)
    if part.quantity in ("count", "other", "area", "length", "money") or (part.quantity == "rate" and part.after.startswith("的")):
        after = part.after.removeprefix("的") if part.quantity == "rate" else part.after
        part.noun, part.said = _behind(after, event=part.unit in ("次", "场", "期", "轮", "批", "人次"))
    elif part.quantity == "rate":
        part.said = segmenter().cut(part.after[:8]) if part.after and part.after[0] not in "、,，;；:：。)）(（和及与以左" else []


def _before(text: str) -> list[str]:
    """The words before an amount, without adverbials in front and copulas at the end."""
    lexicon = _lexicon()
    text = _CHINESE_COUNT.sub("", _PERIOD.sub("", text[-MAX_SIDE:])).strip(_EDGE)
    words = segmenter().cut(text)
    last = len(words)
    while last and (words[last - 1] in lexicon.tail or not words[last - 1].strip(_EDGE)):
        last -= 1
    first = 0
    while first < last and (words[first] in lexicon.front or words[first] in lexicon.agents or not words[first].strip(_EDGE)):
        first += 1
    return words[first:last]


def _behind(text: str, *, event: bool) -> tuple[list[str], list[str]]:
    lexicon = _lexicon()
    text = text.lstrip(" ")
    if not text or text.startswith(_LIST_SIGNS):
        return [], []
    words = segmenter().cut(text[:MAX_SIDE])
    last = len(words)
    while last and (not words[last - 1].strip(_EDGE) or words[last - 1] in ("和", "及", "与", "以及", "、")):
        last -= 1
    words = words[:last]
    for at, word in enumerate(words):
        if word not in lexicon.stop:
            continue
        if word in lexicon.inner:
            following = words[at + 1] if at + 1 < len(words) else ""
            if at and following and following not in lexicon.stop and following.strip(_EDGE):
                continue
            if event and at and not following:
                continue
        return words[:at], words[at:]
    return words, []


def _without_light(words: list[str]) -> tuple[list[str], list[str]]:
    """The light verbs and adverbials at the front, and the rest."""
    lexicon = _lexicon()
    at = 0
    while at < len(words) and (
        words[at] in lexicon.light or words[at] in lexicon.front or words[at] in lexicon.agents or words[at] in ("、", "了")
    ):
        at += 1
    return words[:at], words[at:]


def _object(words: list[str]) -> list[str]:
    """What stands behind the last light or process verb: the counted noun without its verbs."""
    lexicon = _lexicon()
    for at in range(len(words) - 2, -1, -1):
        if words[at] in lexicon.light or words[at] in lexicon.process:
            rest = words[at + 1 :]
            if rest and rest[0] in ("、", "的", "和", "及", "工作", "情况"):
                return words
            return rest
    return words


def tidy(text: str) -> str:
    """A subject without numbers, years, stray brackets and signs at its edges."""
    text = _CHINESE_COUNT.sub("", _NUMBER.sub("", _PERIOD.sub("", text)))
    if text.count("(") != text.count(")"):
        text = text.replace("(", "").replace(")", "")
    if text.count("“") != text.count("”"):
        text = text.replace("“", "").replace("”", "")
    text = text.replace("各类", "").replace("各项", "").replace("的的", "的").strip(_EDGE)
    return text.removeprefix("的").removesuffix("的")[-MAX_SUBJECT:]


def _short_list(text: str) -> str:
    """A、B、C等Y without a long list in front."""
    head, sign, tail = text.rpartition("等")
    if sign and tail and len(head) > LONG_LIST and "、" in head:
        return tail
    return text


def shared_names(part: Part) -> list[str]:
    """The names that share the number of `part`: 参考率、合格率达100% gives two; one number of its own gives []."""
    text = "".join(part.ahead)
    if part.zero:
        names = [name for name in _SPLIT.split(text) if name]
        return names if len(names) > 1 and all(2 <= len(name) <= 12 for name in names) else []
    if part.quantity != "rate" or not _SPLIT.search(text):
        return []
    names = _SPLIT.split(text)
    run: list[str] = []
    for name in reversed(names):
        if not _SHARED_NAME.search(name) or len(name) < 2:
            break
        run.append(name)
    return run[::-1] if len(run) > 1 else []


def subject_of(part: Part, following: Part | None, topic: Topic) -> str:
    """The subject of one amount; brings `topic` up to date."""
    if part.noun:
        return _with_noun_behind(part, following, topic)
    return _with_noun_before(part, topic)


def _with_noun_behind(part: Part, following: Part | None, topic: Topic) -> str:
    noun = tidy(_short_list("".join(part.noun)))
    said = part.said
    if part.joined and not said and following is not None:
        said = following.said
        head = _shared_head(part.noun, following.noun)
        if head:
            noun = tidy("".join(part.noun) + head)
    topic.noun = noun
    predicate = _predicate(said)
    if predicate:
        topic.spoken = tidy("".join(_object(predicate)))
        phrase = tidy("".join(predicate))
        if part.unit in ("人", "人次") and not part.noun:
            return f"{phrase}人员"
        return f"{phrase}的{noun}"
    topic.spoken = noun
    _, lead_words = _without_light(part.ahead)
    if part.listed:
        return noun
    lead = tidy("".join(lead_words))
    if lead and lead_words[-1] in ("》", "等"):
        return noun
    if lead and len(lead) <= 20 and not lead.endswith(("》", "等")):
        lexicon = _lexicon()
        topic.verb = lead
        sign = "的" if lead_words[-1] in lexicon.process and not noun.startswith(lead) else ""
        return tidy(f"{lead}{sign}{noun}")
    return noun


def _shared_head(own: list[str], following: list[str]) -> str:
    """What the last item of a list adds to a bare level: 街道 … 社区政务服务站点 → 政务服务站点."""
    if len(own) == 1 and len(following) > 1:
        return "".join(following[1:])
    return ""


def _predicate(said: list[str]) -> list[str]:
    words = [word for word in said if word not in ("了", "均", "已", "已经", "全部", "都", "皆", "全", "着")]
    _, rest = _without_light(words)
    if not rest or rest[0] in ("的", "中", "以", "等", "内", "上", "来", "以来", "前", "后"):
        return []
    text = "".join(rest)
    return rest if 2 <= len(text) <= 26 else []


def _with_noun_before(part: Part, topic: Topic) -> str:
    lexicon = _lexicon()
    light, rest = _without_light(part.ahead)
    if part.quantity == "rate":
        return _rate(part, rest, topic)
    verbs_only = all(word in lexicon.process or word in lexicon.light or word in lexicon.tail or word in lexicon.agents or word in "、和的了" for word in part.ahead)
    if verbs_only:
        said = tidy("".join(part.ahead)) or tidy("".join(_predicate(part.said)))
        base = topic.noun or topic.spoken
        if part.unit in ("人", "人次") and not base.endswith(("人员", "人", "者", "干部", "群众", "员")):
            return f"{base}{said}人员" if base else f"{said}人员"
        return f"{said}的{base}" if said and base else said or base
    words = _object(part.ahead)
    noun = tidy(_short_list("".join(words)))
    whole = tidy(_short_list("".join(rest)))
    if part.quantity in ("money", "area", "length", "other", "score") and len(whole) <= 4 and topic.noun:
        return f"{topic.noun}{whole}"
    topic.noun = noun or whole
    topic.spoken = topic.noun
    if not part.listed:
        topic.verb = whole.removesuffix(noun) if noun and whole != noun else ""
    elif topic.verb and whole == noun and len(topic.verb) <= 8:
        return tidy(f"{topic.verb}{noun}")
    return whole or noun


def _rate(part: Part, rest: list[str], topic: Topic) -> str:
    lexicon = _lexicon()
    name = tidy("".join(rest))
    if not name:
        return tidy((topic.noun or topic.spoken) + "".join(part.said))
    if not _RATE_NAME.search(name) and part.said and part.said[0] not in lexicon.front:
        name += part.said[0] + "率"
    if len(name) <= SHORT_RATE and _RATE_NAME.search(name):
        base = topic.spoken or topic.noun
        if base and not name.startswith(base):
            return tidy(base + name)
    return name


def complete_name(name: str, first: str, topic: Topic) -> str:
    """One of several names that share a number, made whole with the topic or with the words before the first one."""
    name = tidy(name)
    _, words = _without_light(segmenter().cut(name))
    name = tidy("".join(words)) or name
    if len(name) > SHORT_RATE:
        return name
    if name != first and len(first) > SHORT_RATE + 2:
        words = segmenter().cut(first)
        return tidy("".join(words[:-1])) + name
    return (topic.spoken or topic.noun) + name


def spoken_of(clause: str) -> str:
    """What a clause without an amount speaks of: its last object."""
    _, rest = _without_light(_before(clause))
    return tidy(_short_list("".join(_object(rest))))
