"""Heads of invented pages and the whole document record that the annotation guide asks for.

Each page is written in one of the ways that government sites, plain-text crawls and encyclopaedia pages have.
A field that the table does not name is expected to be null.
"""

from __future__ import annotations

import pytest

FIRST = "全县扎实推进法治政府建设，受理行政复议案件134件，审结110件。"
REST = (
    "一、主要工作\n依法履行职能，办理行政许可1204件，按时办结率为99.5%。\n二、下一步打算\n继续规范行政执法，加强培训。"
)
BODY = f"2023年，{FIRST}\n{REST}"
UNDATED = f"一年来，{FIRST}\n{REST}"

CITY_TEXT = UNDATED.replace("全县", "全市各县区")

TITLE = "桐溪县2023年法治政府建设情况报告"
COUNTY = {"title": TITLE, "issuer": "桐溪县人民政府", "county": "桐溪县", "level": "county", "report_year": 2023}
BUREAU = {"issuer": "桐溪县水利局", "county": "桐溪县", "level": "department"}
CITY = {"issuer": "云河市人民政府", "city": "云河市", "level": "prefecture", "report_year": 2023}
FIELDS = ("title", "issuer", "level", "report_year", "published", "signed", "document_number", "addressee")


def html(title: str, *paragraphs: str, head: str = "", above: str = "") -> str:
    text = "".join(f"<p>　　{line}</p>" for line in paragraphs)
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body><div class="nav"><a>首页</a> &gt; '
        f'<a>政务公开</a></div><div class="article">{title}{above}<div class="content">{text}</div></div>'
        "<div>主办：桐溪县人民政府办公室</div></body></html>"
    )


