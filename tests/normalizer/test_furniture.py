"""The report is kept from its title to its signature; the page around it goes."""

from __future__ import annotations

import re

import pytest

from services.normalizer.furniture import rule_of, rules
from shared.errors import Permanent
from tests.support.patterns import WHITE_SPACE, begins, branches_of, holds

FORBIDDEN = (
    "首页",
    "浏览",
    "字体",
    "打印",
    "分享",
    "扫一扫",
    "上一篇",
    "下一篇",
    "ICP",
    "主办",
    "相关",
    "网站地图",
    "版权所有",
    "2022年度",
)
HEADS = {
    "breadcrumb and stamp": "首页 > 政务公开 > 法治政府建设年度报告\n{title}\n发布日期：2024-01-20 17:08　来源：县司法局　浏览次数：12\n",
    "labels over values": "返回顶部\n{title}\n  • 索引号:\n\n    000/2024-1\n  • 发文日期:\n\n    2024年01月16日\n  • 发布日期:\n\n    2024年01月20日 16:34\n",
    "pipe table": "索 引 号 | 000/2024-1 | 主题分类 | 法治 |\n成文日期 | 2024-01-13 | 发布日期 | 2024-01-20 |\n标 题 | {title} |\n{title}\n",
    "date of today": "白石县人民政府 2019年12月3日星期二\n无障碍 简体| 繁体\n{title}\n来源:县政府办公室 发布时间:2024-01-20 09:18\n{title}\n",
    "one tool a line": "下载\n|\n打印\n|\n收藏\n【字号：\n大\n中\n小\n】\n{title}\n来源：县政府网\n2024-01-20 09:02:33\n",
    "letter-spaced title": "{spaced}\n时间：2024-01-20\n",
    "title on two lines": "{first}\n{second}\n发布时间：2024-01-20\n",
    "red head": "白石县人民政府文件\n白政〔2024〕3号\n{title}\n发布日期：2024年1月20日\n",
}
TAILS = {
    "nothing": "",
    "scan": "\n扫一扫在手机打开当前页",
    "tools and neighbours": "\n【打印】 【关闭】\n上一篇：白石县2022年度法治政府建设情况报告\n下一篇：没有了",
    "related": "\n分享到：\n微信\n相关链接\n白石县2022年度法治政府建设情况报告 2023-01-11\n白石县2022年度政府工作要点",
    "footer": "\n主办：白石县人民政府　承办：白石县人民政府办公室\n网站标识码：1234560001　云ICP备12345678号\n网站地图 | 联系我们",
    "imprint": "\n抄送：县委办公室。\n白石县人民政府办公室 2024年1月16日印发",
}


def page(head: str, report: tuple[str, ...], tail: str, joint: str = "\n") -> str:
    title, *text = report
    first, second = title.split("关于")
    return (
        head.format(title=title, spaced=" ".join(title), first=first, second="关于" + second) + joint.join(text) + tail
    )


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("head", HEADS)
def test_nothing_but_the_report_is_kept(normalize, report_lines, head, tail):
    report = normalize(page(HEADS[head], report_lines, TAILS[tail]))
    expected = [line.replace("（", "(").replace("）", ")") for line in report_lines]
    assert report.text.split("\n") == expected
    document = report.document
    assert (document.title, document.published, document.signed) == (report_lines[0], "2024-01-20", "2024-01-15")
    assert (document.issuer, document.level, document.report_year) == ("白石县人民政府", "county", 2023)
    assert not any(word in report.text for word in FORBIDDEN)


@pytest.mark.parametrize(
    "head", ["第三章 下一步工作", "下一步打算", "【下步打算】", "叁、下一步打算", "Ⅲ、下一步工作", "3 下一步工作"]
)
def test_the_last_heading_stays_over_short_lines_without_a_signature(normalize, report_lines, head):
    page = "\n".join((*report_lines[:-4], head, "举办培训班10期。", "审查合同30份。"))
    assert head.replace(" ", "") in normalize(page + "\n版权所有：白石县人民政府\n").text.replace(" ", "")


def test_a_page_on_one_line_loses_only_its_furniture(normalize, report_lines):
    title, *text = report_lines
    written = f"首页 > 法治政府 {title} 发布时间：2024-01-20 17:08 来源：县司法局 字体：[大 中 小] " + " ".join(text)
    report = normalize(written + " 扫一扫在手机打开当前页 上一篇：白石县2022年度法治政府建设情况报告")
    lines = report.text.split("\n")
    assert lines[0] == title
    assert lines[1].startswith(text[0])
    assert lines[1].endswith("白石县人民政府 2024年1月15日")
    assert report.document.published == "2024-01-20"


