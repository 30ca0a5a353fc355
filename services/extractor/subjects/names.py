"""Names that share numbers: 参考率、合格率达100%; 乡镇和村分别办理46项和9项."""

from __future__ import annotations

from services.extractor.subjects.cutting import without_agent
from services.extractor.subjects.data import pattern, word_lists, words_of
from services.extractor.subjects.limits import EDGE, SHORT_NOUN, SHORT_RATE
from services.extractor.subjects.parts import Part, Topic
from services.extractor.subjects.phrases import object_of, only_verbs, tidy, without_light
from services.extractor.subjects.rates import rated_base
from services.extractor.words import segmenter

#: Names of a list that end alike share so many characters: 养老保险、失业保险.
SHARED_END = 2
#: The head of a noun: 案件 of 刑事案件.
SHORT_HEAD = 2
_TWO_IN_ONE, _EACH = words_of("two_in_one")
_PAIRED = words_of("paired")
_MANNERS = words_of("rate_manners")
_COUNTS = ("数量", "总数", "总量", "件数", "次数")
_EVENT_COUNT = pattern("event_count")
_SUFFERED = pattern("suffered")
_LEVEL_IN_FRONT = pattern("level_in_front")
_CONTENT_OF_TWO = pattern("content_of_two")
#: No sign of a list stands in it.
_CONTENT = "满意或基本满意"
_PERIOD = pattern("period")
_COMPARISON = pattern("comparison")
_MANNER_RATES = words_of("manner_rates")
_BOTH_OF = pattern("both_of")
_CLOSING_NOUN = pattern("closing_noun")
_ACT_HEAD, _TIME_HEAD = pattern("act_head"), pattern("time_head")
_HEADS = (pattern("rate_head"), pattern("count_head"), _ACT_HEAD, _TIME_HEAD, _CLOSING_NOUN)
_SHARED_NAME = pattern("shared_name")
_SUM_OF_NAMES = pattern("sum_of_names")
_SPLIT = pattern("list_sign")
_RATED_NOUN = pattern("rated_noun")
_RATE_NAME = pattern("rate_name")


def shared_names(part: Part) -> list[str]:
    """The names that share the number of `part`: 参考率、合格率达100% gives two; one number of its own gives []."""
    if part.quantity != "rate" and not part.zero:
        return []
    text = _SUM_OF_NAMES.sub("", "".join(part.ahead))
    if part.zero:
        names = [name for name in _SPLIT.split(text) if name]
        return names if len(names) > 1 and all(2 <= len(name) <= 12 for name in names) else []
    if not _SPLIT.search(text) or "分别" in part.before:
        return []
    run: list[str] = []
    for name in reversed(_SPLIT.split(text)):
        if not _SHARED_NAME.search(name) or len(name) < 2:
            break
        run.append(name)
    return [_with_its_pair(text, run[-1]), *run[-2::-1]] if len(run) > 1 else []


def _with_its_pair(text: str, name: str) -> str:
    """代表建议和|提案办结率、满意率: the thing in front shares the rates of its pair."""
    ahead = text[: text.rfind(name)]
    thing = next((thing for thing in reversed(_SPLIT.split(ahead)) if thing), "")
    if not thing.endswith(_PAIRED) or not any(other in name for other in _PAIRED):
        return name
    level = _LEVEL_IN_FRONT.search(ahead[: ahead.rfind(thing)])
    return f"{'' if level is None else level.group()}{text[ahead.rfind(thing) : len(ahead)]}{name}"


def aligned_names(before: str, size: int) -> list[str]:
    """The names that 分别 hands out to the next `size` amounts: 街道及社区分别保留 → 街道, 社区."""
    head, sign, verb = before.rpartition("分别")
    if not sign:
        return []
    head = _COMPARISON.sub("", _PERIOD.sub("", head)).strip(EDGE)
    if size > 1:
        head = _CONTENT_OF_TWO.sub(rf"\g<two>{_CONTENT}", head).replace(_TWO_IN_ONE, _EACH)
    words = _named(head)
    names = [name.strip(EDGE) for name in _SPLIT.split(_SUM_OF_NAMES.sub("", "".join(words))) if name.strip(EDGE)]
    if len(names) < size:
        return []
    said = "".join(_without_change(segmenter().cut(verb)))
    names = names[-size:]
    last, head = _with_head(names)
    if head and _shared_by(head, names[:-1]):
        names = [name + head for name in (*names[:-1], last)]
    return [name + said for name in names]


def _named(head: str) -> list[str]:
    """The words before 分别 that name something; of those that end a clause only 占比 does."""
    words = without_agent(segmenter().cut(head))
    while words and words[-1] in word_lists().tail and words[-1] != "占比":
        words.pop()
    return words


