"""Invented pages for the real stages: each of its own place, so that no two are one report."""

from __future__ import annotations

_FIRST = "云清白青丰临江河石松柳竹梅兰桂柏"
_SECOND = "岭溪沙川泉湖峰岗塘浦桥渡坪湾洲原"
#: Figures that every page states.
FACTS = 4


def invented_page(number: int) -> str:
    """Page `number`; below 256 they have different places, from there on different years too."""
    county = f"{_FIRST[number // 16 % 16]}{_SECOND[number % 16]}县"
    year = 2015 + number // 256 % 10
    return (
        f"{county}人民政府{year}年法治政府建设年度报告\n\n一、主要做法\n"
        f"全年受理行政复议案件{100 + number}件，审结{90 + number}件。开展执法培训{3 + number}场次。\n"
        f"二、存在的问题\n法治宣传仍需加强，{county}全年清理规范性文件{10 + number}件。\n"
        f"{county}人民政府\n{year + 1}年1月15日\n"
    )
