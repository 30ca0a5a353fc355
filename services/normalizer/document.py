"""Document metadata by the rules of the annotation guide, each field with where it was read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from services.normalizer.dates import Date, chinese_year, find_dates
from services.normalizer.places import Named, Surroundings, body_parts, divisions, locate, name_parts
from shared.events import Document, Level, Place

Span = tuple[int, int]


@dataclass(slots=True)
class Reading:
    """What the metadata is read from: the tidied page and where its parts stand."""

    page: str  # all lines, furniture included
    title: Span | None
    body: Span
    tail: Span  # from the last line of prose to the end of the report
    stamps: list[Span]
    published_meta: str | None = None
    title_in_head: str = ""  # folded; of a page whose text has no title
    found: dict[str, Span] = field(default_factory=dict)


#: Names of bodies end so. The last alternative takes any office by its last character.
_BODY_END = r"(?:人民政府(?:办公室)?|管理委员会(?:办公室)?|管委会(?:办公室)?|办事处|委员会(?:办公室)?|人民检察院|人民法院|总队|支队|大队|管理局|中心|[局厅委署院办]|办公室)"
#: Ministries are named without a place.
_MINISTRY = (
    r"(?:外交|国防|教育|科技|科学技术|工业和信息化|公安|民政|司法|财政|人力资源和?社会保障|自然资源|国土资源|生态环境|环境保护|住房和?城乡建设|"
    r"交通运输|铁道|水利|农业(?:农村)?|商务|文化(?:和旅游)?|退役军人(?:事务)?|应急管理)部"
)
_AFTER_ISSUER = r"(?=\s{0,3}(?:关于|20[0-9]{2}|二〇|法治|年度|依法|行政执法|推进|贯彻|落实|[发公]布|政府信息公开|信息公开|工作|普法|述法|党[组委]|局长|主任|党政主要|主要负责|领导班子|履行|开展|加强|“|$))"
_LEAD = re.compile(
    r"\s{0,3}(?:中共[一-龥]{2,20}委员?会?[、\s]{0,2}(?=[一-龥]{2,24}(?:政府|管委会|管理委员会|办事处|公署)))?(?:关于)?"
    r"(?:(?:20[0-9]{2}|二[〇○零][一二三四五六七八九〇○零]{2})年(?:度)?)?(?:关于)?(?:(?:报送|上报|呈报|印发|公布|发布|公开|公示)《?)?\s{0,3}"
)
_ISSUER_IN_TITLE = re.compile(rf"({_MINISTRY}|[一-龥()、]{{2,40}}?{_BODY_END}){_AFTER_ISSUER}")
#: Other bodies, where nothing but a year or 关于 follows their name: their last characters end many other words too.
_OTHER_BODY = re.compile(
    r"([一-龥()、]{2,30}?(?:[会社馆队行场部师校]|海关|公司|大学|学院))(?=(?:党[组委])?\s{0,3}(?:关于|20[0-9]{2}|二[〇○零]|$))"
)
_YEAR = re.compile(r"(20[0-9]{2})\s?(?:年|(?=法治|依法))|([二][〇一零○Oo0][〇一二三四五六七八九零○Oo0]{2})\s?年")
_NUMBER = re.compile(r"[一-龥]{1,14}\s?[〔\[【(（]\s?(?:19|20)[0-9]{2}\s?[〕\]】)）]\s?第?\s?[0-9]{1,4}\s?号")
_BODY_ADDRESSED = r"[一-龥、()（）\s]{1,60}(?:人民政府|政府|委员会|常委会|办公室|公署|厅|局|委|院|办)"
_ADDRESSEE = re.compile(rf"\s*((?:{_BODY_ADDRESSED}[，,]){{0,2}}{_BODY_ADDRESSED})\s?[:：]")
_VALUE = r"[\s:：|·•\]】]{0,6}(?=(?:19|20)[0-9]{2}|二[〇○零])"
_PUBLISHED = re.compile(
    rf"(?:发布(?:时间|日期|于)|发表(?:时间|日期)|公开(?:时间|日期)|信息时间|(?<![一-龥])[时日]\s?[间期]){_VALUE}"
)
#: Later than publication or unclear; taken where nothing better is there.
_RENEWED = re.compile(rf"(?:更新(?:时间|日期)|上传(?:时间|日期)|录入(?:时间|日期)){_VALUE}")
_WRITTEN = re.compile(rf"(?:成文(?:日期|时间)|生成(?:日期|时间)|发文(?:日期|时间)|印发(?:日期|时间)|制发日期){_VALUE}")
_NO_PUBLICATION = re.compile("(?:归档|打印|存档|失效|废止|实施|生效|今天)")
_NUMBER_LABEL = re.compile(r"(?:发文字号|文\s?号|文件编号|公文字号)\s?[:：]?\s{0,3}")
_SIGNATURE = re.compile(
    rf"(?m)(?:^|[。！\s])([一-龥()]{{2,40}}?{_BODY_END})(?:\s?[(][盖印公代]?章[)])?(?=\s{{0,8}}(?:$|[0-9二]))"
)
_ACTS = r"(?=(?:按照|认真|坚持|在[^，,]{2,30}下|紧[紧扣]|深入|以[^，,]{2,30}为|积极|严格|全面|高度|始终|坚决|持续|扎实|切实|聚焦|围绕|根据|贯彻|不断|大力|牢牢|立足|将|的法治))"
_OWN = re.compile(
    rf"(?<![一-龥])(?:[0-9]{{4}}年[,，]?)?(?:一年来[,，])?原?({_MINISTRY}|[一-龥]{{2,24}}?{_BODY_END})(?:党[组委]|党工委)?{_ACTS}"
)
#: The body whose report the sentence before it announces: 现将某县人民政府2023年…报告如下.
_REPORTED = re.compile(
    rf"现(?:[将就]|向社会(?:公[布开示]|发布))([一-龥()]{{2,40}}?{_BODY_END})(?=(?:关于)?(?:20[0-9]{{2}}年|本年度|法治|依法))"
)
#: A body in full, where the text says how it is called from here on, or whom to ask.
_IN_FULL = re.compile(
    rf"(?<![一-龥])(?:(?:结合|由|请与|可与|请联系|可联系){{0,2}})([一-龥]{{4,40}}?{_BODY_END})"
    r"(?:[(（](?:以下)?简称|(?:办公室|政务公开办公室)?(?:联系|[(（](?:联系)?(?:地址|电话)))"
)
_OFFICE_LABEL = re.compile(
    rf"(?:发文机关|发文单位|发布机构|发布单位|发布机关|制发机关|公开机构|信息来源|来源)\s{{0,4}}[:：]?\s{{0,4}}([一-龥()]{{2,40}}?{_BODY_END})(?=\s|$)"
)


def read_document(reading: Reading) -> Document:
    """The document record. `read_at` holds spans of `reading.page`; the caller carries them to the source, and says what
    script and genre the page has.
    """
    page = reading.page
    found = reading.found
    title = page[slice(*reading.title)] if reading.title else reading.title_in_head
    if reading.title:
        found["title"] = reading.title
    addressee = _addressee(reading)
    issuer = _in_full(reading, _issuer(reading, title))
    year = _year_reviewed(reading, title) if "政府工作报告" in title else _report_year(reading, title)
    text = page[slice(*reading.body)]
    above = body_parts(_COMMITTEE.sub("", addressee or ""))
    around = Surroundings(above, addressee or "", title + text, year)
    place, level = locate(issuer, around) if issuer else (Place(), None)
    level = level or _own_level(text[:_FIRST_PERSON])
    _complete(place, title)
    return Document.trusted(
        title=_as_written(title) or None,
        issuer=issuer,
        place=place,
        level=level,
        report_year=year,
        published=_published(reading),
        signed=_signed(reading),
        document_number=_document_number(reading),
        addressee=addressee,
        script="Hans",
        genre="other",
        genre_score=0.0,
        read_at=found,
    )


#: Characters of the text in which a body that is not named may speak of itself.
_FIRST_PERSON = 1500
_SPEAKS_AS: tuple[tuple[Level, re.Pattern[str]], ...] = (
    ("department", re.compile("我(?:局|厅|委(?!员)|办(?!事)|院|中心)")),
    ("township", re.compile("[我全](?:镇|乡|街道?)")),
    ("county", re.compile("[我全](?:县|旗)")),
)


#: The committee of a place, whose name is the place's for our purpose.
_COMMITTEE = re.compile("(?<=[省市县区州旗])委(?:员会)?(?=[、和,，]|$)")


#: What only the government of a place has: 县政府常务会议.
_GOVERNS = re.compile("([省县区镇乡])(?:人民)?政府(?:党组|主要(?:负责同志|负责人|领导)|常务会议|班子)")
_LEVEL_OF: dict[str, Level] = {
    "省": "province",
    "县": "county",
    "区": "county",
    "镇": "township",
    "乡": "township",
}


def _own_level(text: str) -> Level | None:
    """The level of a body that the page does not name, by what it calls itself (我局, 我镇) or by whom it has meet."""
    spoken = next((level for level, pattern in _SPEAKS_AS if pattern.search(text)), None)
    governs = None if spoken else _GOVERNS.search(text)
    return _LEVEL_OF[governs[1]] if governs else spoken


def _complete(place: Place, title: str) -> None:
    """A signature often leaves out the superior that the title names."""
    lead = _LEAD.match(title)
    named = name_parts(title[lead.end() if lead else 0 :])
    if place.county is not None and place.county == named.county:
        place.province = place.province or named.province
        if place.city is None and named.city != place.province:
            place.city = named.city


def _as_written(title: str) -> str:
    return " ".join(title.split())


def _addressee(reading: Reading) -> str | None:
    found = _ADDRESSEE.match(
        reading.page, reading.title[1] if reading.title else reading.body[0], reading.body[0] + 200
    )
    if found is None:
        found = _ADDRESSEE.match(reading.page, reading.body[0], reading.body[0] + 200)
    if found is None or found[1].strip()[:1] in "各我本":
        return None
    reading.found["addressee"] = found.span(1)
    return found[1].strip()


def _issuer(reading: Reading, title: str) -> str | None:  # noqa: PLR0911 - one return a source, best first
    """The body whose report it is: named by the title, else by the signature, else by the place in the title, else by
    the first words of the text, else by the page's metadata.
    """
    base = reading.title[0] if reading.title else 0
    party = _PARTY_BODY.match(title)
    lead = _LEAD.match(title)
    start = lead.end() if lead and not party else 0
    found = party or _ISSUER_IN_TITLE.match(title, start) or _OTHER_BODY.match(title, start)
    if found and not found[1].startswith(("法治", "依法", "全面依法", "政府信息", "行政")):
        _found_in_title(reading, "issuer", found.span(1))
        return found[1]
    start += 2 * title.startswith("中共", start)
    named = name_parts(title[start:])
    in_title = title[start : start + named.length]
    under = _under_title(reading)
    if under and _may_sign(under[1], in_title):
        reading.found["issuer"] = under.span(1)
        return under[1]
    signature = _last(_SIGNATURE, reading.page, *reading.tail)
    if signature and _may_sign(signature[1], in_title):
        reading.found["issuer"] = signature.span(1)
        return signature[1]
    if in_title:
        _found_in_title(reading, "issuer", (start, start + len(in_title)))
        text = reading.page[slice(*reading.body)]
        return government_of(in_title, named, short="管委会" in text and "管理委员会" not in text)
    congress = _CONGRESS.search(reading.page, base, reading.body[0] + 200) if "工作报告" in title else None
    if congress:
        reading.found["issuer"] = congress.span(1)
        return government_of(congress[1], name_parts(congress[1]))
    in_text = _issuer_in_text(reading)
    if in_text:
        return in_text
    for span in reading.stamps:
        label = _OFFICE_LABEL.search(reading.page, *span)
        if label:
            reading.found["issuer"] = label.span(1)
            return _OFFICE_OF.sub("", label[1])
    return None


def _issuer_in_text(reading: Reading) -> str | None:
    """The body that the first sentences have as their subject, else the government of the place that they have."""
    start = max(reading.body[0], reading.found["addressee"][1] if "addressee" in reading.found else 0)
    opening = start, min(start + 600, reading.body[1])
    for pattern in (_REPORTED, _IN_FULL, _OWN):
        for own in pattern.finditer(reading.page, *opening):
            if not own[1].startswith(_NO_ISSUER):
                reading.found["issuer"] = own.span(1)
                return own[1]
    return _own_place(reading)


#: Characters of the text in which a body that is named without its place is looked for with it.
_INTRODUCTION = 3_000


def _in_full(reading: Reading, issuer: str | None) -> str | None:
    """`issuer`, named without its place (县水利局, 应急管理局), with the place that the text writes before it.

    Only a division of the table counts, the same wherever the text names the body so; where the name itself does not
    begin with a level, the body must be the subject of the opening: another place has an 应急管理局 too.
    """
    if issuer is None or name_parts(issuer).is_place():
        return issuer
    start, end = reading.body
    if issuer[0] not in _LEVELS:
        own = _issuer_in_text(reading)
        return own if own and own.endswith(issuer) and name_parts(own).is_place() else issuer
    before = re.compile(rf"([一-龥]{{1,12}}){re.escape(issuer)}")
    names = {
        place + issuer[1:]
        for found in before.finditer(reading.page, start, min(start + _INTRODUCTION, end))
        if (place := _division_before(found[1] + issuer[0]))
    }
    return names.pop() if len(names) == 1 else issuer


_LEVELS = "省市县区州旗"


def _division_before(words: str) -> str | None:
    """The longest end of `words` that is a division with its superiors: 按照云河市桐溪县 → 云河市桐溪县."""
    for at in range(len(words) - 1):
        named = name_parts(words[at:])
        lowest = named.county or named.city or named.province
        if named.length == len(words) - at and not named.zone and not named.township and lowest in divisions():
            return words[at:]
    return None


def _found_in_title(reading: Reading, name: str, span: Span) -> None:
    """Records where a field stands in the title; of one that only the head of the page has the caller knows it."""
    if reading.title:
        reading.found[name] = reading.title[0] + span[0], reading.title[0] + span[1]


#: The leading party group of a body: the guide takes the body whose report it is, as it is named.
_PARTY_BODY = re.compile(
    rf"\s{{0,3}}(中共[一-龥]{{2,30}}?{_BODY_END}(?:党组|党委|党工委|机关党委))(?=关于|20[0-9]{{2}}|\s|法治|$)"
)
#: The office that puts pages online for its government.
_OFFICE_OF = re.compile(r"(?<=政府)办公[室厅]$")
_BODY_UNDER_TITLE = re.compile(
    rf"(?m)^[(（]?\s?([一-龥]{{2,40}}?{_BODY_END})\s?[)）]?(?:\s[(（]?(?:20|二)[^\n]{{4,20}})?$"
)


def _under_title(reading: Reading) -> re.Match[str] | None:
    """A body on a line of its own between the title and the text."""
    if not reading.title:
        return None
    for found in _BODY_UNDER_TITLE.finditer(reading.page, reading.title[1], reading.body[0]):
        is_stamp = any(start <= found.start() < end for start, end in reading.stamps)
        if not is_stamp and not found[1].endswith(("办公室", "办公厅")) and name_parts(found[1]).is_place():
            return found
    return None


_CLAUSE_START = re.compile(r"(?m)(?:^|[,，。:：]|[0-9]年(?:度|以来)?[,，]?|现将)\s{0,2}(?=[一-龥]{3})")
#: 某县委、县政府.
_COMMITTEE_FIRST = re.compile("([一-龥]{2,8}?[省市县区州旗])委(?=[、和])")
#: What follows a place that is not the subject: a body of it.
_OTHERS = re.compile(
    "[、和与]|委|人大|政协|政府|司法|级|直|各|有关|法院|检察|公安|市场|本|[一-龥]{2,14}(?:局|厅|委员会|办公室|法院|检察院|总队|支队|大队|委(?=的|[在坚认持始深贯]))"
)
#: Its government under other names.
_OWN_BODIES = re.compile(
    "各级(?:人民)?政府|各级行政机关|委?[、和]?[省市县区州旗]?(?:人民)?政府(?!办|[的及其、,，和]|关于|统一|印发|常务|信息|法制|工作)"
)
#: Common nouns and beginnings of clauses that end like the name of a place.
_NO_NAME = re.compile(
    "[为是在把被使让给的了我各该由]|(?<!^)于|^[与将本]|^和(?!平|顺|兴|龙)|^新区|全(?!福|州|南)|纳入|完成|现[将就]|依[托法]|按照|根据|落实|营造|围绕|紧扣|聚焦|对标|"
    "推[进动]|实施|[省市县区][省市县区]|城[市区]$|^城镇$|乡镇$|^镇街|[辖地湾特片园景山林牧郊]区$|行政区|核心区|中心区|之区|[红大]旗"
)
#: Districts whose names are common nouns.
_COMMON_NAMES = ("城区", "郊区", "矿区")
#: A name that the table of divisions does not know has no more characters than this: 云河市; 青石江路街道.
_LONGEST_UNKNOWN, _LONGEST_TOWN = 5, 7
_GOES_ON = re.compile(
    rf"(?:[(（][^()（）]{{2,30}}[)）])?(?:{_ACTS}|[，,]?(?:法治政府|依法行政|党[委工]|各级|20[0-9]{{2}}年)|[、和]?[省市县区州旗]?(?:人民)?政府)"
)


def _may_be_named(named: Named) -> bool:
    """Whether the lowest part of a place reads like a name that is the subject, not like the beginning of a clause."""
    lowest = named.township or named.zone or named.county or named.city or named.province or ""
    if lowest in divisions():
        return lowest not in _COMMON_NAMES or named.city is not None or named.province is not None
    longest = _LONGEST_TOWN if named.township else _LONGEST_UNKNOWN
    is_name = len(lowest) <= longest and _NO_NAME.search(lowest) is None
    return is_name and _GOES_ON.match(named.rest) is not None


def _own_place(reading: Reading) -> str | None:
    """The government of the place that the first sentences name as their subject."""
    start, end = reading.body[0], min(reading.body[0] + 400, reading.body[1])
    for found in _CLAUSE_START.finditer(reading.page, start, end):
        clause = reading.page[found.end() : found.end() + 40]
        named = name_parts(clause)
        committee = None if named.is_place() else _COMMITTEE_FIRST.match(clause)
        if committee:
            named = name_parts(committee[1] + clause[committee.end() :])
        place = clause[: named.length]
        if not place or clause.startswith(_NO_ISSUER) or not _may_be_named(named):
            continue
        if _OTHERS.match(named.rest) and not _OWN_BODIES.match(named.rest):
            continue
        reading.found["issuer"] = found.end(), found.end() + len(place)
        text = reading.page[slice(*reading.body)]
        return government_of(place, named, short="管委会" in text and "管理委员会" not in text)
    return None


_CONGRESS = re.compile("在([一-龥]{2,12}?[省市县区州旗])第[一二三四五六七八九十]{1,3}届人民代表大会")
_NO_ISSUER = ("全", "我", "本", "各", "市委", "县委", "区委", "省委", "党中央", "国务院", "中共", "在", "由", "经", "对", "向",
              "按", "将", "为", "受", "代表")  # fmt: skip
_HIGHEST = re.compile("(?:人民政府|行政公署|管理委员会|管委会|办事处)$")


def _may_sign(name: str, in_title: str) -> bool:
    """Whether the signature names the issuer: not where an office signs for the place that the title names."""
    if name.startswith(("全", "我", "本", "各")) or not in_title:
        return not name.startswith(("全", "我", "本", "各"))
    return _HIGHEST.search(name) is not None


def _last(pattern: re.Pattern[str], text: str, start: int, end: int) -> re.Match[str] | None:
    return max(pattern.finditer(text, start, end), key=lambda found: found.start(), default=None)


def government_of(place: str, named: Named, *, short: bool = False) -> str:
    """The name of the body that governs `place`; `short` where the report writes 管委会."""
    if named.zone:
        return place + ("管委会" if short else "管理委员会")
    if named.township and place.endswith("街道"):
        return place + "办事处"
    if place.endswith(("盟", "地区")):
        return place + "行政公署"
    return place + "人民政府"


_BOOK = re.compile("《[^》]{0,80}》")
_BRACKETED_YEAR = re.compile(r"[(（](20[0-9]{2})(?:年度?)?[)）]|(20[0-9]{2})(?=年度|度)")
#: A year that the opening sentence gives as the one reported on, best first: 现将2022年…, a sentence that begins
#: with it, one that no longer span or citation begins or ends with, the one whose last day the figures are of.
_WRITTEN_YEAR = r"(?:(20[0-9]{2})|(二[〇一零○Oo0][〇一二三四五六七八九零○Oo0]{2}))\s?年"
_YEARS_REVIEWED = (
    re.compile(rf"现[将就][^。0-9二]{{0,30}}{_WRITTEN_YEAR}"),
    re.compile(
        rf"(?m)(?:^|[。！]|(?<=[^0-9二]{{5}})[:：])\s?(?:截至)?{_WRITTEN_YEAR}(?!以来|至|-|—|[0-9 ]{{1,4}}月[0-9 ]{{1,4}}日)"
    ),
    re.compile(rf"(?<![自从于至—-]){_WRITTEN_YEAR}(?!以来|至|-|—|[^，。,]{{0,20}}(?:印发|以来|颁布|出台))"),
    re.compile(rf"(?m)(?:截[至止]|^)\s?{_WRITTEN_YEAR}"),
)
#: Characters after the title that count as the opening of the text.
_OPENING = 400


def _report_year(reading: Reading, title: str) -> int | None:
    found = _YEAR.search(_without_books(title)) or _BRACKETED_YEAR.search(title)
    if found:
        _found_in_title(reading, "report_year", found.span())
        return _year_of(found)
    start = reading.title[1] if reading.title else reading.body[0]
    opening = list(_without_books(reading.page[start : reading.body[0] + _OPENING]))
    for stamp in reading.stamps:
        for at in range(max(stamp[0], start), min(stamp[1], start + len(opening))):
            opening[at - start] = " "
    text = "".join(opening)
    for pattern in _YEARS_REVIEWED:
        found = pattern.search(text)
        if found:
            group = 1 if found[1] else 2
            reading.found["report_year"] = start + found.start(group), start + found.end()
            return _year_of(found)
    return None


def _year_of(found: re.Match[str]) -> int:
    return int(found[1]) if found[1] else chinese_year(found[2]) if not found[2].isdigit() else int(found[2])


def _without_books(text: str) -> str:
    """`text` with the names in 《》 blanked: their years are not the report's."""
    return _BOOK.sub(lambda book: " " * len(book[0]), text)


