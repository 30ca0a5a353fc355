"""Bytes → decoded source.

Nothing that is declared is trusted: a declaration, a byte order mark and the bytes themselves each name candidates,
every candidate is decoded strictly, and the one that reads most like Chinese wins.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from shared.errors import Permanent, Reason

#: A page above this is refused before decoding. The longest work report has 0.1 MB.
MAX_BYTES = 10_000_000
#: Bytes read for a `<meta charset>`; the HTML standard asks for 1,024, real pages put scripts before it.
META_BYTES = 4096
#: Bytes read to tell a file that is no page by how it begins.
FORM_BYTES = 1024
#: Characters looked at to tell how much like Chinese a candidate reads.
SAMPLE_CHARACTERS = 20_000
#: Sequences that no charset can read and that are tolerated as long as none of them reaches `text`. Content
#: management systems cut summaries by bytes, which leaves a few broken characters in meta tags and link lists.
MAX_BAD_SEQUENCES = 16
#: A share of readable characters below which nothing is taken for Chinese text.
MIN_PLAUSIBLE = 0.5

_SIGNATURES = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive or an office file"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old office file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive; say `encoding: gzip` when submitting"),
    (b"\x28\xb5\x2f\xfd", "zstd data; say `encoding: zstd` when submitting"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"{\\rtf", "an RTF file"),
    (b"\x7fELF", "a program"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
)
#: What a page is saved as by a browser or an office program that is text, and still none that can be read.
_FORMS = (
    (
        re.compile(
            rb"(?:From|MIME-Version|Content-Type|Snapshot-[a-z-]{2,20}|Subject|Date):.{0,900}?multipart/related",
            re.IGNORECASE | re.DOTALL,
        ),
        "a web archive (MHTML); open it in a browser and save the page as HTML only",
    ),
    (
        re.compile(rb"<\?xml[^>]{0,200}>\s{0,20}(?:<\?mso-application|<(?:w|pkg):)", re.IGNORECASE),
        "an office file written as XML; save it as HTML or as text",
    ),
)
_MAGICS = tuple(magic for magic, _ in _SIGNATURES)
#: Seven-bit charsets (ISO-2022, HZ) shift into Chinese by these; read as ASCII their letters and digits mean nothing.
_SHIFTS = re.compile(rb"\x1b\$[()*+@AB]|~\{(?:[!-~]{2}){1,2000}~\}")
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_MARKED = frozenset(mark[0] for mark, _ in _BYTE_ORDER_MARKS)
_CHARSET = re.compile(r"charset\s{0,4}=\s{0,4}[\"']?([\w:.-]{2,32})", re.IGNORECASE)
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,4}=\s{0,4}["']?\s{0,4}([A-Za-z0-9_:.-]{2,32})""", re.IGNORECASE)
#: Labels → the codec that reads them. GB2312 and GBK pages hold characters of GB18030, so all three are read by it;
#: Big5 pages hold the Hong Kong supplement (the encoding standard of the web does the same).
_CODECS = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8"), "utf-8"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "gb-2312", "gb_2312-80", "x-gbk", "cp936", "936", "ms936", "euc-cn",
                     "gb-18030", "windows-936", "hz-gb-2312", "chinese", "iso-ir-58", "csgb2312"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "big5hkscs", "big-5", "cp950", "x-x-big5", "cn-big5", "csbig5",
                     "big5-eten"), "big5hkscs"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16-le", "unicode", "ucs-2", "iso-10646-ucs-2", "csunicode"), "utf-16-le"),
    **dict.fromkeys(("utf-16be", "utf-16-be"), "utf-16-be"),
}  # fmt: skip
#: The most frequent characters of Chinese, both scripts, and the punctuation of a page: what is decoded with the
#: wrong charset falls outside of them almost entirely.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
    "定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由"
    "其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意"
    "建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统"
    "接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处理世车府市县省治依规范务监督案件议复"
    "這個國們來時會對發動過說產種麼後經進與關們當點從業還應開合實現電體機學長門員總將組見計別運農幾區強決處車府縣規範務監"
    "，。、；：！？（）“”《》〔〕—…　,.;:!?()<>/=\"'#&%-_ \t\r\n"
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ{}[]|*+@$"
)
#: What may stand in a page without speaking for or against it.
_PLAUSIBLE = re.compile(r"[\u4e00-\u9fa5\u3000-\u303f\uff00-\uffee\u2010-\u2027\u00b7\u00a0\ufeff\x20-\x7e\t\r\n]")
_NEVER = re.compile(r"[\ue000-\uf8ff\ufffe\uffff\u0080-\u009f]")