@pytest.mark.parametrize(
    "head",
    [
        "<div><h1>{title}</h1><p>发布时间：2024-01-20 <span>来源：县政府办</span></p><div>{text}</div></div>",
        (
            "<table><tr><td><a>栏目</a></td><td><table><tr><td>{title}</td></tr><tr><td>时间：2024-1-20</td></tr>"
            "<tr><td>{text}</td></tr></table></td></tr></table>"
        ),
        "<div>{title}</div><div>发布日期：2024年01月20日</div>{text}",
        (
            "<table><tr><td>索引号：</td><td>0001</td><td>发布日期：</td><td>2024-01-20</td></tr><tr><td>名称：</td>"
            "<td colspan=3>{title}</td></tr></table><h2>{title}</h2>{text}"
        ),
    ],
)
def test_html_layouts(normalize, report_lines, head):
    title, *text = report_lines
    navigation = "<ul>" + "".join(f"<li><a>{name}</a></li>" for name in ("首页", "政务公开", "互动交流")) + "</ul>"
    aside = "<div><h3>相关信息</h3><ul><li><a>白石县2022年度法治政府建设情况报告</a></li></ul></div>"
    body = head.format(title=title, text="".join(f"<p>　　{line}</p>\n" for line in text))
    footer = "<div>主办：白石县人民政府 <a>网站地图</a></div>"
    report = normalize(f"<html><body>{navigation}{body}{aside}{footer}</body></html>")
    assert report.text.split("\n") == [line.replace("（", "(").replace("）", ")") for line in report_lines]
    assert report.document.published == "2024-01-20"


def test_a_title_only_in_the_head_of_the_page_is_read(normalize, html_page, report_lines):
    report = normalize(html_page.replace(f"<h1>{report_lines[0]}</h1>", ""))
    assert report.document.title == report_lines[0]
    start, end = report.document.read_at["title"]
    assert report.source.text[start:end] == report_lines[0]


SHORT = (
    "白石县水利局2023年度法治政府建设情况报告",
    "2023年，白石县水利局认真落实法治政府建设各项任务。",
    "一、主要工作",
    "全年办理水行政处罚案件12件，行政许可34件，开展普法宣传5场次。",
    "二、下一步打算",
    "继续推进依法行政。",
)
ROWS = ("项目\t数量", "行政处罚\t12件", "行政许可\t34件")
SIGNED = ("白石县水利局", "2024年1月15日")


def short_page(*text: str, before: str = "", after: str = "", title: str = "") -> str:
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in line.split("\t")) + "</tr>" for line in text if "\t" in line
    )
    blocks = "".join(f"<div>{line}</div>" for line in text if "\t" not in line)
    table = f"<table>{rows}</table>" if rows else ""
    return (
        f'<html><head><meta name="ArticleTitle" content="{SHORT[0]}"></head><body>{before}<div>{title}'
        f'<div id="zoom">{blocks}{table}</div></div>{after}<div><p>主办：白石县人民政府　承办：白石县人民政府办公室，'
        "网站标识码：1234560001</p><p>您的浏览器版本过低，为了更好的体验，建议使用其他浏览器浏览本站。</p></div></body></html>"
    )


@pytest.mark.parametrize("text", [SHORT[1:], SHORT[1:] + SIGNED, SHORT[1:] + ROWS, SHORT[1:2] + ROWS])
def test_a_short_report_keeps_all_of_its_lines(normalize, text):
    """The lists of other reports below are longer than the report."""
    related = "".join(
        f"<li><a>白石县水利局{year}年度法治政府建设情况报告</a><span>{year + 1}-01-11</span></li>"
        for year in (2022, 2021)
    )
    report = normalize(short_page(*text, after=f"<div><h3>相关文章</h3><ul>{related}</ul></div>"))
    assert report.text.split("\n") == list(text)
    assert report.document.title == SHORT[0]


