"""Document fields by the rules of the annotation guide."""

from __future__ import annotations

import pytest

from services.normalizer.dates import find_dates
from services.normalizer.divisions import divisions
from services.normalizer.genre import genre_of
from services.normalizer.place_names import Named, name_parts
from services.normalizer.places import Surroundings, locate

BODY = "2023年，全县扎实推进法治政府建设，受理行政复议案件134件，审结110件。\n一、主要工作\n依法履行职能，办理行政许可1204件。"


def located(issuer: str, *, addressee: str = "", text: str = "", year: int = 2023):
    place, level = locate(issuer, Surroundings(name_parts(addressee), addressee, text, year))
    return place.province, place.city, place.county, place.code, level


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        # Invented places: by the form of the name alone.
        ("青川省人民政府", ("青川省", None, None, None, "province")),
        ("云河市白石县人民政府", (None, "云河市", "白石县", None, "county")),
        ("白石县青山镇人民政府", (None, None, "白石县", None, "township")),
        ("云河市白石区青石街道办事处", (None, "云河市", "白石区", None, "township")),
        ("白石县住房和城乡建设局", (None, None, "白石县", None, "department")),
        ("白石县城市管理局", (None, None, "白石县", None, "department")),
        ("云河市青石新区管理委员会", (None, "云河市", "青石新区", None, "functional_zone")),
        ("云河市人力资源和社会保障局", (None, "云河市", None, None, "department")),
        ("国家税务总局云河市白石县税务局", (None, "云河市", "白石县", None, "department")),
        ("云河市生态环境局白石县分局", (None, "云河市", "白石县", None, "department")),
        ("云河市自然资源局青石分局", (None, "云河市", None, None, "department")),
        ("中共白石县委机构编制委员会办公室", (None, None, "白石县", None, "department")),
        ("区城市管理局", (None, None, None, None, "department")),
        ("县人民政府", (None, None, None, None, "county")),
        ("街道办事处", (None, None, None, None, "township")),
        ("市政府", (None, None, None, None, None)),  # of a prefecture or of a county
        # Real names: cut by the table, with their code.
        ("湛江海关", (None, "湛江市", None, "440800", "department")),
        ("中华人民共和国连云港海事局", (None, "连云港市", None, "320700", "department")),
        ("昆明铁路监督管理局", (None, "昆明市", None, "530100", "department")),
        ("云河海关", (None, None, None, None, "department")),
        ("上海海关", ("上海市", None, None, "310000", "department")),
        ("上海市宝山区人民政府", ("上海市", None, "宝山区", "310113", "county")),
        ("浦东新区人民政府", (None, None, "浦东新区", "310115", "county")),
        ("义乌市人民政府", (None, None, "义乌市", "330782", "county")),
        ("乐山高新区管委会", (None, "乐山市", "乐山高新区", "511100", "functional_zone")),
        ("浙江湖州市人民政府", ("浙江省", "湖州市", None, "330500", "prefecture")),
        ("昆山经济技术开发区管委会", (None, "昆山市", "昆山经济技术开发区", "320583", "functional_zone")),
        ("浦东新区管理委员会", (None, None, "浦东新区", "310115", "functional_zone")),
        ("阿坝州人民政府", (None, "阿坝州", None, "513200", "prefecture")),
        ("沙市区人民政府", (None, None, "沙市区", "421002", "county")),
        ("内蒙古自治区人民政府", ("内蒙古自治区", None, None, "150000", "province")),
        ("朝阳区人民政府", (None, None, "朝阳区", None, "county")),  # three districts have this name
    ],
)
def test_place_and_level_from_a_name(issuer, expected):
    assert located(issuer) == expected


@pytest.mark.parametrize(
    ("issuer", "addressee", "text", "expected"),
    [
        ("云河市人民政府", "青川省人民政府", "", ("青川省", "云河市", None, None, "prefecture")),
        ("云河市人民政府", "白山市人民政府", "", (None, "白山市", "云河市", None, "county")),
        ("白石县人民政府", "云河市人民政府", "", (None, "云河市", "白石县", None, "county")),
        # 自治区 and 自治州 alone name nobody.
        ("白石自治县人民政府", "自治区人民政府", "", (None, None, "白石自治县", None, "county")),
        ("白石自治县人民政府", "自治州人民政府", "", (None, None, "白石自治县", None, "county")),
        ("自治区人民政府", "", "", (None, None, None, None, "province")),
        ("自治州政府", "", "", (None, None, None, None, "prefecture")),
        ("自治区司法厅", "", "", (None, None, None, None, "department")),
        (
            "白石县人民政府",
            "",
            "落实《云河市重大行政决策程序规定》和《青川省行政程序规定》",
            ("青川省", "云河市", "白石县", None, "county"),
        ),
        ("朝阳区人民政府", "", "在北京市委领导下", ("北京市", None, "朝阳区", "110105", "county")),
        # A certificate or a form is no rule of a superior.
        ("白石县司法局", "", "持《青川省行政执法证》上岗", (None, None, "白石县", None, "department")),
        ("白石县司法局", "", "印发《云河市行政处罚决定书》", (None, None, "白石县", None, "department")),
        ("白石县司法局", "", "落实《青川省行政执法证管理办法》", ("青川省", None, "白石县", None, "department")),
        ("云河海关", "", "服务云河市外贸发展", (None, "云河市", None, None, "department")),
        ("湖州市人民政府", "", "赴四川省考察", (None, "湖州市", None, "330500", "prefecture")),
        # Bodies that no name places: by the rules that the text names.
        (
            "柳坞街道办事处",
            "",
            "落实《上海市法治政府建设规划》和《宝山区2023年工作要点》",
            ("上海市", None, "宝山区", "310113", "township"),
        ),
        ("市水利局", "", "执行《湖州市河道管理规定》", (None, "湖州市", None, "330500", "department")),
        ("市水利局", "", "学习《安吉县河道管理规定》", (None, None, None, None, "department")),
        ("柳坞镇人民政府", "", "学习《长兴县工作要点》《安吉县工作要点》", (None, None, None, None, "township")),
    ],
)
def test_superiors_come_from_the_text_alone(issuer, addressee, text, expected):
    assert located(issuer, addressee=addressee, text=text) == expected