class Decoded(NamedTuple):
    """The decoded source. `bad` are offsets in `text` of sequences that could not be read (U+FFFD stands there)."""

    text: str
    charset: str
    overruled: str | None  # a declaration that was wrong
    bad: tuple[int, ...]
    original: bytes | None  # the bytes, where `text.encode(charset)` does not give them back


def decode_body(body: bytes, *, declared: str | None = None, content_type: str | None = None) -> Decoded:
    """The text of `body`, byte order mark and line ends kept.

    Raises Permanent: `empty`, `oversized`, `binary` (a known file format, or null bytes) and `undecodable` (no charset
    reads it strictly, or it ends inside a character: the crawl cut it off).
    """
    _refuse_hopeless(body)
    claims = _claims(body, declared, content_type)
    bad: tuple[int, ...] = ()
    codec = claims[0] if claims and b"\x00" in body and body.isascii() else "utf-8"  # ASCII in two bytes a character
    try:  # Chinese in another charset is valid UTF-8 by chance only in a few words
        text = body.decode(codec)
    except UnicodeDecodeError:
        text, codec, bad = _most_readable(body, claims) or _with_few_faults(body, claims)
    if b"\x00" in body and "\x00" in text:
        raise Permanent(Reason.BINARY, f"null character at {text.index(chr(0))}: not a text page")
    overruled = claims[0] if claims and claims[0] != codec and not body.isascii() else None
    return Decoded(text, codec, overruled, bad, None if _gives_back(text, codec, body, bad) else body)


def _most_readable(body: bytes, claims: list[str]) -> tuple[str, str, tuple[int, ...]] | None:
    """`body` in the charset in which it reads most like Chinese; None where it does in none."""
    best: tuple[float, str, str] | None = None
    for codec in dict.fromkeys((*claims, "gb18030", "big5hkscs", *_wide(body))):
        try:
            text = body.decode(codec)
        except UnicodeDecodeError:
            continue
        share = _readable_share(text)
        if best is None or share > best[0] + 0.02:
            best = (share, text, codec)
    return None if best is None or best[0] < MIN_PLAUSIBLE else (best[1], best[2], ())


def _gives_back(text: str, codec: str, body: bytes, bad: tuple[int, ...]) -> bool:
    return not bad and (codec == "utf-8" or text.encode(codec, "replace") == body)