@pytest.mark.parametrize("mark", ["扫一扫在手机打开当前页", "相关链接", "下一篇：没有了"])
@pytest.mark.parametrize("place", [-5, -4, -3])
def test_a_mark_of_the_end_between_two_parts_ends_nothing(normalize, mark, place):
    """Pages of several leaves carry it on each; the part behind it may be short."""
    plan = "2024年，继续推进依法行政，力争行政处罚案卷合格率达到98%。"
    text = [*SHORT[1:-1], plan, *SIGNED]
    report = normalize("\n".join([SHORT[0], *text[:place], mark, *text[place:]]))
    assert [line for line in report.text.split("\n") if line != mark] == [SHORT[0], *text]


def test_news_beside_a_short_report_ends_at_its_signature(normalize):
    news = "<div><h4>图说</h4><p>近日，白石县召开全县法治建设工作会议，总结2023年工作，安排部署2024年任务，要求抓好落实。</p></div>"
    report = normalize(short_page(*SHORT[1:], *SIGNED, after=news, title=f"<h1>{SHORT[0]}</h1>"))
    assert report.text.split("\n") == [*SHORT, *SIGNED]


def test_what_the_page_hides_by_an_attribute_is_gone(normalize):
    popup = "<div hidden><p>感谢您的评价，您的意见对我们十分重要，祝您生活愉快。</p></div>"
    report = normalize(short_page(*SHORT[1:], after=popup, title=f"<h1>{SHORT[0]}</h1>"))
    assert report.text.split("\n") == list(SHORT)


@pytest.mark.parametrize("date", ["2024年1月", "2024-01-15", "2024年1月15日（此件公开发布）"])
def test_a_signature_keeps_its_date(normalize, date):
    report = normalize("\n".join([*SHORT, SIGNED[0], date]))
    assert report.text.split("\n")[-2:] == [SIGNED[0], date.replace("（", "(").replace("）", ")")]


@pytest.mark.parametrize(
    "written",
    [
        "{title}_白石县人民政府",
        "{title} - 法治政府建设 - 白石县人民政府",
        "白石县人民政府网站-{title}",
        "法治政府建设年度报告_{title}",
        "首页 &gt; 政务公开 > {title}&nbsp;",
        "通知公告 {title}",
    ],
)
def test_the_title_is_told_from_the_names_of_site_and_column(normalize, html_page, report_lines, written):
    title = report_lines[0]
    head, body = html_page.replace(f"<h1>{title}</h1>", "").split("</head>")
    assert head.count(title) >= 1
    page = (
        re.sub("<title>.*?</title>", "", head).replace(title, "")
        + f"<title>{written.format(title=title)}</title></head>{body}"
    )
    report = normalize(page)
    start, end = report.document.read_at["title"]
    assert report.document.title == report.source.text[start:end] == title


def test_an_annex_table_after_the_text_is_kept(normalize, report_lines):
    page = (
        "\n".join(report_lines[:-2])
        + "\n行政执法情况表\n类别\t件数\n行政许可\t1204\n白石县人民政府\n2024年1月15日\n打印"
    )
    lines = normalize(page).text.split("\n")
    assert lines[-5:] == ["行政执法情况表", "类别\t件数", "行政许可\t1204", "白石县人民政府", "2024年1月15日"]


def test_a_page_of_single_words_with_blank_lines_between_is_refused_as_empty(normalize):
    with pytest.raises(Permanent, match="empty"):
        normalize("\n\n".join(f"{direction}镇" for direction in "东西南北上下左右前后"))


def test_hard_wrapped_lines_are_joined(normalize, report_lines):
    title, *text = report_lines
    wrapped = [title]
    for paragraph in text:
        indented = "　　" + paragraph
        wrapped += [indented[at : at + 20] for at in range(0, len(indented), 20)]
    assert normalize("\n".join(wrapped)).text == normalize("\n".join(report_lines)).text


def test_marks_of_markdown_are_removed(normalize, report_lines):
    title, *text = report_lines
    page = f"# {title}\n\n**发布时间**：2024-01-20\n\n" + "\n\n".join(
        f"## {line}" if line[1] == "、" else line for line in text
    )
    assert normalize(page).text == normalize("\n".join(report_lines)).text


def test_of_a_link_of_markdown_only_its_words_are_text(normalize, report_lines):
    title, first, *rest = report_lines
    page = "\n".join(
        [
            "![](https://www.example.gov/logo.png)",
            f"# {title}",
            f"{first} [附件](https://www.example.gov/a_(1).pdf)",
            *rest,
        ]
    )
    text = normalize(page).text
    assert "example" not in text
    assert f"{first} 附件\n" in text