HEADS = {
    # The opening sentence is no title
    "opening sentence with a colon behind a publication line": (
        (
            "桐溪县法治政府建设情况报告\n\n2022-03-01 信息来源：县政府办公室\n"
            f"根据有关规定，现将我县2021年法治政府建设情况报告如下：\n{REST}"
        ),
        COUNTY | {"title": "桐溪县法治政府建设情况报告", "report_year": 2021, "published": "2022-03-01"},
    ),
    "opening sentence that names its year like a title": (
        f"{TITLE}\n发布时间：2024-02-01 来源：县府办\n现将桐溪县2023年法治政府建设工作情况报告如下\n{REST}",
        COUNTY | {"published": "2024-02-01"},
    ),
    "opening sentence that begins with a body": (
        (
            "关于2023年法治政府建设情况的报告\n2024-01-09\n"
            f"桐溪县人民政府关于2023年度法治政府建设工作情况汇报如下：\n{REST}"
        ),
        COUNTY | {"title": "关于2023年法治政府建设情况的报告", "published": "2024-01-09"},
    ),
    "opening sentence of one word on the reporting": (
        f"{TITLE}\n县人民政府：\n按照要求，现就2023年法治政府建设情况作如下报告。\n{REST}",
        COUNTY | {"addressee": "县人民政府"},
    ),
    # A title on several lines
    "title broken after the year": (
        f"桐溪县水利局关于2020年度\n法治政府建设工作情况的报告\n{UNDATED}",
        BUREAU | {"title": "桐溪县水利局关于2020年度法治政府建设工作情况的报告", "report_year": 2020},
    ),
    "title broken behind the body's name": (
        f"桐溪县人民政府\n2023年度法治政府建设情况报告\n{UNDATED}",
        COUNTY | {"title": "桐溪县人民政府2023年度法治政府建设情况报告"},
    ),
    "title on three lines": (
        f"桐溪县水利局\n关于2023年度\n法治政府建设情况的报告\n{UNDATED}",
        BUREAU | {"title": "桐溪县水利局关于2023年度法治政府建设情况的报告", "report_year": 2023},
    ),
    "title broken inside of its subject": (
        f"桐溪县人民政府关于2023年法治政府\n建设情况的报告\n{UNDATED}",
        COUNTY | {"title": "桐溪县人民政府关于2023年法治政府建设情况的报告"},
    ),
    "title broken before the last word": (
        f"中共桐溪县水利局党组关于2023年度法治政府建设情况的\n报告\n{UNDATED}",
        {
            "title": "中共桐溪县水利局党组关于2023年度法治政府建设情况的报告",
            "report_year": 2023,
            "county": "桐溪县",
            "issuer": "中共桐溪县水利局党组",
            "level": "department",
        },
    ),
    "title broken inside of a name in brackets": (
        f"桐溪县人民政府关于贯彻落实《法治政府建设\n实施纲要（2021-2025年）》2023年度情况的报告\n{UNDATED}",
        COUNTY | {"title": "桐溪县人民政府关于贯彻落实《法治政府建设实施纲要（2021-2025年）》2023年度情况的报告"},
    ),
    "title in HTML with a break": (
        html("<h1>桐溪县水利局关于2023年度<br>法治政府建设工作情况的报告</h1>", *UNDATED.split("\n")),
        BUREAU | {"title": "桐溪县水利局关于2023年度法治政府建设工作情况的报告", "report_year": 2023},
    ),
    # The year
    "no year in the title, the first sentence begins with it": (
        f"桐溪县法治政府建设工作报告\n2020年，{FIRST}\n{REST}",
        COUNTY | {"title": "桐溪县法治政府建设工作报告", "report_year": 2020},
    ),
    "no year in the title, a year without 年 in the first sentence": (
        f"桐溪县法治政府建设工作报告\n2020年度，{FIRST}\n{REST}",
        COUNTY | {"title": "桐溪县法治政府建设工作报告", "report_year": 2020},
    ),
    "no year in the title, the year behind a plan of several years": (
        "桐溪县法治政府建设工作报告\n根据《法治政府建设实施纲要（2021-2025年）》，现将2022年工作情况报告如下：\n"
        + REST,
        COUNTY | {"title": "桐溪县法治政府建设工作报告", "report_year": 2022},
    ),
    "no year in the title, the year last in the first sentence": (
        "桐溪县法治政府建设工作报告\n"
        "自2015年纲要印发以来，我县坚持依法行政，现将2019年度法治政府建设情况报告如下：\n" + REST,
        COUNTY | {"title": "桐溪县法治政府建设工作报告", "report_year": 2019},
    ),
    "no year in the title nor in the first sentence": (
        f"桐溪县法治政府建设工作报告\n{UNDATED}",
        COUNTY | {"title": "桐溪县法治政府建设工作报告", "report_year": None},
    ),
    "years of publication and of the report": (
        f"2024-01-30\n桐溪县水利局2023年法治政府建设工作总结及2024年工作打算\n{UNDATED}",
        BUREAU
        | {
            "title": "桐溪县水利局2023年法治政府建设工作总结及2024年工作打算",
            "report_year": 2023,
            "published": "2024-01-30",
        },
    ),
    "year in Chinese numerals": (
        f"桐溪县人民政府二○一六年度依法行政工作报告\n{UNDATED}\n桐溪县人民政府\n二○一七年一月二十日",
        COUNTY | {"title": "桐溪县人民政府二○一六年度依法行政工作报告", "report_year": 2016, "signed": "2017-01-20"},
    ),
    # Labels and signs around the title
    "label before the title": (
        f"标题：桐溪县2020年法治政府建设情况报告\n索引号：000/2021-01\n{UNDATED}",
        COUNTY | {"title": "桐溪县2020年法治政府建设情况报告", "report_year": 2020},
    ),
    "label of a table before the title, title again above the text": (
        f"名 称：{TITLE}\n发布机构：桐溪县人民政府办公室\n发布日期：2024-01-20\n{TITLE}\n{BODY}",
        COUNTY | {"published": "2024-01-20"},
    ),
    "letter-spaced title": (
        f"桐 溪 县 2 0 2 3 年 法 治 政 府 建 设 情 况 报 告\n{BODY}",
        COUNTY,
    ),
    "title in brackets": (f"《{TITLE}》\n{BODY}", COUNTY),
    "markdown title": (f"# {TITLE}\n\n**发布日期：** 2024-01-20\n\n{BODY}", COUNTY | {"published": "2024-01-20"}),
    "title in the head alone": (
        html("", *BODY.split("\n"), head=f"<title>{TITLE}_桐溪县人民政府门户网站</title>"),
        COUNTY,
    ),
    "title in ArticleTitle alone": (
        html(
            "",
            *BODY.split("\n"),
            head=f'<title>桐溪县人民政府</title><meta name="ArticleTitle" content="{TITLE}">'
            '<meta name="PubDate" content="2024-01-20 10:11">',
        ),
        COUNTY | {"published": "2024-01-20"},
    ),
    "title as h2 with a line of publication": (
        html(
            f"<h2>{TITLE}</h2>",
            *BODY.split("\n"),
            above="<div><span>发布时间：2024-01-20 09:30</span><span>来源：桐溪县司法局</span><span>浏览次数：12</span></div>",
        ),
        COUNTY | {"published": "2024-01-20"},
    ),
    "subtitle": (
        f"依法行政 服务为民\n——{TITLE}\n{BODY}",
        COUNTY,
    ),
    "subtitle under the title": (
        f"{TITLE}\n——2024年1月15日在桐溪县第十届人大常委会第三次会议上\n桐溪县人民政府\n主任、各位副主任、各位委员：\n{BODY}",
        COUNTY,
    ),
    "date in brackets under the title": (
        f"{TITLE}\n（2024年1月15日）\n{BODY}",
        COUNTY | {"signed": "2024-01-15"},
    ),
    "name of the body in brackets under the title": (
        f"2023年法治政府建设工作总结\n（桐溪县水利局）\n{UNDATED}",
        BUREAU | {"title": "2023年法治政府建设工作总结", "report_year": 2023},
    ),
    "name of the body and date under the title": (
        f"2023年法治政府建设工作总结\n桐溪县水利局\n（2024年1月8日）\n{UNDATED}",
        BUREAU | {"title": "2023年法治政府建设工作总结", "report_year": 2023, "signed": "2024-01-08"},
    ),
    # Issuers
    "issuer in the signature alone": (
        f"关于2023年法治政府建设工作情况的报告\n{UNDATED}\n桐溪县水利局\n2024年1月8日",
        BUREAU | {"title": "关于2023年法治政府建设工作情况的报告", "report_year": 2023, "signed": "2024-01-08"},
    ),
    "issuer in the signature, uploaded by another office": (
        f"2023年度法治政府建设工作总结\n发布机构：云河市人民政府办公室 发布日期：2024-02-02\n{CITY_TEXT}\n云河市民政局\n2024年1月8日",
        {
            "title": "2023年度法治政府建设工作总结",
            "issuer": "云河市民政局",
            "city": "云河市",
            "level": "department",
            "report_year": 2023,
            "published": "2024-02-02",
            "signed": "2024-01-08",
        },
    ),
    "uploaded by the government's office": (
        (
            "索引号：0123/2024-00001 主题分类：法治\n发布机构：云河市人民政府办公室\n成文日期：2024年01月12日\n发布日期：2024年01月18日\n"
            f"云河市2023年法治政府建设情况报告\n{CITY_TEXT}"
        ),
        CITY | {"title": "云河市2023年法治政府建设情况报告", "signed": "2024-01-12", "published": "2024-01-18"},
    ),
    "neither the title nor the text names a body but the uploader does": (
        f"2023年法治政府建设年度报告\n来源：桐溪县人民政府办公室 发布时间：2024-01-20\n{UNDATED}",
        COUNTY | {"title": "2023年法治政府建设年度报告", "published": "2024-01-20"},
    ),
    "sub-district office": (
        f"清河街道办事处2023年度法治政府建设工作报告\n{BODY}",
        {
            "title": "清河街道办事处2023年度法治政府建设工作报告",
            "issuer": "清河街道办事处",
            "level": "township",
            "report_year": 2023,
        },
    ),
    "town of a county": (
        f"桐溪县石桥镇人民政府2023年法治政府建设工作总结\n{BODY}",
        {
            "title": "桐溪县石桥镇人民政府2023年法治政府建设工作总结",
            "issuer": "桐溪县石桥镇人民政府",
            "county": "桐溪县",
            "level": "township",
            "report_year": 2023,
        },
    ),
    "zone": (
        f"云河经济技术开发区管委会2023年法治政府建设年度报告\n云河市人民政府：\n{BODY}",
        {
            "title": "云河经济技术开发区管委会2023年法治政府建设年度报告",
            "issuer": "云河经济技术开发区管委会",
            "city": "云河市",
            "county": "云河经济技术开发区",
            "level": "functional_zone",
            "report_year": 2023,
            "addressee": "云河市人民政府",
        },
    ),
    "zone without its committee": (
        f"云河高新区2023年法治政府建设情况报告\n{BODY.replace('全县', '云河市高新区管委会')}",
        {
            "title": "云河高新区2023年法治政府建设情况报告",
            "issuer": "云河高新区管委会",
            "city": "云河市",
            "county": "云河高新区",
            "level": "functional_zone",
            "report_year": 2023,
        },
    ),
    "province": (
        f"澜江省人民政府关于2023年法治政府建设情况的报告\n{BODY.replace('全县', '全省')}",
        {
            "title": "澜江省人民政府关于2023年法治政府建设情况的报告",
            "issuer": "澜江省人民政府",
            "province": "澜江省",
            "level": "province",
            "report_year": 2023,
        },
    ),
    "department of a province": (
        f"澜江省生态环境厅2023年法治政府建设年度报告\n{BODY.replace('全县', '全省')}",
        {
            "title": "澜江省生态环境厅2023年法治政府建设年度报告",
            "issuer": "澜江省生态环境厅",
            "province": "澜江省",
            "level": "department",
            "report_year": 2023,
        },
    ),
    "autonomous region": (
        f"内蒙古自治区人民政府2023年法治政府建设情况报告\n{BODY.replace('全县', '全区')}",
        {
            "title": "内蒙古自治区人民政府2023年法治政府建设情况报告",
            "issuer": "内蒙古自治区人民政府",
            "province": "内蒙古自治区",
            "level": "province",
            "report_year": 2023,
        },
    ),
    "autonomous prefecture": (
        f"南陇苗族侗族自治州人民政府2023年法治政府建设情况报告\n{BODY.replace('全县', '全州')}",
        {
            "title": "南陇苗族侗族自治州人民政府2023年法治政府建设情况报告",
            "issuer": "南陇苗族侗族自治州人民政府",
            "city": "南陇苗族侗族自治州",
            "level": "prefecture",
            "report_year": 2023,
        },
    ),
    "league": (
        f"哈林盟行政公署2023年法治政府建设情况报告\n{BODY.replace('全县', '全盟')}",
        {
            "title": "哈林盟行政公署2023年法治政府建设情况报告",
            "issuer": "哈林盟行政公署",
            "city": "哈林盟",
            "level": "prefecture",
            "report_year": 2023,
        },
    ),
    "banner": (
        f"乌兰格旗2023年度法治政府建设情况报告\n哈林盟行政公署：\n{BODY.replace('全县', '全旗')}",
        {
            "title": "乌兰格旗2023年度法治政府建设情况报告",
            "issuer": "乌兰格旗人民政府",
            "city": "哈林盟",
            "county": "乌兰格旗",
            "level": "county",
            "report_year": 2023,
            "addressee": "哈林盟行政公署",
        },
    ),
    "district of a municipality": (
        f"上海市桐溪区人民政府2023年法治政府建设情况报告\n{BODY.replace('全县', '全区')}",
        {
            "title": "上海市桐溪区人民政府2023年法治政府建设情况报告",
            "issuer": "上海市桐溪区人民政府",
            "province": "上海市",
            "county": "桐溪区",
            "level": "county",
            "report_year": 2023,
        },
    ),
    "commission of a municipality": (
        f"上海市交通委员会2023年法治政府建设情况报告\n{BODY.replace('全县', '全委')}",
        {
            "title": "上海市交通委员会2023年法治政府建设情况报告",
            "issuer": "上海市交通委员会",
            "province": "上海市",
            "level": "department",
            "report_year": 2023,
        },
    ),
    "commission for reform": (
        f"云河市发展和改革委员会关于2023年度法治政府建设情况的报告\n{BODY.replace('全县', '我委')}",
        {
            "title": "云河市发展和改革委员会关于2023年度法治政府建设情况的报告",
            "issuer": "云河市发展和改革委员会",
            "city": "云河市",
            "level": "department",
            "report_year": 2023,
        },
    ),
    "petitions office": (
        f"桐溪县信访局2023年度推进法治政府建设情况报告\n{BODY.replace('全县', '我局')}",
        {
            "title": "桐溪县信访局2023年度推进法治政府建设情况报告",
            "issuer": "桐溪县信访局",
            "county": "桐溪县",
            "level": "department",
            "report_year": 2023,
        },
    ),
    "year before the body": (
        f"2023年度云河市城市管理行政执法局法治政府建设工作总结\n{BODY.replace('全县', '我局')}",
        {
            "title": "2023年度云河市城市管理行政执法局法治政府建设工作总结",
            "issuer": "云河市城市管理行政执法局",
            "city": "云河市",
            "level": "department",
            "report_year": 2023,
        },
    ),
    # Dates
    "date of the signature over two lines": (
        f"{TITLE}\n{BODY}\n桐溪县人民政府\n2024年\n1月15日",
        COUNTY | {"signed": "2024-01-15"},
    ),
    "date with spaces": (f"{TITLE}\n{BODY}\n桐溪县人民政府\n2024 年 1 月 15 日", COUNTY | {"signed": "2024-01-15"}),
    "signature and date in Chinese numerals": (
        f"{TITLE}\n{BODY}\n桐溪县人民政府\n二〇二四年一月二十一日",
        COUNTY | {"signed": "2024-01-21"},
    ),
    "several dates on one line": (
        f"{TITLE}\n成文日期：2024-01-12 发布日期：2024-01-18 更新时间：2024-03-05 来源：县司法局 浏览次数：33\n{BODY}",
        COUNTY | {"signed": "2024-01-12", "published": "2024-01-18"},
    ),
    "update and publication, the update first": (
        f"{TITLE}\n更新时间：2024-03-05 发布时间：2024-01-18\n{BODY}",
        COUNTY | {"published": "2024-01-18"},
    ),
    "generated and made public": (
        f"{TITLE}\n生成日期：2024-01-12 公开日期：2024-01-19 公开方式：主动公开\n{BODY}",
        COUNTY | {"signed": "2024-01-12", "published": "2024-01-19"},
    ),
    "date before the source": (
        f"{TITLE}\n2024-01-18 10:22 来源：桐溪县司法局 【字体：大 中 小】\n{BODY}",
        COUNTY | {"published": "2024-01-18"},
    ),
    "date in slashes": (f"{TITLE}\n日期：2024/1/8 点击：300\n{BODY}", COUNTY | {"published": "2024-01-08"}),
    "signature before its date on one line": (
        f"{TITLE}\n{BODY}\n桐溪县人民政府2024年1月15日",
        COUNTY | {"signed": "2024-01-15"},
    ),
    # Tables, numbers, addressees
    "table of metadata": (
        (
            "索 引 号\t000014349/2024-00012\t主题分类\t法治政府\n发文机关\t桐溪县人民政府\t成文日期\t2024年01月12日\n"
            f"标　　题\t{TITLE}\n发文字号\t桐政报〔2024〕3号\t发布日期\t2024年01月18日\n{TITLE}\n{BODY}"
        ),
        COUNTY | {"signed": "2024-01-12", "published": "2024-01-18", "document_number": "桐政报〔2024〕3号"},
    ),
    "table of metadata down the page": (
        f"索引号：\n0001/2024\n发文字号：\n桐政〔2024〕5号\n成文日期：\n2024-01-12\n发布日期：\n2024-01-18\n{TITLE}\n{BODY}",
        COUNTY | {"signed": "2024-01-12", "published": "2024-01-18", "document_number": "桐政〔2024〕5号"},
    ),
    "number under the title": (
        f"{TITLE}\n桐政报[2024]3号\n云河市人民政府：\n{BODY}\n桐溪县人民政府\n2024年1月15日",
        COUNTY
        | {
            "document_number": "桐政报[2024]3号",
            "addressee": "云河市人民政府",
            "city": "云河市",
            "signed": "2024-01-15",
        },
    ),
    "number in round brackets": (
        f"桐政（2024）3号\n{TITLE}\n{BODY}",
        COUNTY | {"document_number": "桐政(2024)3号"},
    ),
    "party and government as addressee": (
        f"{TITLE}\n市委、市政府：\n{BODY}",
        COUNTY | {"addressee": "市委、市政府"},
    ),
    "standing committee as addressee": (
        f"{TITLE}\n县人大常委会：\n{BODY}",
        COUNTY | {"addressee": "县人大常委会"},
    ),
    "deputies are no addressee": (f"{TITLE}\n各位代表：\n{BODY}", COUNTY),
    "office of the leading group as addressee": (
        f"桐溪县水利局2023年法治政府建设工作总结\n县委全面依法治县委员会办公室：\n{UNDATED}",
        BUREAU
        | {
            "title": "桐溪县水利局2023年法治政府建设工作总结",
            "report_year": 2023,
            "addressee": "县委全面依法治县委员会办公室",
        },
    ),
    # Spans
    "span of two years": (
        f"桐溪县2019-2020年法治政府建设情况报告\n{UNDATED}",
        COUNTY | {"title": "桐溪县2019-2020年法治政府建设情况报告", "report_year": 2020},
    ),
    "five-year plan": (
        f"桐溪县“十三五”时期法治政府建设情况报告\n一年来，{FIRST}\n{REST}",
        COUNTY | {"title": "桐溪县“十三五”时期法治政府建设情况报告", "report_year": None},
    ),
    "first half of a year": (
        f"桐溪县2023年上半年法治政府建设工作总结\n{UNDATED}",
        COUNTY | {"title": "桐溪县2023年上半年法治政府建设工作总结"},
    ),
    # Encyclopaedia and Traditional
    "encyclopaedia page": (
        (
            f"《{TITLE}》是2024年1月18日由桐溪县人民政府发布的报告。\n基本介绍\n中文名：{TITLE}\n发布单位：桐溪县人民政府\n"
            f"发布时间：2024年1月18日\n目录\n全文\n{TITLE}\n{BODY}"
        ),
        COUNTY | {"published": "2024-01-18"},
    ),
    "Traditional page": (
        (
            "桐溪縣2023年法治政府建設情況報告\n發布時間：2024-01-18 來源：桐溪縣人民政府辦公室\n"
            "2023年,全縣紮實推進法治政府建設,受理行政復議案件134件,審結110件。\n一、主要工作\n依法履行職能,辦理行政許可1204件。"
        ),
        COUNTY | {"title": "桐溪縣2023年法治政府建設情況報告", "published": "2024-01-18"},
    ),
    "page on one line": (
        f"首页 > 政务公开 {TITLE} 发布时间：2024-01-18 来源：桐溪县司法局 2023年，{FIRST}"
        + "全县坚持把法治政府建设摆在突出位置，压实各级责任，完善制度。" * 8
        + " 桐溪县人民政府 2024年1月15日",
        COUNTY | {"published": "2024-01-18", "signed": "2024-01-15"},
    ),
    "no date at all": (f"{TITLE}\n{BODY}\n桐溪县人民政府", COUNTY),
}