_REVIEWED = re.compile("(20[0-9]{2})年(?:的)?(?:主要|政府)?(?:工作)?(?:回顾|总结|完成情况)")


def _year_reviewed(reading: Reading, title: str) -> int | None:
    """A government work report is named for the year it was given in, and reviews the year before."""
    found = _REVIEWED.search(reading.page, reading.body[0], reading.body[1])
    if found:
        reading.found["report_year"] = found.span()
        return int(found[1])
    year = _report_year(reading, title)
    return year - 1 if year and _YEAR.search(title) else year


def _published(reading: Reading) -> str | None:
    """A labelled date of publication, else a date among the publication lines that has no other label."""
    labelled = _labelled(reading, _PUBLISHED)
    if labelled:
        return _found(reading, "published", labelled)
    if reading.published_meta:
        return reading.published_meta
    labelled = _labelled(reading, _RENEWED)
    if labelled:
        return _found(reading, "published", labelled)
    for start, end in reading.stamps:
        written = _WRITTEN.search(reading.page, start, end) or _NO_PUBLICATION.search(reading.page, start, end)
        dates = [] if written else find_dates(reading.page, start, end)
        if dates:
            return _found(reading, "published", dates[0])
    return None


def _labelled(reading: Reading, label: re.Pattern[str]) -> Date | None:
    """The date behind the first `label` of the publication lines that has one."""
    for start, end in reading.stamps:
        for found in label.finditer(reading.page, start, end):
            dates = find_dates(reading.page, found.end(), end)
            if dates:
                return dates[0]
    return None


