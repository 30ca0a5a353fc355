"""Document metadata by the rules of the annotation guide, each field with where it was read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from services.normalizer.dates import chinese_year, find_dates
from services.normalizer.places import Named, name_parts, place_of
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
    found: dict[str, Span] = field(default_factory=dict)


_BODY = r"(?:人民政府|管理委员会|管委会|委员会|人民检察院|办事处|办公室|管理局|[一-龥]{1,12}局|厅|委)"
_ISSUER_IN_TITLE = re.compile(rf"[\s\u3000]*([一-龥()（）、]{{2,40}}?(?:人民政府(?:办公室)?|管理委员会|管委会|街道办事处|委员会|[一-龥]{{1,10}}?(?:局|厅|委|办))(?:办公室)?)(?=\s*(?:关于|20|二〇|法治|年度|依法|行政|推进|贯彻))")
_PLACE_IN_TITLE = re.compile(r"(?:^|关于|年|年度)\s*((?:[一-龥]{2,7}(?:省|自治区|市|州|盟|地区))?(?:[一-龥]{1,6}?(?:区|县|市|旗))?(?:[一-龥]{1,6}?(?:镇|乡|街道))?)(?=关于|20|二〇|法治|年度|政府工作|依法|人民政府|政府)")
_YEAR = re.compile(r"(20[0-9]{2})\s?(?:年|(?=法治|依法))|([二][〇一零○Oo0][〇一二三四五六七八九零○Oo0]{2})\s?年")
_NUMBER = re.compile(r"[一-龥]{1,14}\s?[〔\[【(（]\s?(?:19|20)[0-9]{2}\s?[〕\]】)）]\s?第?\s?[0-9]{1,4}\s?号")
_ADDRESSEE = re.compile(r"\s*([一-龥、()（）\s]{2,60}(?:人民政府|政府|委员会|常委会|办公室|厅|局|委|院|办))\s?[:：]")
_PUBLISHED = re.compile(r"(?:发布(?:时间|日期)|发表(?:时间|日期)|公开(?:时间|日期)|发文(?:时间)|更新时间|上传时间|录入时间|信息时间|(?<![一-龥])时间|(?<![一-龥])日期)\s?[:：]?\s{0,3}(?=(?:19|20)[0-9]{2})")
_WRITTEN = re.compile(r"(?:成文(?:日期|时间)|生成(?:日期|时间)|发文日期|印发(?:日期|时间)|制发日期)\s?[:：]?\s{0,3}(?=(?:19|20)[0-9]{2}|二)")
_NUMBER_LABEL = re.compile(r"(?:发文字号|文\s?号|文件编号|公文字号)\s?[:：]?\s{0,3}")
_ORG_LINE = re.compile(r"(?m)(?:^|[。\s])([一-龥()（）]{2,40}?(?:人民政府|管理委员会|管委会|委员会(?:办公室)?|办事处|[一-龥]{1,12}(?:局|厅|委|办))(?:办公室)?)(?=\s*(?:$|[0-9二]))")
_SELF = re.compile(r"(?<![一-龥])([一-龥]{2,20}?(?:管委会|管理委员会|人民政府|办事处))(?:按照|认真|坚持|在|紧紧|深入|以|积极|严格|全面|高度|始终|坚决)")


def read_document(reading: Reading) -> Document:
    """The document record. `read_at` holds spans of `reading.page`; the caller carries them to the source."""
    page = reading.page
    found = reading.found
    title = page[slice(*reading.title)] if reading.title else ""
    if reading.title:
        found["title"] = reading.title
    addressee = _addressee(reading)
    issuer = _issuer(reading, title)
    named = name_parts(issuer or "")
    place, level = _place_and_level(reading, issuer, named, addressee)
    return Document(
        title=_as_written(title) or None,
        issuer=issuer,
        place=place,
        level=level,
        report_year=_report_year(reading, title),
        published=_published(reading),
        signed=_signed(reading),
        document_number=_document_number(reading),
        addressee=addressee,
        read_at=found,
    )


def _as_written(title: str) -> str:
    return re.sub(r"\s+", " ", title).strip()


def _addressee(reading: Reading) -> str | None:
    found = _ADDRESSEE.match(reading.page, reading.title[1] if reading.title else reading.body[0], reading.body[0] + 200)
    if found is None:
        found = _ADDRESSEE.match(reading.page, reading.body[0], reading.body[0] + 200)
    if found is None or "各" == found[1].strip()[:1]:
        return None
    reading.found["addressee"] = found.span(1)
    return found[1].strip()


def _issuer(reading: Reading, title: str) -> str | None:
    base = reading.title[0] if reading.title else 0
    found = _ISSUER_IN_TITLE.match(title)
    if found:
        reading.found["issuer"] = base + found.start(1), base + found.end(1)
        return found[1]
    signed = None
    for signed in _ORG_LINE.finditer(reading.page, *reading.tail):  # the last one signs
        pass
    if signed is not None:
        reading.found["issuer"] = signed.span(1)
        return signed[1]
    for place in _PLACE_IN_TITLE.finditer(title):
        if place[1]:
            reading.found["issuer"] = base + place.start(1), base + place.end(1)
            return government_of(place[1])
    own = _SELF.search(reading.page, reading.body[0], min(reading.body[0] + 1500, reading.body[1]))
    if own:
        reading.found["issuer"] = own.span(1)
        return own[1]
    return None


def government_of(place: str) -> str:
    """The name of the body that governs `place`."""
    if place.endswith(("街道",)):
        return place + "办事处"
    if re.search("(?:新区|开发区|高新区|园区|示范区|保税区)$", place):
        return place + "管理委员会"
    return place + "人民政府"


def _place_and_level(reading: Reading, issuer: str | None, named: Named, addressee: str | None) -> tuple[Place, Level | None]:
    if issuer is None:
        return Place(), None
    return place_of(issuer, named, addressee, reading.page[slice(*reading.body)])


def _report_year(reading: Reading, title: str) -> int | None:
    outside_books = re.sub("《[^》]{0,80}》", lambda book: " " * len(book[0]), title)
    for text, base in (
        (outside_books, reading.title[0] if reading.title else 0),
        (re.sub("《[^》]{0,80}》", lambda book: " " * len(book[0]), reading.page[reading.body[0] : reading.body[0] + 400]), reading.body[0]),
    ):
        found = _YEAR.search(text)
        if found:
            reading.found["report_year"] = base + found.start(), base + found.end()
            return int(found[1]) if found[1] else chinese_year(found[2])
    return None


def _published(reading: Reading) -> str | None:
    for start, end in reading.stamps:
        label = _PUBLISHED.search(reading.page, start, end)
        dates = find_dates(reading.page, label.end(), end) if label else []
        if dates:
            reading.found["published"] = dates[0].start, dates[0].end
            return dates[0].iso
    for start, end in reading.stamps:
        if _WRITTEN.search(reading.page, start, end):
            continue
        dates = find_dates(reading.page, start, end)
        if dates:
            reading.found["published"] = dates[0].start, dates[0].end
            return dates[0].iso
    return None


def _signed(reading: Reading) -> str | None:
    dates = find_dates(reading.page, *reading.tail)
    if dates:
        reading.found["signed"] = dates[-1].start, dates[-1].end
        return dates[-1].iso
    for start, end in reading.stamps:
        label = _WRITTEN.search(reading.page, start, end)
        dates = find_dates(reading.page, label.end(), end) if label else []
        if dates:
            reading.found["signed"] = dates[0].start, dates[0].end
            return dates[0].iso
    return None


def _document_number(reading: Reading) -> str | None:
    found = _NUMBER.search(reading.page, 0, reading.body[0])
    if found is None:
        return None
    reading.found["document_number"] = found.span()
    return found[0].strip()