def _with_head(names: list[str]) -> tuple[str, str]:
    """The last name of an aligned list, and the head behind it: 工伤保险|参保人数, 不正当竞争|类案件."""
    name, noun = names[-1], names[0][-SHARED_END:]
    closing = _CLOSING_NOUN.search(name)
    if closing is not None:
        return name[: closing.start()], closing.group()
    ends = name.find(noun) + SHARED_END if all(other.endswith(noun) for other in names[:-1]) and noun in name else 0
    if 0 < ends < len(name):
        return name[:ends], name[ends:]  # 养老保险、工伤保险|参保人数: the names end alike, the head stands behind them
    time = _TIME_HEAD.search(name)
    if time is not None:
        at = time.start("time") if _names_an_act(names[0]) else time.start()
        return name[:at], name[at:]
    words = segmenter().cut(name)
    return words[0], _BOTH_OF.sub("", "".join(words[1:]))


def _names_an_act(name: str) -> bool:
    """企业注销、门店开业登记|时间: the first name says itself what takes the time; 用水、用气|报装时间 does not."""
    words = segmenter().cut(name)
    return _ACT_HEAD.search(name) is not None or (len(name) >= SHORT_NOUN and segmenter().is_verb(words[-1]))


def handed_names(before: str, said: list[tuple[str, str | None]], size: int) -> list[str]:
    """A short rate that 分别 hands out to the `size` things counted last: 处罚案卷9件、许可案卷7件,合格率分别为; 分别占."""
    head, _, verb = before.rpartition("分别")
    words = _named(_COMPARISON.sub("", head).strip(EDGE))
    name = tidy("".join(without_light(words)))
    name = "".join(words) if name == "率" else name  # 聘请率: the verb is part of the name
    name = name or ("占比" if verb.startswith("占") else "")
    owners = said[-size:]
    if not 1 < len(name) <= SHORT_RATE or not _RATE_NAME.search(name) or len(owners) < size:
        return []
    if len({unit for _, unit in owners}) > 1 or owners[0][1] in ("%", "pp", None):
        return []
    return [
        tidy("".join(object_of(without_light(segmenter().cut(subject.rpartition("的")[2]))))) + name
        for subject, _ in owners
    ]


def _shared_by(head: str, names: list[str]) -> bool:
    """Whether the last name's head is said of all of them: 甲市、乙市收案数分别为8件、9件."""
    return any(ending.search(head) and not any(ending.search(name) for name in names) for ending in _HEADS)


def _without_change(words: list[str]) -> list[str]:
    return [word for word in words if word not in word_lists().tail]


def aligned_subject(name: str, first: str, topic: Topic, part: Part) -> str:
    """The subject of one amount of an aligned list."""
    if part.quantity == "duration":
        return tidy(name)
    if part.quantity == "rate" and not name.endswith("占比"):
        return complete_name(name, first, topic)
    words = segmenter().cut(name)
    if only_verbs(words[1:]) and topic.noun and not name.endswith(topic.noun):
        return tidy(f"{name}{topic.noun}")
    return complete_name(name, first, topic) if len(name) <= SHORT_NOUN else tidy(name)


def _of_act(name: str, first: str) -> str:
    """报备率、及时率均达100% → 报备及时率: how it was done is said of the act before it."""
    act = first.removesuffix("率")
    return act + name if name in _MANNER_RATES and act != first and only_verbs([act]) else name


def complete_name(name: str, first: str, topic: Topic) -> str:
    """One of several names that share a number, made whole with the words before the first one or with the topic."""
    words = without_light(segmenter().cut(name))
    name = _of_act(tidy("".join(words)) or tidy(name), first)
    timed = _TIME_HEAD.search(name) is not None and len(name) > SHORT_NOUN
    if len(name) > SHORT_RATE or timed or _EVENT_COUNT.match(name) or (words and _names_cases(words)):
        return name
    event = _EVENT_COUNT.match(tidy(first)) if _SUFFERED.match(name) else None
    if event is not None:
        return f"{event['event']}{name}"
    if name != tidy(first) and len(first) > SHORT_RATE and not name.endswith(("案", "访")):
        head = _owner_in(first, name)
        if head:
            return head + name
    if _RATED_NOUN.match(name):
        return name
    base = rated_base(topic)
    return name if base.endswith(name) else base + name


def _owner_in(first: str, name: str) -> str:
    """信访案件|及时受理率、按期办结率: what the first rate of a list is of, without how and what was done."""
    lexicon = word_lists()
    words = without_light(segmenter().cut(first))[:-1]
    while len(words) > 1 and (words[-1] in _MANNERS or words[-1] in lexicon.process):
        words.pop()
    head = "".join(words)
    again = head.find(name[:SHORT_HEAD])
    if not words or (segmenter().is_verb(words[0]) and words[0] not in lexicon.nominal):
        return ""
    return tidy(head[:again] if again > 0 else head)  # 审批事项|网上办理率、网上办结率


def _names_cases(words: list[str]) -> bool:
    """刑事案件, 婚姻家庭|纠纷, 文件|数量 say of which things; 受理|案件 does not."""
    if words[-1] in _COUNTS and len(words) > 1:
        return not only_verbs(words[:-1])
    if _CLOSING_NOUN.search(words[-1]) is None:
        return False
    return len(words[-1]) > SHORT_HEAD if len(words) == 1 else not only_verbs(words[:-1])