def test_a_code_is_the_one_of_the_report_year():
    assert located("密云县人民政府", text="北京市", year=2012)[3] == "110228"
    assert located("密云区人民政府", text="北京市", year=2020)[3] == "110118"
    assert located("密云区人民政府", text="北京市", year=2012)[3] is None
    assert located("巢湖市人民政府", year=2009)[3:] == ("341400", "prefecture")
    assert located("巢湖市人民政府", year=2015)[3:] == ("340181", "county")


def test_every_division_has_a_code_of_six_digits():
    for group in divisions().values():
        for division in group:
            assert len(division.code) == 6
            assert division.code.isdigit()
            assert division.first <= division.last


def test_a_name_without_a_place_has_no_parts():
    assert name_parts("法治政府建设年度报告")[:5] == Named()[:5]
    assert name_parts("全县法治政府建设")[:5] == Named()[:5]


@pytest.mark.parametrize(
    ("title", "issuer", "level", "year"),
    [
        ("白石县2023年法治政府建设工作总结", "白石县人民政府", "county", 2023),
        ("2023年度白石县法治政府建设情况报告", "白石县人民政府", "county", 2023),
        ("关于白石县2023年法治政府建设情况的报告", "白石县人民政府", "county", 2023),
        ("白石县水利局2023年度法治政府建设工作报告", "白石县水利局", "department", 2023),
        ("青石街道2022年度法治政府建设工作报告", "青石街道办事处", "township", 2022),
        ("云河高新区管委会2021年法治政府建设年度报告", "云河高新区管委会", "functional_zone", 2021),
        ("云河市人民政府关于二〇一九年度依法行政工作情况的报告", "云河市人民政府", None, 2019),
        ("白石县残疾人联合会2023年法治政府建设工作总结", "白石县残疾人联合会", "department", 2023),
        ("国家统计局白石调查队关于2023年法治政府建设情况的报告", "国家统计局白石调查队", "department", 2023),
        ("中华人民共和国云河海关2023年法治政府建设年度报告", "中华人民共和国云河海关", "department", 2023),
        (
            "中共白石县委机构编制委员会办公室2023年依法行政工作总结",
            "中共白石县委机构编制委员会办公室",
            "department",
            2023,
        ),
        ("白石县水利局党组书记、局长2023年度述法报告", "白石县水利局", "department", 2023),
        ("关于报送白石县2023年法治政府建设年度报告的函", "白石县人民政府", "county", 2023),
        ("2023年白石县法治政府建设白皮书", "白石县人民政府", "county", 2023),
        ("白石县2023年度行政复议和行政应诉工作情况报告", "白石县人民政府", "county", 2023),
        (
            "白石县人民政府关于贯彻落实《法治政府建设实施纲要（2021—2025年）》2022年度情况的报告",
            "白石县人民政府",
            "county",
            2022,
        ),
    ],
)
def test_fields_of_a_title(normalize, title, issuer, level, year):
    document = normalize(f"{title}\n{BODY}").document
    assert (document.title, document.issuer, document.report_year) == (title, issuer, year)
    assert level is None or document.level == level


@pytest.mark.parametrize(
    ("body", "issuer"),
    [
        ("2023年，云河高新区管委会认真贯彻落实上级部署，推进法治政府建设，受理案件12件。", "云河高新区管委会"),
        ("2019年，在省委的正确领导下，白石县全面贯彻各项部署，推进法治政府建设，受理案件12件。", "白石县人民政府"),
        ("2024年，青石新区(青石经济技术开发区)紧扣首要任务。新区管委会全年召开会议4次，研究工作。", "青石新区管委会"),
    ],
)
def test_an_issuer_that_only_the_text_names(normalize, body, issuer):
    assert normalize("法治政府建设情况的报告\n" + body).document.issuer == issuer


