"""Each class of subject that has its own rule, with sentences of invented places."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shared.events import Fact

Read = Callable[..., list["Fact"]]


def subjects(facts: list[Fact]) -> list[str]:
    return [fact.subject for fact in facts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "行政复议机构收到申请70件,立案受理61件,终止5件",
            ["行政复议机构收到行政复议申请", "立案受理的行政复议案件", "终止的行政复议案件"],
        ),
        (
            "以区政府为被告的行政诉讼案件19件,审结17件,败诉2件",
            ["以区政府为被告的行政诉讼案件", "审结的行政诉讼案件", "败诉的行政诉讼案件"],
        ),
        ("收到复议申请30件,不予受理3件", ["收到行政复议申请", "不予受理的行政复议申请"]),
    ],
)
def test_outcomes_are_said_of_cases_of_their_field(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("办理法律援助案件212件", ["办理法律援助案件"]),
        ("发生火灾事故6起", ["火灾事故"]),
        ("新设商户530家", ["新设商户"]),
        ("“12345”工单410件,满意率97%", ["热线工单", "热线工单满意率"]),
        ("“护航日”等各类主题演练18场", ["主题演练"]),
        ("年末实有经营主体4.1万户", ["年末实有经营主体"]),
        ("平均等候时间由15分钟缩短至6分钟", ["平均等候时间"]),
        ("便民服务大厅设窗口14个", ["便民服务大厅窗口"]),
        ("“政策下田埂”16场", ["“政策下田埂”活动"]),
        ("清退不合格辅助人员12名", ["清退不合格辅助人员"]),
        ("取消审批事项20项,下放镇(街道)7项", ["取消审批事项", "下放镇(街道)的审批事项"]),
        ("接待来访40批90人次,同比分别下降5%和6%", ["接待来访", "接待来访人员", "接待来访批次", "接待来访人次"]),
    ],
)
def test_a_verb_stays_where_it_tells_what_was_counted(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "立案查处违法案件310件,其中价格类案件40件、广告类案件22件",
            ["立案查处违法案件", "立案查处的价格类案件", "立案查处的广告类案件"],
        ),
        ("新登记经营主体4100户,其中企业900户", ["新登记经营主体", "新登记企业"]),
        ("排查矛盾纠纷800起,其中婚姻家庭210起", ["排查矛盾纠纷", "排查的婚姻家庭矛盾纠纷"]),
    ],
)
def test_a_part_keeps_the_verb_of_the_whole(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "办理人大代表建议31件、政协提案45件,办结率100%",
            ["办理人大代表建议", "办理政协提案", "人大代表建议和政协提案办结率"],
        ),
        ("深化网格管理改革,群众安全感达97%", ["群众安全感"]),
        ("网购投诉占比达四成三", ["网购投诉占比"]),
        ("实现产值90亿元,占全市的37%", ["产值", "产值占全市比例"]),
        ("调处邻里纠纷90件,成功率99%", ["调处邻里纠纷", "邻里纠纷调处成功率"]),
    ],
)
def test_a_rate_is_named_by_its_noun(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text))[: len(expected)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("移送公安机关12宗15人", ["移送公安机关的案件", "移送公安机关案件的涉案人员"]),
        ("列入异常名录70户,移出16户", ["列入异常名录的企业", "移出异常名录的企业"]),
        ("取消审批事项20项,下放乡镇7项", ["取消审批事项", "下放乡镇的审批事项"]),
        ("拆除违法建设40处、3200平方米", ["拆除违法建设", "拆除违法建设面积"]),
        ("举办执法培训4期,960人次参加", ["执法培训", "参加执法培训人员"]),
    ],
)
def test_a_phrase_without_a_noun_takes_that_of_its_unit(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("开展法治督察2次,发现问题36个", ["法治督察", "法治督察发现的问题"]),
        ("完成合法性审查80件,提出意见140条", ["合法性审查", "合法性审查提出的意见"]),
        ("评查执法案卷60宗,发现问题18个", ["评查执法案卷", "执法案卷评查发现的问题"]),
    ],
)
def test_a_finding_names_the_act_that_found_it(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "聘请法律顾问6名,列席会议15次,出具法律意见书33份",
            ["聘请法律顾问", "法律顾问列席会议", "法律顾问出具法律意见书"],
        ),
        ("公职律师参与重大项目论证22次", ["公职律师参与重大项目论证"]),
        ("县政府全年召开常务会议21次", ["县政府常务会议"]),
        ("市委全面依法治市委员会召开会议2次", ["市委全面依法治市委员会会议"]),
        ("为消费者挽回经济损失86万元", ["为消费者挽回经济损失"]),
        ("为76名工人追讨工资190万元", ["追讨工资的工人", "为工人追讨的工资"]),
        ("33名执法人员通过资格考试", ["通过资格考试的执法人员"]),
        ("市政府法律顾问团由7名律师和4名专家组成", ["市政府法律顾问团律师", "市政府法律顾问团专家"]),
    ],
)
def test_who_acts_stays_where_it_distinguishes(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("在全省营商环境评价中列第4位", ["全省营商环境评价排名"]),
        ("办件满意率居全省第9位、全市第2位", ["办件满意率全省排名", "办件满意率全市排名"]),
    ],
)
def test_a_rank_names_what_is_ranked_and_where(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("镇干部90人全部参加网络普法考试,及格率100%", ["参加网络普法考试的镇干部", "网络普法考试及格率"]),
        ("评查案卷70宗,优秀率20%", ["评查的执法案卷", "执法案卷优秀率"]),
        ("检查加油站30家,整改隐患44处,整改率100%", ["检查加油站", "整改隐患", "隐患整改率"]),
        ("以区政府名义制定规范性文件4件,备案率100%", ["以区政府名义制定规范性文件", "规范性文件备案率"]),
        ("组织执法资格考试,参考150人,合格141人", ["执法资格考试参考人员", "执法资格考试合格人员"]),
        ("执法人员培训班4期,培训500人次", ["执法人员培训班", "执法人员培训"]),
        ("技术合同融资20笔、金额3亿元", ["技术合同融资", "技术合同融资金额"]),
        ("固定资产投资增长6%,社会消费品零售总额增长4%", ["固定资产投资", "社会消费品零售总额"]),
        ("社会消费品零售总额增长4%,固定资产投资增长6%", ["社会消费品零售总额", "固定资产投资"]),
    ],
)
def test_a_short_name_takes_what_it_measures(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "开展农资打假专项行动,检查门店86家次,下发督办单6份",
            ["农资打假专项行动检查的门店", "农资打假专项行动督办单"],
        ),
        ("开展“双随机”抽查27次,抽查企业420家", ["“双随机”抽查", "“双随机”抽查的企业"]),
        ("开展药品监督抽检行动,抽检360批次,合格率97.5%", ["药品监督抽检", "药品监督抽检合格率"]),
        ("组织开展规范性文件清理,共清理126件,废止18件", ["清理的规范性文件", "废止的规范性文件"]),
        ("开展法治督察3次,印发督察通报2期", ["法治督察", "法治督察通报"]),
    ],
)
def test_what_was_done_in_an_activity_carries_it(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "受理投诉举报2360件,其中投诉1800件,举报560件,办结率99%",
            ["受理投诉举报", "受理的投诉", "受理的举报", "投诉举报办结率"],
        ),
        (
            "新登记经营主体9户,其中企业3户,经营主体总量60户",
            ["新登记经营主体", "新登记企业", "经营主体总量"],
        ),
        (
            "收到行政复议申请126件,主要涉及公安45件、市场监管32件",
            ["收到行政复议申请", "公安行政复议申请", "市场监管行政复议申请"],
        ),
        (
            "评查处罚案卷60件、许可案卷35件,合格率分别为93.3%、97.1%",
            ["评查处罚案卷", "评查许可案卷", "处罚案卷合格率", "许可案卷合格率"],
        ),
        ("列入异常名录的企业306家、合作社12家", ["列入异常名录的企业", "列入异常名录的合作社"]),
        ("处罚单位48家、个人163人", ["处罚单位", "处罚个人"]),
        ("办理从轻处罚案件21件、不予处罚案件18件", ["办理从轻处罚案件", "办理不予处罚案件"]),
    ],
)
def test_parts_and_items_share_the_words_of_their_whole(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "立案查处违法建设案件45起,下达停工通知书68份,罚款168.5万元",
            ["立案查处违法建设案件", "停工通知书", "违法建设案件罚款"],
        ),
        ("受理行政案件52起,行政拘留13人,罚款2.5万元", ["受理行政案件", "行政拘留人员", "行政案件罚款"]),
        ("收取维修资金4300万元,支出560万元", ["收取维修资金", "维修资金支出"]),
        ("打掉犯罪团伙14个,追赃挽损320余万元", ["打掉犯罪团伙", "追赃挽损"]),
        ("组建30亿元的融资担保基金", ["融资担保基金"]),
        ("建成3万平方米的法务集聚区", ["法务集聚区面积"]),
    ],
)
def test_money_and_area_belong_to_what_they_are_of(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("受理行政复议申请12件。行政拘留1380人", ["受理行政复议申请", "行政拘留人员"]),
        ("办理热线工单86件。制止新增违建5宗", ["办理热线工单", "制止新增违建"]),
        ("调处矛盾纠纷156起,成功152起", ["调处矛盾纠纷", "调处成功的矛盾纠纷"]),
        ("选定研究课题并形成报告27个", ["报告"]),
        ("组织干部学习《甲法》《乙条例》等法律法规12次", ["干部学习法律法规"]),
        ("梳理6大类29项重点工作", ["重点工作"]),
        ("涉及31个部门行政职权事项3437项", ["涉及的部门", "行政职权事项"]),
        ("完成7条道路绿化提升", ["道路绿化提升"]),
        ("完成6家部门开展执法督查", ["执法督查的部门"]),
        ("政务服务事项95%“掌上可办”", ["政务服务事项掌上可办率"]),
        ("即办件占比提升至58%", ["即办件占比"]),
        ("发挥依法治县委员会作用,全年召开会议4次", ["依法治县委员会会议"]),
        ("纳入党组理论学习中心组学习计划,开展专题学习6次", ["党组理论学习中心组专题学习"]),
        ("开展普法宣传活动26场次,悬挂横幅80条", ["普法宣传活动", "悬挂普法横幅"]),
        ("(五)开展巡查18次", ["巡查"]),
    ],
)
def test_a_count_is_named_by_its_own_sentence(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("败诉率3.6%,低于全市平均水平1.8个百分点", ["败诉率", "败诉率低于全市平均水平的幅度"]),
        ("减少入企检查238户次,减幅达42%", ["减少入企检查", "减少入企检查"]),
        ("重复信访占比下降6.8个百分点", ["重复信访占比"]),
        ("审结行政复议案件30件,纠错率11.6%", ["审结行政复议案件", "行政复议纠错率"]),
        ("备案审查率、公布率均为100%", ["备案审查率", "公布率"]),
        (
            "省、市、县三级网上可办率分别达到98.7%、97.5%和96.2%",
            ["省网上可办率", "市网上可办率", "县网上可办率"],
        ),
        ("每千人拥有市场主体96.5户,居全国第11位", ["每千人拥有市场主体", "每千人拥有市场主体全国排名"]),
    ],
)
def test_a_rate_says_what_it_is_of_and_what_it_is_compared_with(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "收到行政复议申请90件,其中涉及行政处罚38件,涉及信息公开9件",
            ["收到行政复议申请", "涉及行政处罚的行政复议申请", "涉及信息公开的行政复议申请"],
        ),
        ("行政应诉案件98件,其中一审65件、二审28件", ["行政应诉案件", "一审行政应诉案件", "二审行政应诉案件"]),
        ("服务中心进驻部门42个、事项1862项", ["服务中心进驻部门", "服务中心进驻事项"]),
        ("围绕行政处罚法、行政复议法等法律法规组织专题学习5次", ["法律法规专题学习"]),
        ("制定法治政府建设工作要点,明确重点任务32项", ["法治政府建设重点任务"]),
        ("3.2万人参加考试", ["参加考试人员"]),
    ],
)
def test_what_the_sentence_named_before_completes_a_part(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("代表们提出的18件建议、委员们提出的21件提案全部答复", ["代表们提出的建议", "委员们提出的提案"]),
        ("培育民主法治村:国家级2个、省级15个、市级47个", ["国家级民主法治村", "省级民主法治村", "市级民主法治村"]),
        ("获国家级表彰9次、省级7次", ["获国家级表彰", "获省级表彰"]),
        (
            "办理法律援助案件82件,其中刑事案件35件、劳动争议案件21件",
            ["办理法律援助案件", "刑事法律援助案件", "劳动争议法律援助案件"],
        ),
        ("公布许可事项264项,其中承诺件181项", ["公布许可事项", "公布的承诺件"]),
        ("调解中心1个、联络点146个", ["调解中心", "调解联络点"]),
        (
            "公共法律服务中心1个、工作站14个、村级工作室232个",
            ["公共法律服务中心", "公共法律服务工作站", "村级公共法律服务工作室"],
        ),
        ("评定A级企业62家、B级14家", ["评定A级企业", "评定B级企业"]),
        ("新登记企业420户、个体工商户1310户", ["新登记企业", "新登记个体工商户"]),
        ("“送法下乡”巡演12场、知识竞赛5场", ["“送法下乡”巡演", "“送法下乡”知识竞赛"]),
        ("出动警力3600人次、车辆210台次", ["出动警力", "出动车辆"]),
    ],
)
def test_what_is_told_of_a_whole_goes_with_its_parts(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("抓获嫌疑人64人", ["抓获嫌疑人"]),
        ("破获诈骗案件71起,抓获101人", ["破获诈骗案件", "抓获人员"]),
        ("发生生产安全事故3起,死亡1人", ["生产安全事故", "生产安全事故死亡人员"]),
        ("问责27人", ["问责人员"]),
        ("开展法治培训,培训90人", ["法治培训人员"]),
        ("17个部门公开信息830条", ["公开信息的部门", "公开信息"]),
        ("12个部门中尚有3个未设置法制科", ["部门", "未设置法制科的部门"]),
    ],
)
def test_people_are_named_by_what_was_done_to_them_or_what_they_did(
    text: str, expected: list[str], facts: Read
) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("对镇村合同开展合法性审查36件", ["合法性审查的镇村合同"]),
        ("协调解决突出问题25个", ["协调解决突出问题"]),
        ("承担的47项任务已完成45项", ["承担的任务", "完成的任务"]),
        ("新办执法证206个,注销53个", ["新办执法证", "注销的执法证"]),
        ("下发整改通知书64份,罚款5万元,关停12家", ["下发整改通知书", "罚款", "关停"]),
        ("完成全部审核工作:文件审核64件,合同审查65件", ["文件审核", "合同审查"]),
        ("修订、废止公文处理办法、公务车辆管理、档案利用等制度14个", ["修订、废止制度"]),
        ("先后研究立法规划、队伍建设等工作8次", ["研究立法规划、队伍建设等工作"]),
        ("深入田间地头开展宣讲18场", ["开展宣讲"]),
        ("行政检查工作有序开展,合计52宗", ["行政检查"]),
        ("取消审批项目31项,许可事项由原来的80项减少到56项", ["取消审批项目", "许可事项"]),
        ("新收复议案件94件,受理81件", ["新收行政复议案件", "受理的行政复议案件"]),
        (
            "收到复议申请94件,责令履行法定职责8件,终止6件",
            ["收到行政复议申请", "责令履行法定职责的行政复议案件", "终止的行政复议案件"],
        ),
    ],
)
def test_an_act_takes_its_own_object(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("开展法治理论研究,推出研究成果30项", ["法治理论研究成果"]),
        ("坚持每周组织专题集中学习,累计开展14次", ["专题集中学习"]),
        ("组织干部参加学法考试,参考率和合格率均为100%", ["学法考试参考率", "学法考试合格率"]),
        ("将其纳入镇党委理论学习中心组学习内容,开展专题学习6次", ["镇党委理论学习中心组专题学习"]),
        ("县政务服务中心进驻部门31个,设置窗口54个", ["县政务服务中心进驻部门", "县政务服务中心窗口"]),
        ("优良率在全国80个城市中排第9名", ["优良率在全国城市", "优良率全国排名"]),
    ],
)
def test_the_clause_before_hands_on_what_a_bare_name_is_of(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("新发生行政复议案件4件、诉讼案件3件", ["行政复议案件", "诉讼案件"]),
        ("引进龙头企业5家、配套企业12家", ["引进龙头企业", "引进配套企业"]),
        ("出动执法人员160人次,立案9宗,结案7宗", ["出动执法人员", "立案", "结案"]),
        ("平均跑动次数0.2次,网上可办率99%", ["平均跑动次数", "网上可办率"]),
        ("案件类型前三位的依次是治安24件、税务11件", ["治安", "税务"]),
        ("负责人应出庭32件,实际出庭31件", ["负责人应出庭", "出庭的负责人"]),
        ("许可事项由90项精简至43项;证明事项清理取消12项", ["许可事项", "证明事项清理取消"]),
    ],
)
def test_what_is_of_another_kind_hands_on_no_words(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("对2012年以来印发的文件进行全面清理,共梳理310件,废止42件", ["梳理的文件", "废止的文件"]),
        ("对行政执法案卷开展集中评查,共评查120件", ["评查的行政执法案卷"]),
        ("办理热线工单820件,其中咨询类410件、投诉类160件", ["办理热线工单", "热线工单咨询类", "热线工单投诉类"]),
        ("现有调解员260名,其中专职31名", ["调解员", "专职调解员"]),
        ("企业开办用时1天,较国家标准提速80%", ["企业开办用时", "企业开办用时"]),
    ],
)
def test_words_come_from_the_thing_gone_through_or_divided(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "办理行政诉讼案件33件(一审21件、二审12件),审结27件,败诉2件",
            [
                "办理行政诉讼案件",
                "一审行政诉讼案件",
                "二审行政诉讼案件",
                "审结的行政诉讼案件",
                "败诉的行政诉讼案件",
            ],
        ),
        (
            "复议案件9件(工伤认定6件,社保待遇3件),维持7件",
            ["行政复议案件", "工伤认定行政复议案件", "社保待遇行政复议案件", "维持的行政复议案件"],
        ),
        ("评查案卷46件(涉及单位12家),合格40件", ["评查的执法案卷", "涉及单位", "合格的案卷"]),
    ],
)
def test_behind_a_bracket_its_whole_is_spoken_of_again(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("养老保险、工伤保险参保人数分别达到3.1万人、1.8万人", ["养老保险参保人数", "工伤保险参保人数"]),
        ("价格、广告类案件分别为21件、18件", ["价格类案件", "广告类案件"]),
        ("刑事、治安案件分别为21件、18件", ["刑事案件", "治安案件"]),
        ("火灾事故、水上事故死亡人数分别下降9%、11%", ["火灾事故死亡人数", "水上事故死亡人数"]),
        ("行政处罚案件、强制案件分别为12件、8件", ["行政处罚案件", "强制案件"]),
    ],
)
def test_names_of_an_aligned_list_share_the_head_that_closes_it(text: str, expected: list[str], facts: Read) -> None:
    assert subjects(facts(text)) == expected