def test_what_an_account_writes_around_its_article_is_gone(normalize, report_lines):
    title, *rest = report_lines
    head = ["Original 平安白石 平安白石", "*2024年01月20日 17:30* *江南*", "点击上方“平安白石”关注我们"]
    tail = [
        "— **END** —",
        "来源 | 白石县司法局",
        "编辑 | 甲",
        "Scan to Follow",
        "：，，，，，。 视频 赞 ，轻点两下取消赞 在看",
    ]
    report = normalize("\n".join([title, *head, *rest, *tail]))
    assert report.text == normalize("\n".join(report_lines)).text
    assert report.document.published == "2024-01-20"


def test_line_ends_that_are_written_as_signs_break_lines(normalize, report_lines):
    text = normalize("\n".join(report_lines)).text
    assert normalize(r"\n".join(report_lines)).text == text
    assert normalize(r"\r\n\u3000\u3000".join(report_lines)).text == text


def test_a_table_with_pipes_becomes_cells(normalize, report_lines):
    page = "\n".join(report_lines[:-2]) + "\n类别 | 件数 |\n---|---|\n行政许可 | 1204 |\n白石县人民政府\n2024年1月15日"
    assert normalize(page).text.split("\n")[-4:-2] == ["类别\t件数", "行政许可\t1204"]


def test_a_table_with_spaces_becomes_cells(normalize, report_lines):
    for gap in ("      ", "\u3000\u3000", " "):
        rows = [["部门", "处罚", "许可"], ["城管局", "120", "3"], ["市场监管局", "1,204", "-"]]
        page = "\n".join([*report_lines[:-2], *(gap.join(row) for row in rows), "白石县人民政府", "2024年1月15日"])
        assert normalize(page).text.split("\n")[-5:-2] == ["\t".join(row) for row in rows]


def test_lines_with_a_number_at_their_end_are_no_table(normalize, report_lines):
    page = "\n".join([*report_lines[:-2], "受理案件 12", "审结案件 10", "白石县人民政府", "2024年1月15日"])
    assert "\t" not in normalize(page).text


def test_page_marks_inside_the_text_are_removed(normalize, report_lines):
    with_marks = "\n- 3 -\n".join(report_lines[:6]) + "\n第 2 页 共 3 页\n" + "\n".join(report_lines[6:])
    assert normalize(with_marks).text == normalize("\n".join(report_lines)).text


def test_what_is_removed_is_logged_with_its_span(normalize, report_lines):
    report = normalize(page(HEADS["breadcrumb and stamp"], report_lines, TAILS["scan"]))
    removed = {change.rule: report.source.text[change.raw_start : change.raw_end] for change in report.changes}
    assert removed["furniture.breadcrumb"] == "首页 > 政务公开 > 法治政府建设年度报告"
    assert removed["furniture.scan_code"] == "扫一扫在手机打开当前页"


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule in rules() for line in rule.yes])
def test_each_rule_takes_its_examples(rule, line):
    assert rule.pattern.fullmatch(line)
    assert rule_of(line) is not None


@pytest.mark.parametrize("rule", [rule for rule in rules() if rule.first or rule.holds], ids=lambda rule: rule.name)
def test_no_line_matches_a_rule_without_the_signs_that_the_rule_names(rule):
    """The quick look for these signs must never hide a match; lines are trimmed, so none begins with white space."""
    for branch in branches_of(rule.pattern.pattern):
        assert begins(branch, rule.first | WHITE_SPACE) or holds(branch, rule.holds)


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule in rules() for line in rule.no])
def test_each_rule_leaves_what_only_looks_like_it(rule, line):
    assert not rule.pattern.fullmatch(line)


@pytest.mark.parametrize(
    "bar",
    ["上一页 1 2 3 下一页", "上一页 1 2 3 下一页 共3页", "（第1页 共3页）", "— 3 —", "首页 上一页 1 2 下一页 尾页"],
)
def test_a_bar_between_the_pages_of_a_report_goes_and_the_report_goes_on(normalize, report_lines, bar):
    expected = [line.replace("（", "(").replace("）", ")") for line in report_lines]
    text = "\n".join((*report_lines[:4], bar, *report_lines[4:], bar))
    assert normalize(text).text.split("\n") == expected
    blocks = "".join(f"<p>{line}</p>" for line in (*report_lines[:4], bar, *report_lines[4:], bar))
    assert normalize(f"<html><body><div>{blocks}</div></body></html>").text.split("\n") == expected