def test_an_office_that_signs_for_the_place_of_the_title_is_not_the_issuer(normalize):
    page = f"白石县2023年法治政府建设情况报告\n{BODY}\n白石县司法局\n2024年1月15日"
    assert normalize(page).document.issuer == "白石县人民政府"


@pytest.mark.parametrize(
    ("head", "tail", "published", "signed"),
    [
        ("", "\n白石县人民政府\n二〇二四年一月十五日", None, "2024-01-15"),
        ("", "\n白石县人民政府 2024年1月15日", None, "2024-01-15"),
        ("", "\n白石县人民政府\n二零二四年元月十五日", None, "2024-01-15"),
        ("", "\n白石县人民政府\n2024.1.15", None, "2024-01-15"),
        ("", "\n2024-01-15", "2024-01-15", None),
        ("", "\n白石县人民政府\n2024年1月15日（此件公开发布）", None, "2024-01-15"),
        ("", "（白石县人民政府 2024年1月15日）", None, "2024-01-15"),
        ("（2024年1月10日）\n", "", None, "2024-01-10"),
        ("发布日期：2024-01-20 来源：县府办\n", "", "2024-01-20", None),
        ("发文日期：2024年1月13日 发布日期：2024年1月20日\n", "", "2024-01-20", "2024-01-13"),
        ("归档时间：2024-06-15\n", "", None, None),
        ("", "\n白石县人民政府\n2024年1月", None, None),
        ("", "\n白石县人民政府\n2024年2月31日", None, None),
        ("", "\n白石县人民政府\n2024年1月15日\n白石县人民政府办公室 2024年1月18日印发", None, "2024-01-15"),
    ],
)
def test_dates(normalize, head, tail, published, signed):
    document = normalize(f"白石县2023年法治政府建设情况报告\n{head}{BODY}{tail}").document
    assert (document.published, document.signed) == (published, signed)


def test_a_number_of_its_own_and_one_that_is_cited(normalize):
    title = "白石县2023年法治政府建设情况报告"
    assert normalize(f"白政〔2024〕3号\n{title}\n{BODY}").document.document_number == "白政〔2024〕3号"
    cited = BODY.replace("一、主要工作", "根据白政办〔2023〕12号文件要求，开展工作。")
    assert normalize(f"{title}\n{cited}").document.document_number is None


@pytest.mark.parametrize(
    ("line", "addressee"),
    [
        ("青川省人民政府：", "青川省人民政府"),
        ("市委、市政府:", "市委、市政府"),
        ("各位代表：", None),
        ("青川省水利厅政策法规处：", "青川省水利厅政策法规处"),
        ("海关总署政策法规司：", "海关总署政策法规司"),
        ("市依法行政领导小组：", "市依法行政领导小组"),
        ("不足之处：", None),
    ],
)
def test_addressee(normalize, line, addressee):
    assert normalize(f"云河市2023年法治政府建设情况报告\n{line}\n{BODY}").document.addressee == addressee


def test_each_field_says_where_it_was_read(normalize, plain_page):
    report = normalize("发布日期：2024-01-20\n" + plain_page.replace("\n", "\r\n"))
    read = {name: report.source.text[a:b] for name, (a, b) in report.document.read_at.items()}
    assert read["title"] == report.document.title
    assert read["issuer"] == report.document.issuer
    assert read["published"] == "2024-01-20"
    assert read["signed"] == "2024年1月15日"
    assert read["report_year"] == "2023年"


def test_impossible_dates_are_none():
    assert find_dates("2024年13月1日、2024-02-30、二〇二四年十三月一日") == []


@pytest.mark.parametrize(
    ("title", "text", "genre"),
    [
        (
            "白石县2023年法治政府建设情况报告",
            "行政复议、行政执法、规范性文件、合法性审查和普法工作有序推进。" * 30,
            "law_based_government",
        ),
        (
            "白石县政府工作报告",
            "各位代表：地区生产总值增长6%，固定资产投资增长8%，向大会报告工作。" * 30,
            "government_work",
        ),
        (
            "白石县政府信息公开工作年度报告",
            "主动公开政府信息，受理依申请公开，政府信息公开申请予以公开。" * 30,
            "information_disclosure",
        ),
        ("关于招聘工作人员的公告", "报名时间为五月，考试科目为综合知识，成绩合格者进入面试。" * 30, "other"),
        (None, "首页 政务公开 政务服务 互动交流", "other"),
    ],
)
def test_kinds_of_document(title, text, genre):
    found, score = genre_of(title, text)
    assert found == genre
    assert 0 <= score <= 1


def test_a_government_work_report_reviews_the_year_before(normalize):
    head = "2024年政府工作报告\n——2024年1月10日在白石县第十届人民代表大会第三次会议上\n各位代表：\n"
    text = (
        "现在，我代表县人民政府向大会报告工作，请予审议。\n一、2023年工作回顾\n全县生产总值增长6%，固定资产投资增长8%。"
    )
    document = normalize(head + text).document
    assert (document.title, document.report_year, document.issuer) == ("2024年政府工作报告", 2023, "白石县人民政府")