def _refuse_hopeless(body: bytes) -> None:
    if not body.strip():
        raise Permanent(Reason.EMPTY, "no body; submit the bytes of the page in the field `body`")
    if len(body) > MAX_BYTES:
        raise Permanent(Reason.OVERSIZED, f"{len(body)} bytes, at most {MAX_BYTES}")
    head = body[:FORM_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(_MAGICS):
        name = next(name for magic, name in _SIGNATURES if head.startswith(magic))
        raise Permanent(Reason.BINARY, f"{name}; submit the text of the report or its HTML page")
    name = next((name for form, name in _FORMS if form.match(head)), "")
    if name:
        raise Permanent(Reason.BINARY, name)
    if body.isascii() and (shift := _SHIFTS.search(body)):
        raise Permanent(
            Reason.UNDECODABLE,
            f"a seven-bit charset (ISO-2022 or HZ, byte {shift.start()}): submit it as UTF-8 or GB18030",
        )


def _claims(body: bytes, declared: str | None, content_type: str | None) -> list[str]:
    """Codecs named by the byte order mark, the HTTP charset and `<meta>`, in this order."""
    names = [codec for mark, codec in _BYTE_ORDER_MARKS if body.startswith(mark)][:1] if body[0] in _MARKED else []
    found = _CHARSET.search(content_type) if content_type else None
    meta = _META.search(body, 0, META_BYTES) if body.find(b"<", 0, META_BYTES) >= 0 else None
    if not (declared or found or meta):
        return names
    labels = [declared or "", found[1] if found else ""]
    if meta is not None and _CODECS.get(meta[1].decode("ascii").lower(), "").startswith("utf-16"):
        labels.append("utf-8")  # a <meta> that can be read byte by byte cannot stand in UTF-16 (HTML standard)
    elif meta is not None:
        labels.append(meta[1].decode("ascii"))
    names += [_CODECS[label] for name in labels if (label := name.strip().lower()) in _CODECS]
    return list(dict.fromkeys(names))


def _wide(body: bytes) -> tuple[str, ...]:
    """UTF-16 without a byte order mark shows itself by null bytes beside ASCII, or by nothing at all."""
    head = body[:4096]
    if b"\x00" not in head:
        return ()
    return ("utf-16-le", "utf-16-be") if head[1::2].count(0) >= head[::2].count(0) else ("utf-16-be", "utf-16-le")


def _readable_share(text: str) -> float:
    """Share of characters that are common in Chinese pages, 0 … 1; characters no page holds count against it."""
    sample = text[:SAMPLE_CHARACTERS]
    wide = [c for c in sample if c > "\x7f"]
    if not wide:
        return 0.6 if "\x00" not in sample else 0.0
    common = sum(c in _COMMON for c in wide) / len(wide)
    plausible = len(_PLAUSIBLE.findall("".join(wide))) / len(wide)
    never = len(_NEVER.findall("".join(wide))) / len(wide)
    return max(0.0, 0.5 * plausible + 0.5 * min(1.0, 2 * common) - 5 * never)


def _with_few_faults(body: bytes, claims: list[str]) -> tuple[str, str, tuple[int, ...]]:
    """Read `body` although a few sequences in it are broken. Raises Permanent where they are many or at its end."""
    fewest: tuple[int, str, str, tuple[int, ...]] | None = None
    detail = "neither UTF-8, UTF-16, GB18030 nor Big5"
    for codec in dict.fromkeys((*claims, "utf-8", "gb18030", "big5hkscs")):
        try:
            body.decode(codec)
        except UnicodeDecodeError as error:
            if codec in (claims or ["utf-8"])[:1] or codec == "utf-8":
                detail = f"{error.reason} at byte {error.start} as {codec}"
            cut_off = error.end >= len(body) - 1 and error.reason in _CUT_OFF
            if cut_off and _readable_share(body[: error.start].decode(codec, "ignore")) >= MIN_PLAUSIBLE:
                raise Permanent(
                    Reason.UNDECODABLE,
                    f"the page ends inside a character (byte {error.start} of {len(body)}, {codec}): crawl it again",
                ) from error
        text = body.decode(codec, "replace")
        bad = tuple(found.start() for found in re.finditer("\ufffd", text))
        if 0 < len(bad) <= MAX_BAD_SEQUENCES and (fewest is None or len(bad) < fewest[0]) and (
            _readable_share(text) >= MIN_PLAUSIBLE
        ):  # fmt: skip
            fewest = (len(bad), text, codec, bad)
    if fewest is None:
        raise Permanent(Reason.UNDECODABLE, detail)
    _, text, codec, bad = fewest
    return text, codec, bad


_CUT_OFF = ("unexpected end of data", "incomplete multibyte sequence", "truncated data")