HEADS |= {
    "short first sentence with the year": (
        f"桐溪县法治政府建设工作报告\n2020年，我县稳步推进。\n{UNDATED}",
        COUNTY | {"title": "桐溪县法治政府建设工作报告", "report_year": 2020},
    ),
    "year of the first sentence behind dates of publication": (
        f"桐溪县法治政府建设工作报告\n发布时间：2022年3月1日 10:20 来源：县司法局\n2021年，{FIRST}\n{REST}",
        COUNTY | {"title": "桐溪县法治政府建设工作报告", "report_year": 2021, "published": "2022-03-01"},
    ),
    "year in brackets behind the title": (
        f"桐溪县法治政府建设年度报告（2021年度）\n{UNDATED}",
        COUNTY | {"title": "桐溪县法治政府建设年度报告（2021年度）", "report_year": 2021},
    ),
    "bare year in brackets behind the title": (
        f"桐溪县法治政府建设年度报告（2021）\n{UNDATED}",
        COUNTY | {"title": "桐溪县法治政府建设年度报告（2021）", "report_year": 2021},
    ),
    "year of the body in the first sentence after the addressee": (
        f"桐溪县水利局法治政府建设工作总结\n县司法局：\n2022年度，桐溪县水利局{FIRST[2:]}\n{REST}",
        BUREAU | {"title": "桐溪县水利局法治政府建设工作总结", "report_year": 2022, "addressee": "县司法局"},
    ),
    "year given by its last day": (
        f"桐溪县法治政府建设工作报告\n截至2021年12月31日，{FIRST}\n{REST}",
        COUNTY | {"title": "桐溪县法治政府建设工作报告", "report_year": 2021},
    ),
    "year without 年 before its subject": (
        f"桐溪县2022年度推进依法行政工作情况报告\n{UNDATED}",
        COUNTY | {"title": "桐溪县2022年度推进依法行政工作情况报告", "report_year": 2022},
    ),
    "named in full with its city": (
        f"云河市桐溪县人民政府2023年度法治政府建设情况的报告\n{BODY}",
        COUNTY
        | {
            "title": "云河市桐溪县人民政府2023年度法治政府建设情况的报告",
            "issuer": "云河市桐溪县人民政府",
            "city": "云河市",
        },
    ),
    "department of a county named with its city": (
        f"云河市桐溪县市场监督管理局2023年度法治政府建设情况的报告\n{BODY}",
        BUREAU
        | {
            "title": "云河市桐溪县市场监督管理局2023年度法治政府建设情况的报告",
            "issuer": "云河市桐溪县市场监督管理局",
            "city": "云河市",
            "report_year": 2023,
        },
    ),
    "department with a district's name inside": (
        f"云河市自然资源局青石分局2023年度法治政府建设工作总结\n{BODY}",
        {
            "title": "云河市自然资源局青石分局2023年度法治政府建设工作总结",
            "issuer": "云河市自然资源局青石分局",
            "city": "云河市",
            "level": "department",
            "report_year": 2023,
        },
    ),
    "bureau of civil affairs of a city": (
        f"云河市民政局2023年度法治政府建设工作总结\n{BODY}",
        {
            "title": "云河市民政局2023年度法治政府建设工作总结",
            "issuer": "云河市民政局",
            "city": "云河市",
            "level": "department",
            "report_year": 2023,
        },
    ),
    "detachment": (
        f"云河市交通运输综合行政执法支队2023年法治政府建设工作总结\n{BODY}",
        {
            "title": "云河市交通运输综合行政执法支队2023年法治政府建设工作总结",
            "issuer": "云河市交通运输综合行政执法支队",
            "city": "云河市",
            "level": "department",
            "report_year": 2023,
        },
    ),
    "office of a government as issuer by its title": (
        f"桐溪县人民政府办公室2023年度法治政府建设工作总结\n{BODY}",
        BUREAU
        | {
            "title": "桐溪县人民政府办公室2023年度法治政府建设工作总结",
            "issuer": "桐溪县人民政府办公室",
            "report_year": 2023,
        },
    ),
    "district sub-district": (
        f"云河市青石区清河街道2023年法治政府建设工作总结\n{BODY}",
        {
            "title": "云河市青石区清河街道2023年法治政府建设工作总结",
            "issuer": "云河市青石区清河街道办事处",
            "city": "云河市",
            "county": "青石区",
            "level": "township",
            "report_year": 2023,
        },
    ),
    "ethnic township": (
        f"桐溪县白岭瑶族乡人民政府2023年法治政府建设工作总结\n{BODY}",
        {
            "title": "桐溪县白岭瑶族乡人民政府2023年法治政府建设工作总结",
            "issuer": "桐溪县白岭瑶族乡人民政府",
            "county": "桐溪县",
            "level": "township",
            "report_year": 2023,
        },
    ),
    "zone with a management committee in full": (
        f"青石湖旅游度假区管理委员会关于2023年度法治政府建设情况的报告\n{BODY}",
        {
            "title": "青石湖旅游度假区管理委员会关于2023年度法治政府建设情况的报告",
            "issuer": "青石湖旅游度假区管理委员会",
            "county": "青石湖旅游度假区",
            "level": "functional_zone",
            "report_year": 2023,
        },
    ),
    "bureau of a zone": (
        f"云河高新区综合执法局2023年度法治政府建设工作总结\n{BODY.replace('全县', '我局按照云河市委的部署')}",
        {
            "title": "云河高新区综合执法局2023年度法治政府建设工作总结",
            "issuer": "云河高新区综合执法局",
            "city": "云河市",
            "county": "云河高新区",
            "level": "department",
            "report_year": 2023,
        },
    ),
    "government and party as one": (
        f"中共桐溪县委、桐溪县人民政府关于2023年度法治政府建设情况的报告\n{BODY}",
        COUNTY | {"title": "中共桐溪县委、桐溪县人民政府关于2023年度法治政府建设情况的报告"},
    ),
    "title broken between two long halves with a line of publication": (
        "云河市桐溪县人民政府关于贯彻落实法治政府建设\n实施纲要2023年度工作情况的报告\n2024-01-09 来源：县政府办\n"
        + UNDATED,
        COUNTY
        | {
            "title": "云河市桐溪县人民政府关于贯彻落实法治政府建设实施纲要2023年度工作情况的报告",
            "city": "云河市",
            "issuer": "云河市桐溪县人民政府",
            "published": "2024-01-09",
        },
    ),
    "title with an addition on its own line": (
        f"桐溪县水利局2023年法治政府建设工作总结\n暨2024年工作计划\n{UNDATED}",
        BUREAU | {"title": "桐溪县水利局2023年法治政府建设工作总结暨2024年工作计划", "report_year": 2023},
    ),
    "title broken with white space at the break": (
        f"　　　　桐溪县人民政府关于　\n　　2023年度法治政府建设情况的报告　\n{UNDATED}",
        COUNTY | {"title": "桐溪县人民政府关于2023年度法治政府建设情况的报告"},
    ),
    "title with a blank line inside": (
        f"桐溪县水利局关于2020年度\n\n法治政府建设工作情况的报告\n\n{UNDATED}",
        BUREAU | {"title": "桐溪县水利局关于2020年度法治政府建设工作情况的报告", "report_year": 2020},
    ),
    "title in a menu, a crumb and the page": (
        html(
            f"<div>您当前的位置：首页 &gt; 法治政府建设年度报告 &gt; 正文</div><h1>{TITLE}</h1>",
            *BODY.split("\n"),
            head=f"<title>{TITLE}-法治政府建设年度报告-桐溪县人民政府</title>",
        ),
        COUNTY,
    ),
    "a letter of transmittal before the title": (
        f"桐政〔2024〕6号\n桐溪县人民政府\n关于2023年度法治政府建设情况的报告\n云河市人民政府：\n{UNDATED}\n桐溪县人民政府\n2024年1月15日",
        COUNTY
        | {
            "title": "桐溪县人民政府关于2023年度法治政府建设情况的报告",
            "document_number": "桐政〔2024〕6号",
            "city": "云河市",
            "addressee": "云河市人民政府",
            "signed": "2024-01-15",
        },
    ),
    "a number that the text cites": (
        f"{TITLE}\n根据《关于报送材料的通知》（云府办函〔2023〕88号）要求，现将有关情况报告如下：\n{REST}",
        COUNTY,
    ),
    "province with a number and two addressees": (
        f"云河市2023年法治政府建设情况报告\n省委、省政府：\n{CITY_TEXT}",
        CITY | {"title": "云河市2023年法治政府建设情况报告", "addressee": "省委、省政府"},
    ),
    "date on the line of its source, no colon": (
        f"{TITLE}\n来源：桐溪县司法局 2024-01-18 08:30:15\n{BODY}",
        COUNTY | {"published": "2024-01-18"},
    ),
    "date in Chinese characters as publication": (
        f"{TITLE}\n发布日期：2024年01月18日　　信息来源：县政府办　　浏览：1,203次\n{BODY}",
        COUNTY | {"published": "2024-01-18"},
    ),
    "expiry and coming into force are no publication": (
        f"{TITLE}\n生效日期：2024-01-12\n废止日期：\n发布日期：2024-01-18\n{BODY}",
        COUNTY | {"published": "2024-01-18"},
    ),
    "update alone": (f"{TITLE}\n更新时间：2024-03-05\n{BODY}", COUNTY | {"published": "2024-03-05"}),
    "year and month alone are no date": (f"{TITLE}\n发布时间：2024年1月\n{BODY}\n桐溪县人民政府\n2024年1月", COUNTY),
    "date before the body's name": (
        f"{TITLE}\n{BODY}\n2024年1月15日\n桐溪县人民政府",
        COUNTY | {"signed": "2024-01-15"},
    ),
    "contact after the signature": (
        f"{TITLE}\n{BODY}\n桐溪县人民政府\n2024年1月15日\n（联系人：某某，联系电话：0000-1234567）",
        COUNTY | {"signed": "2024-01-15"},
    ),
    "Traditional page with Taiwan words and brackets": (
        (
            "《桐溪縣2018年法治政府建設情況報告》是2019年桐溪縣人民政府發布的報告。\n基本介紹\n"
            "· 中文名：桐溪縣2018年法治政府建設情況報告\n· 發布單位：桐溪縣人民政府\n· 發布時間：2019年1月25日\n檔案全文\n"
            "2018年，全縣紮實推進法治政府建設，受理行政復議案件134件，審結110件。\n一、主要工作\n"
            "依法履行職能，辦理行政許可1204件，制定規範性檔案十二件。"
        ),
        COUNTY | {"title": "桐溪縣2018年法治政府建設情況報告", "report_year": 2018, "published": "2019-01-25"},
    ),
    "title with its site's name behind it in the head": (
        html("", *UNDATED.split("\n"), head="<title>桐溪县水利局2022年度法治政府建设工作总结 - 桐溪县人民政府</title>"),
        BUREAU | {"title": "桐溪县水利局2022年度法治政府建设工作总结", "report_year": 2022},
    ),
    "the government's office signs for the place of the title": (
        f"{TITLE}\n{BODY}\n桐溪县人民政府办公室\n2024年1月15日",
        COUNTY | {"signed": "2024-01-15"},
    ),
    "motto above the title": (
        f"坚持依法行政\n{TITLE}\n{BODY}",
        COUNTY,
    ),
    "site's name and menu above a title that begins with its year": (
        f"桐溪县人民政府门户网站\n首页\n政务公开\n法治政府建设\n2023年桐溪县法治政府建设情况报告\n{BODY}",
        COUNTY | {"title": "2023年桐溪县法治政府建设情况报告"},
    ),
    "heading right behind the title": (
        f"{TITLE}\n{REST}\n桐溪县人民政府",
        COUNTY,
    ),
    "title ends in 情况, its number on the next line": (
        f"桐溪县2023年法治政府建设工作情况\n桐政报〔2024〕3号\n{BODY}",
        COUNTY | {"title": "桐溪县2023年法治政府建设工作情况", "document_number": "桐政报〔2024〕3号"},
    ),
    "list of reports beside the page": (
        (
            "法治政府建设年度报告\n桐溪县2021年法治政府建设情况报告\n桐溪县2022年法治政府建设情况报告\n"
            f"{TITLE}\n发布时间：2024-01-18\n{BODY}"
        ),
        COUNTY | {"published": "2024-01-18"},
    ),
    "opening on the year of a plan": (
        f"桐溪县法治政府建设工作报告\n2022年是实施“十四五”规划的关键之年。{FIRST}\n{REST}",
        COUNTY | {"title": "桐溪县法治政府建设工作报告", "report_year": 2022},
    ),
    "years of a comparison in the opening": (
        f"桐溪县法治政府建设工作报告\n2022年以来，{FIRST}\n{REST}",
        COUNTY | {"title": "桐溪县法治政府建设工作报告", "report_year": 2022},
    ),
    "title with quotation marks": (
        f"桐溪县2023年度“法治政府建设”工作情况报告\n{BODY}",
        COUNTY | {"title": "桐溪县2023年度“法治政府建设”工作情况报告"},
    ),
    "report of a duty of the first responsible person": (
        f"桐溪县水利局党政主要负责人2023年度履行推进法治建设第一责任人职责情况报告\n{UNDATED}",
        BUREAU
        | {"title": "桐溪县水利局党政主要负责人2023年度履行推进法治建设第一责任人职责情况报告", "report_year": 2023},
    ),
    "full-width digits": (
        f"桐溪县２０２３年法治政府建设情况报告\n发布时间：２０２４－０１－１８\n{BODY}",
        COUNTY | {"title": "桐溪县２０２３年法治政府建设情况报告", "published": "2024-01-18"},
    ),
    "title and date on one line": (
        f"{TITLE} 2024-01-18\n{BODY}",
        COUNTY | {"published": "2024-01-18"},
    ),
    "title and publication line on one line": (
        f"{TITLE} 发布时间：2024-01-18 来源：县司法局 浏览次数：12\n{BODY}",
        COUNTY | {"published": "2024-01-18"},
    ),
    "the signature leaves out the city that the title names": (
        f"关于云河市桐溪县二〇二三年度法治政府建设情况的报告\n桐溪县人民政府\n（二〇二四年一月九日）\n市政府：\n{UNDATED}",
        COUNTY
        | {
            "title": "关于云河市桐溪县二〇二三年度法治政府建设情况的报告",
            "city": "云河市",
            "signed": "2024-01-09",
            "addressee": "市政府",
        },
    ),
    "two addressees": (
        f"{TITLE}\n市委全面依法治市委员会办公室，市司法局：\n{UNDATED}",
        COUNTY | {"addressee": "市委全面依法治市委员会办公室，市司法局"},
    ),
    "our bureau is no addressee": (f"{TITLE}\n我县各局：\n{BODY}", COUNTY),
    "names on two lines of one head": (
        html(
            "<h1>桐溪县水利局</h1><h1>2023年度法治政府建设工作总结</h1>",
            *UNDATED.split("\n"),
            above="<p>2024-01-18 来源：县水利局</p>",
        ),
        BUREAU | {"title": "桐溪县水利局2023年度法治政府建设工作总结", "report_year": 2023, "published": "2024-01-18"},
    ),
    "district of a municipality, its bureau": (
        f"重庆市桐溪区水利局2023年法治政府建设情况报告\n{BODY}",
        {
            "title": "重庆市桐溪区水利局2023年法治政府建设情况报告",
            "issuer": "重庆市桐溪区水利局",
            "province": "重庆市",
            "county": "桐溪区",
            "level": "department",
            "report_year": 2023,
        },
    ),
    # Pages without a title
    "a chapter's heading that reads like a title": (
        f"2023年，桐溪县{FIRST[2:]}\n一、2023年度推进法治政府建设工作情况\n(一)依法履职。{BODY}",
        COUNTY | {"title": None},
    ),
    "the body that the opening announces": (
        f"根据有关规定，现将桐溪县水利局2023年法治政府建设情况报告如下。\n{REST}",
        BUREAU | {"report_year": 2023},
    ),
    "the committee and the government of a place": (
        f"2023年，桐溪县委、县政府高度重视法治建设，{FIRST}\n{REST}",
        COUNTY | {"title": None},
    ),
    "all organs of a place": (
        f"2023年，云河市各级行政机关依法履职，全市各县区{FIRST[2:]}\n{REST}",
        CITY,
    ),
    "the bureau of a place that opens with the year": (
        f"2023年，桐溪县教育局认真履职，{FIRST}\n{REST}",
        BUREAU | {"issuer": "桐溪县教育局", "report_year": 2023},
    ),
    "clauses that open like names": (
        f"2023年，为筑牢核心区法治根基，持续营造依法治镇氛围，依托白石市平台，{FIRST}\n{REST}",
        {"report_year": 2023, "level": "county"},
    ),
    "places that were named for something": (
        f"2023年，我局{FIRST}\n桐溪县、青石县、白石镇入选示范名单。\n{REST}",
        {"report_year": 2023, "level": "department"},
    ),
    "a bureau that only calls itself 我局": (
        f"现将我局2023年度法治政府建设情况报告如下：\n{REST}",
        {"report_year": 2023, "level": "department"},
    ),
    "a town that only calls itself 我镇": (
        f"2023年，我镇{FIRST[2:]}\n{REST}",
        {"report_year": 2023, "level": "township"},
    ),
    "a ministry": (
        f"2023年，水利部坚持依法行政，{FIRST[2:]}\n{REST}",
        {"issuer": "水利部", "report_year": 2023, "level": "department"},
    ),
    "a government that only its meetings show": (
        f"2023年，县政府常务会议听取汇报，{FIRST[2:]}\n{REST}",
        {"report_year": 2023, "level": "county"},
    ),
    "the leading group of a ministry": (
        f"2023年，水利部党组坚持依法行政，{FIRST[2:]}\n{REST}",
        {"issuer": "水利部", "report_year": 2023, "level": "department"},
    ),
    "clauses that end like the government of a place": (
        f"2023年，完善由区政府领导负责的机制，{FIRST}\n{REST}",
        {"report_year": 2023, "level": "county"},
    ),
    "a ministry of former times": (
        f"2017年，原环境保护部深入推进依法行政，{FIRST[2:]}\n{REST}",
        {"issuer": "环境保护部", "report_year": 2017, "level": "department"},
    ),
    # Titles that only the text around them shows
    "a title that the text is glued to on one line": (
        f"桐溪县人民政府2023年法治政府建设情况报告{BODY}".replace("\n", "") + BODY.replace("\n", ""),
        COUNTY | {"title": "桐溪县人民政府2023年法治政府建设情况报告"},
    ),
    "committee and government on lines of their own": (
        f"中共桐溪镇党委\n\n桐溪镇人民政府\n\n关于桐溪镇2023年度法治政府建设情况的报告\n\n中共桐溪县委、桐溪县人民政府：\n{UNDATED}",
        {
            "title": "中共桐溪镇党委桐溪镇人民政府关于桐溪镇2023年度法治政府建设情况的报告",
            "issuer": "桐溪镇人民政府",
            "county": "桐溪县",
            "level": "township",
            "report_year": 2023,
            "addressee": "中共桐溪县委、桐溪县人民政府",
        },
    ),
    "a ministry that publishes": (
        f"水利部发布2023年法治政府建设年度报告\n{UNDATED}",
        {
            "title": "水利部发布2023年法治政府建设年度报告",
            "issuer": "水利部",
            "report_year": 2023,
            "level": "department",
        },
    ),
    # Publication lines as lists and cells
    "labels and values in a list with dots": (
        (
            f"{TITLE}\n  • 信息索引号:\n  • 000001/2024-1\n  • 文件编号:\n  • 桐政〔2024〕3号\n  • 责任部门:\n  • 县司法局\n"
            f"  • 发布时间:\n  • 2024-03-04\n  • 点击率:\n\n{BODY}"
        ),
        COUNTY | {"published": "2024-03-04", "document_number": "桐政〔2024〕3号"},
    ),
    "labels in brackets": (
        f"[ 索引号 ] 000001/2024-1 [ 发文字号 ]\n[ 成文日期 ] 2024-01-22 [ 发布日期 ] 2024-02-10\n\n{TITLE}\n{BODY}",
        COUNTY | {"published": "2024-02-10", "signed": "2024-01-22"},
    ),
    "labels and values with a space between": (
        f"索引号 000001/2024-1\n组配分类 工作总结 发布机构 县司法局\n生成日期 2024-01-22 公开方式 主动公开\n{TITLE}\n{BODY}",
        COUNTY | {"signed": "2024-01-22"},
    ),
    "values without labels in a list with dots": (
        f"• 000001/2024-1\n• 法制\n• 县司法局\n• 2024-03-22\n• 2024-03-22\n\n{TITLE}\n\n{TITLE}\n{BODY}",
        COUNTY | {"published": "2024-03-22"},
    ),
    "a label glued to the document number": (
        f"发文字号桐政〔2024〕3号\n{TITLE}\n{BODY}",
        COUNTY | {"document_number": "桐政〔2024〕3号"},
    ),
    "a title in a cell over all columns of a wide table": (
        f"{TITLE} | {'|' * 320}\n|\n{'|' * 320}\n{BODY}",
        COUNTY,
    ),
    "a text that begins with its addressee behind lost indents": (
        f"市人民政府:\n??{BODY}".replace("\n一", "\n??一"),
        {"addressee": "市人民政府", "report_year": 2023, "level": "county"},
    ),
    "a date with spaces": (
        f"{TITLE}\n发布日期: 2024- 01- 13 16 : 26 浏览次数:\n{BODY}",
        COUNTY | {"published": "2024-01-13"},
    ),
    "a letter before the report": (
        (
            f"桐溪县水利局关于2023年度法治政府建设情况的报告\n桐水〔2024〕3号\n县委、县政府：\n根据有关规定，现呈送我局2023年度法治政府建设情况报告，请审阅。\n"
            f"桐溪县水利局\n2024年3月8日\n桐溪县水利局2023年度法治政府建设情况\n{UNDATED}"
        ),
        BUREAU
        | {
            "title": "桐溪县水利局关于2023年度法治政府建设情况的报告",
            "report_year": 2023,
            "signed": "2024-03-08",
            "document_number": "桐水〔2024〕3号",
            "addressee": "县委、县政府",
        },
    ),
    "a title twice, the first time with its body above it": (
        f"桐溪县人民政府\n关于2023年度法治政府建设情况的报告\n关于2023年度法治政府建设情况的报告\n{BODY}",
        COUNTY | {"title": "桐溪县人民政府关于2023年度法治政府建设情况的报告"},
    ),
    "a title broken behind its body, under an empty label": (
        f"索引号: 000001/2024-1\n文号:\n桐溪县水利局\n2023年法治政府建设报告\n{UNDATED}",
        BUREAU | {"title": "桐溪县水利局2023年法治政府建设报告", "report_year": 2023},
    ),
    "a body as the value of its label above the title": (
        f"索引号: 000001/2024-1\n发布机构:\n县司法局\n2023年法治政府建设报告\n{UNDATED.replace('全县', '桐溪县水利局')}",
        BUREAU | {"title": "2023年法治政府建设报告", "report_year": 2023},
    ),
    "a title with the name of its column, and the suffix of a file": (
        f"【法治政府】{TITLE}.docx\n{BODY}",
        COUNTY,
    ),
    "a body on the line above that the title is not of": (
        f"发布日期\n2024-03-04\n来源\n县司法局\n2023年度桐溪县人民政府法治政府建设工作情况\n{UNDATED}",
        COUNTY | {"title": "2023年度桐溪县人民政府法治政府建设工作情况", "published": "2024-03-04"},
    ),
    "a title with its number in brackets before it": (
        f"标题: [桐政〔2024〕3号]{TITLE}\n[桐政〔2024〕3号]{TITLE}\n{BODY}",
        COUNTY | {"document_number": "桐政〔2024〕3号"},
    ),
    "a title with the meeting behind it": (
        f"{TITLE}——2024年1月15日在桐溪县第十届人民代表大会常务委员会第九次会议上\n{BODY}",
        COUNTY,
    ),
    "a body without its place in the title, in full in the text": (
        f"水利局2023年度法治政府建设报告\n2023年，湖州市水利局扎实推进法治政府建设。\n{REST}",
        {
            "title": "水利局2023年度法治政府建设报告",
            "issuer": "湖州市水利局",
            "city": "湖州市",
            "level": "department",
            "report_year": 2023,
        },
    ),
    "a body with its level in the text, in full in the name of its plan": (
        f"2023年，县水利局坚持依法行政，制定《长兴县水利局2023年普法计划》。\n{REST}",
        {"issuer": "长兴县水利局", "county": "长兴县", "level": "department", "report_year": 2023},
    ),
    "a street between the year and those who lead it": (
        f"2023年，柳坞街道在区委、区政府的坚强领导下，坚持依法行政，{FIRST[2:]}\n{REST}",
        {"issuer": "柳坞街道办事处", "level": "township", "report_year": 2023},
    ),
    "a body whose name an addressee ends like": (
        f"青石区委全面依法治区委员会：\n柳坞街道办事处坚持依法行政，认真落实2023年工作要点。{FIRST[2:]}\n{REST}",
        {
            "issuer": "柳坞街道办事处",
            "county": "青石区",
            "level": "township",
            "addressee": "青石区委全面依法治区委员会",
            "report_year": 2023,
        },
    ),
    "a body that the text names in full once": (
        f"本报告按照有关要求，结合国家税务总局桐溪县税务局（以下简称“县税务局”）2023年工作实际编制。\n{REST}",
        {"issuer": "国家税务总局桐溪县税务局", "county": "桐溪县", "level": "department", "report_year": 2023},
    ),
    "a notice of a plan in plain text": (
        f"首页 > 政务公开\n桐溪县人民政府关于印发桐溪县依法行政考核办法的通知\n各镇人民政府：\n现将办法印发给你们，请认真执行。\n{REST}",
        {
            "title": "桐溪县人民政府关于印发桐溪县依法行政考核办法的通知",
            "issuer": "桐溪县人民政府",
            "county": "桐溪县",
            "level": "county",
        },
    ),
    # The production corps
    "a division of the corps with its city": (
        f"新疆生产建设兵团第三师图木舒克市2023年法治政府建设工作报告\n{BODY}",
        {
            "title": "新疆生产建设兵团第三师图木舒克市2023年法治政府建设工作报告",
            "issuer": "新疆生产建设兵团第三师图木舒克市人民政府",
            "county": "图木舒克市",
            "level": "county",
            "report_year": 2023,
        },
    ),
    "a division of the corps in the first sentence": (
        f"2023年法治政府建设情况报告\n2023年，第三师图木舒克市扎实推进法治政府建设。\n{REST}",
        {
            "title": "2023年法治政府建设情况报告",
            "issuer": "第三师图木舒克市人民政府",
            "county": "图木舒克市",
            "level": "county",
            "report_year": 2023,
        },
    ),
    "a division of the corps that signs": (
        f"2023年度法治政府建设工作报告\n{BODY}\n新疆生产建设兵团第十二师\n2024年1月30日",
        {
            "title": "2023年度法治政府建设工作报告",
            "issuer": "新疆生产建设兵团第十二师",
            "level": "prefecture",
            "report_year": 2023,
            "signed": "2024-01-30",
        },
    ),
    "an office of the corps": (
        f"新疆生产建设兵团交通运输局2023年法治政府建设情况报告\n{BODY}",
        {
            "title": "新疆生产建设兵团交通运输局2023年法治政府建设情况报告",
            "issuer": "新疆生产建设兵团交通运输局",
            "level": "department",
            "report_year": 2023,
        },
    ),
    # Headlines, and reports that call themselves otherwise
    "a headline and the title on one line": (
        f"奋楫扬帆启新程——桐溪县水利局2023年法治政府建设工作纪实\n{BODY}",
        BUREAU | {"title": "奋楫扬帆启新程——桐溪县水利局2023年法治政府建设工作纪实", "report_year": 2023},
    ),
    # Dates
    "body and date in digits under the title": (
        f"关于2023年法治政府建设情况的报告\n桐溪县水利局   2024-01-15\n{UNDATED}",
        BUREAU | {"title": "关于2023年法治政府建设情况的报告", "report_year": 2023, "published": "2024-01-15"},
    ),
    "body and date in digits under the text": (
        f"关于2023年法治政府建设情况的报告\n{UNDATED}\n桐溪县水利局 2024-01-15",
        BUREAU | {"title": "关于2023年法治政府建设情况的报告", "report_year": 2023, "signed": "2024-01-15"},
    ),
    "a publication line in English": (
        f"{TITLE}\nPosted on: March 5, 2024 Source: Office\n{BODY}",
        COUNTY | {"published": "2024-03-05"},
    ),
    "a date in English alone": (f"{TITLE}\nSept. 15th, 2024\n{BODY}", COUNTY | {"published": "2024-09-15"}),
    "the first month by its old name": (
        f"{TITLE}\n{BODY}\n桐溪县人民政府\n2024年元月5日",
        COUNTY | {"signed": "2024-01-05"},
    ),
    "an article of an account with its name and its province": (
        f"{TITLE}\n原创小桐平安桐溪2024-01-11 18:30发表于江南\n{BODY}\n阅读原文",
        COUNTY | {"published": "2024-01-11"},
    ),
    # Whose the page is, where the report does not say
    "a department by the breadcrumb": (
        f"首页>部门信息公开>桐溪县水利局>法治建设\n法治政府建设年度报告（2023年度）\n一年来，我局{FIRST[2:]}\n{REST}",
        BUREAU | {"title": "法治政府建设年度报告（2023年度）", "report_year": 2023},
    ),
    "the breadcrumb of a site on which another body speaks": (
        f"首页>桐溪县人民政府>法治建设\n法治政府建设年度报告（2023年度）\n一年来，我局{FIRST[2:]}\n{REST}",
        {"title": "法治政府建设年度报告（2023年度）", "level": "department", "report_year": 2023},
    ),
    "a department by the source in the head": (
        html(
            "<h1>2023年法治政府建设工作总结</h1>",
            f"一年来，我局{FIRST[2:]}",
            REST,
            head='<meta name="ContentSource" content="桐溪县水利局">',
        ),
        BUREAU | {"title": "2023年法治政府建设工作总结", "report_year": 2023},
    ),
    "a department by the name of its site": (
        html(
            "<h1>2023年法治政府建设工作总结</h1>",
            f"一年来，我局{FIRST[2:]}",
            REST,
            head="<title>2023年法治政府建设工作总结_桐溪县水利局网站</title>",
        ),
        BUREAU | {"title": "2023年法治政府建设工作总结", "report_year": 2023},
    ),
    "a body without its place, in full on a publication line": (
        f"县水利局2023年法治政府建设工作总结\n发布机构：长兴县水利局\n{UNDATED}",
        {
            "title": "县水利局2023年法治政府建设工作总结",
            "issuer": "长兴县水利局",
            "county": "长兴县",
            "level": "department",
            "report_year": 2023,
        },
    ),
    "a notice above the menu": (
        (
            "<html><body><div>本网站使用Cookie以提供更佳的浏览体验，继续使用即表示您同意。</div><p>请先阅读本站说明，谢谢。"
            "本站支持无障碍浏览，按住键盘即可切换。</p><nav><a>主页</a></nav>"
            f"<h1>{TITLE}</h1><p>发布日期：2024-03-18</p><p>{BODY}</p></body></html>"
        ),
        COUNTY | {"published": "2024-03-18"},
    ),
}


@pytest.mark.parametrize(("page", "expected"), HEADS.values(), ids=HEADS)
def test_the_document_record_of_a_page(normalize, page, expected):
    document = normalize(page).document
    found = {name: getattr(document, name) for name in FIELDS}
    found |= {name: getattr(document.place, name) for name in ("province", "city", "county")}
    assert {name: value for name, value in found.items() if value is not None} == {
        name: value for name, value in expected.items() if value is not None
    }


@pytest.mark.parametrize("town", ["新桥镇", "太和镇", "古城镇", "于集镇", "建设镇", "青石江路街道", "和平乡"])
def test_a_town_that_no_table_knows_is_read_from_the_first_sentence(normalize, town):
    office = "办事处" if town.endswith("街道") else "人民政府"
    document = normalize(f"2023年，在上级的领导下，{town}坚持依法行政，{FIRST[2:]}\n{REST}").document
    assert (document.issuer, document.level) == (town + office, "township")


def test_a_line_under_a_body_that_is_no_date_is_no_signature(normalize):
    page = f"桐溪县水利局2023年法治政府建设情况报告\n{FIRST}\n桐溪县水利局\n2024年新年的第一个工作日\n{REST}"
    assert normalize(page).document.signed is None
