"""The texts that everything is measured on: reports of any length, with as many figures and headings as real ones.

Sentences with figures come from the annotated samples, sentences without from the list below: in annual reports about one
number in 93 to 100 characters is a fact, and a heading stands every 190 to 250; the standard report has 75 facts. Every digit and the place are drawn anew from a
seed, so that no two reports are alike and none is remembered by a cache.
"""

from __future__ import annotations

import os
import random
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
REFERENCE = Path(os.environ.get("FAZHI_REFERENCE", ROOT.parent / "shared"))
#: Pages that are plain UTF-8, so that their sentences can be taken as they are.
_SOURCES = (
    "luting-2020.txt",
    "qingyan-hitech-2020.txt",
    "qingyan-market-2022.txt",
    "wanglan-2021.txt",
    "linhe-2017.txt",
)
_MARKER = re.compile(
    r"^[\s\u3000]*(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|[0-9]{1,2}[.、．])"
)
_NUMERALS = "一二三四五六七八九十"
_CHAPTERS = ("主要工作情况", "依法全面履行政府职能", "完善依法行政制度体系", "规范公正文明执法", "化解社会矛盾纠纷")
_SYLLABLES = "澄栖溪岭泽川麓洲屏汀霁棠浔岚荻桐蓼芷葭樟"
_WORDS = (
    "坚持把法治建设放在全局工作中谋划推进，压紧压实各级责任，推动各项任务落地见效。",
    "县政府常务会议定期听取法治建设情况汇报，及时研究解决工作中的难点堵点。",
    "完善重大行政决策程序，严格落实公众参与、专家论证、风险评估、合法性审查和集体讨论决定的要求。",
    "健全行政规范性文件制定和监督管理制度，做到有件必备、有备必审、有错必纠。",
    "持续规范行政执法行为，全面推行公示、全过程记录和法制审核，执法公信力稳步提升。",
    "加强对执法人员的教育管理，引导其增强程序意识、证据意识和服务意识。",
    "深化行政审批制度改革，推动更多事项网上办、掌上办、就近办，群众办事更加便捷。",
    "畅通复议受理渠道，注重实质性化解争议，努力做到定分止争、案结事了。",
    "支持人民法院依法独立行使审判权，尊重并执行生效裁判，推动负责人出庭又出声。",
    "自觉接受人大监督、政协民主监督、监察监督和社会监督，认真办理代表建议和委员提案。",
    "完善矛盾纠纷多元化解机制，推动人民调解、行政调解、司法调解衔接联动。",
    "落实谁执法谁普法责任，结合重要时间节点开展形式多样的宣传，营造尊法学法守法用法的氛围。",
    "推进政务公开标准化规范化，主动回应社会关切，让权力在阳光下运行。",
    "优化法治化营商环境，平等保护各类经营主体合法权益，让企业安心经营、放心发展。",
    "健全突发事件应对体系，完善应急预案，提高依法处置能力和水平。",
    "推动公共法律服务向基层延伸，让群众在家门口就能得到及时便利的帮助。",
)
_TITLES = (
    "强化组织领导",
    "健全制度机制",
    "规范行政执法",
    "优化营商环境",
    "加强法治宣传",
    "化解矛盾纠纷",
    "推进政务公开",
    "完善监督体系",
)
#: Sentences without a figure for each one with figures, and the paragraph of each chapter that has none: together they
#: give the density of facts above.
_PLAIN_SENTENCES = 5
_PARAGRAPHS = 6
_WITHOUT_FIGURES = 5
#: The report that the targets speak of.
STANDARD_LENGTH = 7_000


@cache
def sentences() -> tuple[str, ...]:
    """Sentences of the samples that hold a figure, without the number of their paragraph."""
    found: list[str] = []
    for name in _SOURCES:
        path = SAMPLES / name
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [f"{part}。" for line in lines for part in _MARKER.sub("", line).strip().split("。")]
    return tuple(part for part in found if 15 <= len(part) <= 90 and re.search("[0-9]", part))


def report(length: int = STANDARD_LENGTH, seed: int = 0) -> str:
    """One invented annual report of about `length` characters."""
    chance = random.Random(f"{length}/{seed}")
    # Three of twenty and nine years: 200,000 reports are three a body and year, as copies of real ones are. With two there
    # were sixty, and as many candidates for being the same report.
    place = "".join(chance.sample(_SYLLABLES, 3)) + "县"
    year = chance.randint(2016, 2024)
    lines = [
        f"{place}{year}年法治政府建设年度报告",
        f"{year}年，{place}认真落实各项部署，扎实推进依法行政。现将有关情况报告如下：",
    ]
    written = sum(map(len, lines))
    item = 0
    while written < length:
        chapter, paragraph = divmod(item, _PARAGRAPHS)
        if paragraph == 0:
            lines.append(f"{_numeral(chapter)}、{_CHAPTERS[chapter % len(_CHAPTERS)]}")
        figures = re.sub("[1-9]", lambda _: str(chance.randint(1, 9)), chance.choice(sentences()))
        plain = chance.sample(_WORDS, _PLAIN_SENTENCES + 1)
        body = plain if paragraph == _WITHOUT_FIGURES else [*plain[1:], figures]
        chance.shuffle(body)
        lines.append(f"（{_numeral(paragraph)}）{chance.choice(_TITLES)}。{''.join(body)}")
        written += len(lines[-1])
        item += 1
    lines += [f"{place}人民政府", f"{year + 1}年1月{chance.randint(10, 28)}日"]
    return "\n".join(lines)


def _numeral(index: int) -> str:
    tens, ones = divmod(index % 90 + 1, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _NUMERALS[tens - 1] + "十") + (
        _NUMERALS[ones - 1] if ones else ""
    )


def pages(count: int, length: int = STANDARD_LENGTH, first: int = 0) -> list[bytes]:
    """`count` different pages, as a crawler would bring them."""
    return [report(length, first + number).encode() for number in range(count)]


def reference_texts() -> dict[str, list[str]]:
    """The reference's documents by collection, where they are at hand; empty elsewhere."""
    folders = {
        "annual reports": REFERENCE / "corpus" / "reports",
        "work reports": REFERENCE / "corpus" / "work-reports",
    }
    return {
        name: [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))]
        for name, folder in folders.items()
        if folder.is_dir()
    }