def _signed(reading: Reading) -> str | None:
    """The date under the text, else the date of writing in the metadata, else a date in brackets under the title."""
    dates = [found for found in find_dates(reading.page, *reading.tail) if not _PRINTED.match(reading.page, found.end)]
    alone = [found for found in dates if _ends_line(reading.page, found.end, reading.tail[1])]
    if alone:
        return _found(reading, "signed", alone[0])
    for start, end in reading.stamps:
        label = _WRITTEN.search(reading.page, start, end)
        written = find_dates(reading.page, label.end(), end) if label else []
        if written:
            return _found(reading, "signed", written[0])
    if reading.title:
        under = _UNDER_TITLE.search(reading.page, reading.title[1], max(reading.body[0], reading.title[1] + 80))
        written = find_dates(reading.page, *under.span()) if under else []
        if written:
            return _found(reading, "signed", written[0])
    letter = _LETTER.search(reading.page, reading.body[0], min(reading.body[0] + _LETTER_LENGTH, reading.body[1]))
    dates = find_dates(reading.page, letter.end(), letter.end() + _DATE_LENGTH) if letter else []
    return _found(reading, "signed", dates[0]) if dates else None


#: The signature of a letter that the report comes with.
_LETTER = re.compile(rf"(?m)^[一-龥()]{{2,40}}{_BODY_END}\n(?=(?:20[0-9]{{2}}|二[〇○零])[^\n]{{3,14}}日$)")
#: Characters of the text that such a letter may have, and of a date.
_LETTER_LENGTH, _DATE_LENGTH = 600, 20
_PRINTED = re.compile(r"\s{0,2}(?:印发|发布|止|前|起|以来)")
_UNDER_TITLE = re.compile(r"(?m)^[(（][^()（）\n在]{8,24}[)）]$")


def _ends_line(page: str, at: int, end: int) -> bool:
    rest = page[at:end].split("\n", 1)[0].strip()
    return len(rest) <= 12 and _CLAUSE_END.search(rest) is None


_CLAUSE_END = re.compile("[，。；,;]")


def _found(reading: Reading, name: str, date: Date) -> str:
    reading.found[name] = date.start, date.end
    return date.iso


def _document_number(reading: Reading) -> str | None:
    if "号" not in reading.page[: reading.body[0]]:
        return None
    found = _NUMBER.search(reading.page, 0, reading.body[0])
    if found is None:
        return None
    label = _NUMBER_LABEL.match(found[0])
    start = found.start() + (label.end() if label else 0)
    reading.found["document_number"] = start, found.end()
    return reading.page[start : found.end()].strip()
