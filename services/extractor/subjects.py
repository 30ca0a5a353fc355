"""What is counted: a noun phrase from the words before and behind the amount, its sentence and its heading.

    受理民事纠纷案件62件      the noun stands before the amount
    组建91支防汛抢险队伍      the noun stands behind it
    33个中小学配备法治副校长  what is said about the noun completes it: 配备法治副校长的中小学
    调解成功58件              no noun of its own: the noun of the amount before it is carried on
    较上年减少5件             a comparison takes the whole subject of the amount before it
    合格率达98.73%            a short rate name takes the topic of the sentence in front
    11个街道、81个社区服务站  items of a list share the head of the last one

`subjects.toml` holds the words; this file holds the order in which they are asked for.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from services.extractor.scope import level_noun
from services.extractor.words import segmenter

#: A subject longer than this is cut to its last phrase; the longest subject of the reference's reports has 28.
MAX_SUBJECT = 40
#: Characters of a clause that are cut into words, each side of an amount.
MAX_SIDE = 60
#: A name up to this length says nothing without its topic: 合格率, 按期回复率; 听众, 工单.
SHORT_RATE = 6
SHORT_NOUN = 4
#: An agent stays before an object of at most this length: 媒体发布新闻, but 调解组织排查矛盾纠纷 → 排查矛盾纠纷.
SHORT_OBJECT = 3
#: A list before 等 longer than this is left out of the subject: A、B、C、D等审计项目.
LONG_LIST = 12
#: What is said about a noun becomes part of the subject up to this length.
MAX_PREDICATE = 26
#: An agent before 共 (媒体共发布) stays in the subject up to this length.
MAX_AGENT = 16
#: Two things of a list up to this length each stand together before the name of a rate that they share.
SHORT_LISTED = 10

_EDGE = "、,，;；:：。 \t\n-—…·!?/〈〉"
_LIST_SIGNS = tuple("、,，;；:：。)）(（和及与的]】\t")
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9.])第?[0-9][0-9.,]*(?![0-9.,]*[A-Za-z])(?:版本?)?%?[余多]?[万亿千百]?(?:个工作日|个|件|名|人次|人|家|户|次|项|条|场|期|批|份|支|所|天|元|万元)?"
)
_CHINESE_COUNT = re.compile(r"第?[两二三四五六七八九十]{1,3}(?:个|件|名|家|户|次|项|条|场|期|批|份|支|所|轮)")
_PERIOD = re.compile(
    r"(?:截[至止]|自|从|到|在)?(?:19|20)[0-9]{2}年?(?: ?[-—~至到] ?(?:19|20)?[0-9]{2,4}年?)?度?(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?(?:底|末|初|以来|起|间)?"
    r"|[0-9]{1,2}(?:[-—~至到][0-9]{1,2})?月份?(?:底|末|以来)?|(?:近|过去|连续)[0-9一二三四五六七八九十两]{1,3}年(?:来|内|间)?"
)
_APPLICATION = re.compile(r"(?:收到|接收|不予受理的)?(?:行政)?复议(?:申请|请求)?$")
#: Whose cases they are is said once, with their number: outcomes go without it.
_RESPONDENT = re.compile(r"^.{0,30}(?:被告|被申请人|被诉|被上诉人)的?(?=.{0,4}(?:案件|诉讼|复议|应诉))")
#: Nouns that need their field: 收到申请40件 behind 行政复议 is 收到行政复议申请.
_BARE_CASES = re.compile(r"(?P<verb>^|收到|接收|受理|不予受理的?|办理|审结|办结|新收)(?:各类)?(?P<noun>申请|案件)$")
_FIELD_OF_CASES = re.compile(
    r"(?P<reconsideration>复议)|(?P<disclosure>依申请公开|信息公开)|(?P<litigation>行政诉讼|行政应诉)|(?P<aid>法律援助)"
)
_FIELD_NOUNS = {
    ("reconsideration", "申请"): "行政复议申请",
    ("reconsideration", "案件"): "行政复议案件",
    ("disclosure", "申请"): "政府信息公开申请",
    ("litigation", "案件"): "行政诉讼案件",
    ("aid", "申请"): "法律援助申请",
    ("aid", "案件"): "法律援助案件",
}
_CASES = re.compile(r"(?:行政)?复议(?:申请|请求|案件)$")
_RECONSIDERATION = re.compile(r"(?<!行政)(?<!被)复议(?=案件|申请|决定|纠错)")
_FIELD_OF_RANK = re.compile(r"^.{0,12}中(?:排名?|列|位列|位居|居)?$|^(?:全[国省市县区]|街镇|乡镇|县区)?(?:排名?)?$")
_ANY_NUMERAL = re.compile(r"[0-9一二两三四五六七八九十]")
_COMPARISON = re.compile(
    r"(?:较|比|与|同)之?(?:上一?年度?|上个?月|上一?周|去年|前年|同期|往年|历年|[12][0-9]{3}年|年初|上期|上季度|上半年|全[省市国县区]平均)[^,，。;；、]{0,8}?"
    r"(?=[(（]|增|减|降|升|提|下|上|缩|压|高|低|多|少|扩|翻|改|回|净|分|均|持|$)|(?:同比|环比)"
)
_RATE_NAME = re.compile(r"(?:率|比例|比重|占比|满意度|指数|得分|评分|成绩|度|面|比)$")
_RATE_HEAD = re.compile(r"(?:率|比例|比重|占比|浓度|满意度|得分|均值)$")
_SHARED_NAME = re.compile(r"(?:率|比例|比重|占比|度|数|数量|总量|量|额|面|比|次)$")
_SUM_OF_NAMES = re.compile(r"(?:[两二三四五六]项)?(?:指标|比率|数据)$|[两二三四五六]项率?$")
_SPLIT = re.compile(r"、|和|与|以及|及(?![时格])")
_ENUMERATOR = re.compile(r"^[一二三四五六七八九十](?:是|要)")
_IN_THE_NAME = re.compile(r"(?:以)?[^,，。;；]{2,20}名义")
_QUOTED_NUMBER = re.compile(r"“[^”“]{0,12}[0-9][^”“]{0,12}”")
_HOTLINE = re.compile(r"“?123[0-9]{2}”?(?:[一-龥]{0,6}热线)?")
_TO_SOMEBODY = re.compile(r"^向[^,，。;；]{7,30}?(?=报送|报备|移送|移交|提交|提出|发出|反馈|通报|推送|上报)")
#: 占比, 占全市的, 占GDP比重达: before a number, a share.
_SHARE = re.compile(
    r"占(?P<whole>[^,，、。;；占比]{1,12}?)?的?(?:总?比重?|比例)?(?:的)?(?:由|从|达到?了?|为|约为?|近|超过?|稳定在|保持在|维持在|接近|不到|不足|仅为?|提高到|提升至|上升到|升至|降至|高达)?"
    r"(?:分别)?(?:为|达)?$"
)
#: A rate with a noun of its own: 群众安全感, 负责人出庭率, 案卷优良率.
_RATED_NOUN = re.compile(r"(?:群众|公众|社会|居民|企业|负责人|行政|案卷|执法|跑动|空气|优良天数|市民|纠纷)[一-龥]{2,}$")
#: What a plan speaks of is not what the rate behind it measures: 深化综合执法改革，案卷优良率达到92%.
_POLICY = re.compile(
    r"(?:改革|建设|工作|机制|制度|体系|环境|目标|预期|指标|要求|任务|意见|能力|水平|力度|见效|行动|规划|服务)$"
)
#: “安全日”等主题演练: the example in front says nothing about what was counted.
_EXAMPLE = re.compile(
    r"^(?:以)?[“《][^”》]{1,20}[”》](?:、?[“《][^”》]{1,20}[”》]){0,4}等(?:为主题的)?(?=各?类?主题|[一-龥]{6})"
)
#: The noun that a measure word stands for where the text names none.
_UNIT_NOUNS = {"件": "案件", "起": "案件", "户": "企业", "户次": "企业", "项": "事项", "家": "企业"}
#: Verbs whose object is where the counted thing goes: 移送公安机关, 列入经营异常名录, 下放乡镇, 结转下年.
_LEADING_VERBS = (
    "移送",
    "移交",
    "列入",
    "移出",
    "纳入",
    "退回",
    "下放",
    "赋予",
    "结转",
    "转入",
    "驳回",
    "提交",
    "发回",
    "划转",
    "被复议",
    "被诉",
)
_OWN_NOUNS = (
    "案",
    "案件",
    "线索",
    "事项",
    "问题",
    "企业",
    "纠纷",
    "权",
    "权限",
    "权力",
    "职权",
    "人员",
    "隐患",
    "项目",
    "许可",
    "资金",
    "材料",
    "证据",
    "件",
    "单位",
    "户",
    "人",
    "主体",
    "信息",
)
_PEOPLE = ("人员", "人", "干部", "群众", "人次")
_MEASURES = {"area": "面积", "length": "长度"}
#: Of these an area is measured, not the thing counted.
_BUILT = re.compile(r"(?:建筑物?|违建|建设|房屋|厂房|用房|场地|绿地)$")
_CASE_UNITS = ("件", "起", "宗")
_CASE_HEADS = ("纠纷", "矛盾纠纷", "矛盾", "案件", "事故", "投诉", "举报")
_CASE_ENDS = (
    "案",
    "案件",
    "纠纷",
    "矛盾",
    "事故",
    "类",
    "件",
    "事项",
    "投诉",
    "举报",
    "咨询",
    "诉讼",
    "复议",
    "书",
    "合同",
    "协议",
    "决策",
    "建议",
    "提案",
    "申请",
)
#: Before a part these stand without 的: 新设企业, 实有个体工商户.
_STATES = ("新设", "新增", "新登记", "新发展", "实有", "期末", "年末", "累计")
#: Behind 新 these are one word with it: 新设, 新组建.
_NEW = (
    "设",
    "建",
    "增",
    "聘",
    "开",
    "办",
    "购",
    "组建",
    "登记",
    "注册",
    "发展",
    "设立",
    "任职",
    "培育",
    "认定",
    "增设",
)
#: What an inquiry finds, and the verbs that say so.
_FINDINGS = (
    "问题",
    "隐患",
    "线索",
    "问题线索",
    "不合格",
    "不合格产品",
    "违法行为",
    "案件线索",
    "整改意见",
    "修改建议",
    "修改意见",
)
_FINDING = ("发现并督促整改", "发现", "查出", "查摆", "曝光", "移送", "提出", "反馈", "梳理")
_INQUIRY = re.compile(
    r"(?:法治政府建设|法治建设|法治|依法行政|经济责任|离任|专项|案卷|执法|行政执法|安全生产|安全|环保|食品|联合|监督|“双随机”|日常){0,2}(?:督察|督查|审计|检查|抽查|评查|巡查|巡察|排查|普查|考核|评估|监测|抽检)"
)
_REVIEW = re.compile(r"合法性审[查核]|公平竞争审查|法律审核|审[查核]|评估论证|听证|征集|征求意见")
_REVIEWED = re.compile(r"(?P<act>审查|审核|评查|抽查)(?:了|各类)?(?P<object>[一-龥]{0,6}(?:案卷|合同|协议|草案))")
_NEWLY = re.compile(r"^(?:新登记|新设|新增|新发展)(?=.{2,4}主体)")
_AS_RESPONDENT = re.compile(r"以[^,，。;；、]{2,12}?作?为(?:被告|被申请人|第三人)的")
#: What is left in front where a number, its unit or a mark went: 岁以下, （户）、, 三、.
_LEFTOVER = re.compile(
    r"^(?:\[\]|方面的?(?=[一-龥]{2})|\(?[户座间个件处名家条]\)、?(?=[一-龥]{2})|[一二三四五六七八九十]、|(?:周?岁|千?伏)(?:及|（含）)?以[上下]的?|第(?=[全中省市县区]|党代会))"
)
#: What 移出 takes things out of.
_REGISTER = re.compile(r"(?:列入|纳入)(?P<name>[一-龥“”]{2,10}(?:名录|名单|清单))")
#: Behind bodies: what they were charged with (交由31个单位承办).
_CHARGED = ("承办", "承办的", "负责", "牵头", "办复")
_HELD = ("召开", "召开了", "组织召开", "主持召开", "举行", "先后召开")
_BODIES = (
    "政府",
    "党委",
    "委员会",
    "领导小组",
    "党组",
    "市委",
    "县委",
    "区委",
    "省委",
    "办公室",
    "管委会",
    "党工委",
    "局",
    "委",
    "办",
)
#: People whose work the next counts tell: 法律顾问|参与|合同谈判, 出具|法律意见书.
_ROLE = re.compile(
    r"(?:法律顾问|公职律师|村居法律顾问|人民调解员|网格员|监督员|督察员|志愿者|法律援助律师|执法监督员|仲裁员|特邀监督员)$"
)
_ROLE_ACTS = (
    "参与",
    "列席会议",
    "出席会议",
    "出具",
    "列席",
    "出席",
    "提供",
    "代理",
    "收集",
    "参加",
    "协助",
    "承办",
    "提出",
    "审查",
    "起草",
    "审核",
    "开展",
    "进行",
    "挽回",
    "办理",
    "调解",
    "化解",
    "排查",
)
_HOLDING = ("开展", "进行", "组织", "组织开展")
_ENTITY_UNITS = ("人", "家", "户", "户次", "家次", "人次")
_ENTITIES = (
    "企业",
    "人员",
    "单位",
    "部门",
    "干部",
    "员",
    "市民",
    "群众",
    "职工",
    "工人",
    "劳动者",
    "农民工",
    "学生",
    "教师",
    "律师",
    "专家",
    "商户",
    "主体",
    "公务员",
    "机构",
    "家庭",
)
#: The verbs of a rank, at the end and before its field: 满意率|居|全市, 综合绩效考核|列.
_RANKING = re.compile(r"(?:位列|位居|排名|排在|列|居|名列|跃居|升至|获得?|处于|进入|持续保持|连续)+$")
_RANKED = re.compile(
    r"(?:已|连续|继续|持续|均|稳)*(?:位列|位居|名列|跃居|排名|排|列|居|升至|跃升至|荣获|获)(?=(?:全[国省市县区州]|[一-龥]{0,2}各))"
)
_OVERALL = ("综合", "总体", "总分", "综合得分")
_RATED_IN = re.compile(r"^(?:在|对|于)+")
_RATING = re.compile(
    r"(?:(?P<field>全[国省市县区州球])?[0-9]{1,5}[个家座])?(?P<name>[^,，。;；、0-9]{2,20}(?:评价|监测|考核|考评|测评|评比|评估))中(?:,|，)?"
)
_FIELD_ALONE = re.compile(r"(?P<field>全[国省市县区州])(?:排名?)?$")
_RANK_FIELD = re.compile(r"(?:全[国省市县区州])?排名$")
_RECEIVING = re.compile(r"^(?:办理|受理|办结|完成|开展|发放|查处)")
#: Files without their kind are files of enforcement in this genre.
_FILES = re.compile(r"^(?:集中|随机|交叉)?(?P<act>评查|抽评|抽查|互评|自查)(?:行政)?案卷$")
_BARE_FILES = re.compile(r"^(?:.{0,6}的)?(?:(?:评查|抽评|抽查)的?)?(?:行政)?案卷(?:集中)?(?:评查)?$")
#: What was got for whom is named with them: 为消费者挽回经济损失.
_BENEFIT = re.compile(
    r"为(?:[一-龥]{2,8})(?:追回|追讨|讨回|挽回|减免|取得|节约|追缴|兑付)(?:各类|直接)?(?:[一-龥]{0,8})$"
)
#: 成立18人的宣传队: the persons are the team's.
_TEAM = re.compile(
    r"^的(?P<name>[^,，。;；、]{1,20}?(?:队伍|小队|队|小组|专班|班子|服务团|讲师团|工作组))(?=$|[,，。;；、])"
)
#: Brackets that belong to the noun: 镇(街道).
_BRACKETED = re.compile(r"[(（][一-龥、]{1,6}[)）]$")
#: A 、 in here parts no items: 县(市、区).
_IN_BRACKETS = re.compile(r"\([^()]{1,12}\)")
#: Lists and offices that hold what they count: 任务清单|列明|任务, 服务大厅|设|窗口.
_LISTING = ("列明", "列出", "设", "共设", "共设置", "设有", "下设")
_COUNSEL = re.compile(r"法律顾问(?!团|制度|工作|覆盖)|公职律师")
_COUNSEL_ACTS = ("参与", "列席", "出席", "列席会议", "出席会议")
#: A slogan that was done so many times is an activity.
_SLOGAN = re.compile(r"^“[^“”]{2,20}”$")
#: Cut off before the words are, because the dictionary joins them to the noun (法律顾问团由, 司法所仅).
_AT_THE_END = re.compile(
    r"(?:由|从)(?:原来|原先|过去|以前|法定)的?$|(?<![理自缘事])由$|(?:仅|只|共)有?$|(?<=率)达(?:到了?)?$|(?<=得分)为$|(?<=总分)为$"
)
#: What a bracket behind the words adds to them: 纠错(含撤销), 已解决的(A类).
_REMARK = re.compile(r"[(（](?:含[^()（）]{1,20}|[A-Da-d]类)[)）]$")
#: Words in front that only lead in: 现区级保留, (含新制定, 或已通过.
_LEAD_IN = re.compile(r"^(?:现(?=[省市县区镇乡村])|含(?=新|上年|县|市|区|省)|或(?=已|者))|(?:从|由)(?=法定|平均|原来)")
#: These are passed; anything else behind 通过 is a means.
_PASSED = ("考试", "测试", "考核", "验收", "认证", "评估", "审查", "审核")
_LOOKED_FROM = re.compile(r"^从[^,，。;；]{2,20}(?:来看|看)$")
_HEADING_MARK = re.compile(r"^[(（]?[一二三四五六七八九十0-9]{1,4}[)）]?[、.．是]?")
#: By whom and how a document was made says nothing about its rate.
_MADE_BY = re.compile(r"^以[^的]{2,16}名义(?:制定|制发|印发|出台)*(?=.{4})")
_EXAM = re.compile(r"[^,，、。;；的0-9]{0,12}(?:考试|测试|竞赛)")
_EXAMINED = ("参考", "合格", "及格", "优秀", "通过")
#: A remedy names its own object: 整改隐患, 化解风险.
_REMEDY = ("整改", "解决", "化解", "消除", "治理")
_COURSES = ("培训班", "课堂", "讲堂", "课堂”", "讲堂”")
_MEDIATING = re.compile(r"调[解处](?!员|委|组织)")
_RELATIVE = ("%", "pp", "times")  # change rates are said of whatever was counted last
_GRADE_ALONE = re.compile(r"(?:国家|省|市|州|县|区|镇|乡|村|街道|社区)级")
_PERSONS = ("人", "人次")
_EVENTS = ("次", "场", "期", "轮", "批", "人次")
_HELD_UNITS = ("次", "场", "期", "轮")
_EXAMINING = ("审查", "审核", "备案")


@dataclass(frozen=True, slots=True)
class _Lexicon:
    front: frozenset[str]
    agents: frozenset[str]
    tail: frozenset[str]
    light: frozenset[str]
    causative: frozenset[str]
    prepositions: frozenset[str]
    stop: frozenset[str]
    inner: frozenset[str]
    process: frozenset[str]
    empty_predicate: frozenset[str]
    total: frozenset[str]
    nominal: frozenset[str]
    dependent: frozenset[str]
    defining: frozenset[str]
    acts: frozenset[str]
    empty_verbs: frozenset[str]
    having: frozenset[str]
    outcomes: frozenset[str]
    fillers: frozenset[str]
    light_behind: frozenset[str]
    kept: frozenset[str]
    divided: frozenset[str]
    shared_base: frozenset[str]
    particles: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    source = tomllib.loads(files(__package__).joinpath("subjects.toml").read_text(encoding="utf-8"))
    return _Lexicon(**{name: frozenset(words) for name, words in source.items()})


@dataclass(slots=True)
class Part:
    """The surroundings of one amount: its own words before and behind, up to the neighbouring amounts and commas."""

    before: str
    after: str
    unit: str | None
    quantity: str
    joined: bool = False  # an item of a list that goes on behind it
    listed: bool = False  # an item of a list that an earlier amount began
    followed: bool = False  # the next amount stands in the same clause
    zero: bool = False
    change: bool = False
    ahead: list[str] = field(default_factory=list)
    noun: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    compared: bool = False
    relative: bool = False  # …的3件: the noun is the one counted before
    benefit: str = ""  # 为76名工人追讨工资: for whom, where this amount is what they got
    possessor: bool = False  # 13个部门的37件案卷: the next amount counts what belongs to it
    next_clause: str = ""


@dataclass(slots=True)
class Topic:
    """What a paragraph speaks of, as far as it was read."""

    noun: str = ""  # the noun counted last, in this sentence or before
    current: str = ""  # the same, in this sentence
    unit: str | None = None  # its unit
    lead: str = ""  # the words that a list of counts opened with
    spoken: str = ""  # the object of the last predicate, for rates
    heading: str = ""
    parent: str = ""  # the verbs of the count that 其中 divides
    head: str = ""  # its noun
    pair: tuple[str, ...] = ()  # the two things that a list counted last
    context: str = ""  # the words of the sentence before the amount
    said: list[tuple[str, str | None]] = field(default_factory=list)  # subjects so far, with their units
    counted: dict[str, str] = field(default_factory=dict)  # the noun counted last, by its unit
    row: tuple[str, str | None] | None = None  # subject and unit of the number cell before it in a table's row

    def last(self, unit: str | None, back: int = 1) -> str:
        """The subject that a comparison goes back to: the last one of the same unit, else the last one."""
        if back == 1 and unit not in _RELATIVE:
            for subject, own in reversed(self.said):
                if own == unit:
                    return subject
        return self.said[-back][0] if len(self.said) >= back else ""

    @property
    def base(self) -> str:
        """What a short name is completed with: of this sentence only."""
        return self.spoken or self.current

    def count(self, noun: str, unit: str | None) -> None:
        """Remember the noun that was counted."""
        self.noun = self.current = noun
        self.pair = ()
        self.unit = unit
        if unit is not None:
            self.counted[unit] = noun


# ── cutting ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_parts(parts: list[Part]) -> None:
    """Cut the words of the amounts of one sentence: before each, the noun phrase behind it, what is said about that."""
    for k, part in enumerate(parts):
        following = parts[k + 1] if part.followed and k + 1 < len(parts) else None
        _read_before(part)
        _read_behind(part)
        if following is not None and part.noun:
            _hand_on(part, following)
    for k in range(len(parts) - 2, -1, -1):
        part, following = parts[k], parts[k + 1]
        if part.joined and part.noun and not part.said and following.noun:
            part.said = following.said


def _read_before(part: Part) -> None:
    part.compared = _COMPARISON.search(part.before) is not None
    part.relative = _REMARK.sub("", part.before.rstrip()).endswith("的")
    part.ahead = _before(part.before)
    if part.benefit and part.before.startswith(part.benefit):
        verb, *got = _without_tail(segmenter().cut(part.before.removeprefix(part.benefit)[:MAX_SIDE])) or [""]
        if verb and got:
            part.ahead = ["为", f"{part.benefit}{verb}的{''.join(got)}"]


def _read_behind(part: Part) -> None:
    after = part.after
    if part.quantity == "rate" and not after.startswith("的"):
        if after and not after.startswith(_LIST_SIGNS) and after[0] not in "以左":
            part.said = segmenter().cut(after[:8])
        return
    if part.quantity in ("rank", "score", "concentration"):
        return
    noun = after.removeprefix("的") if part.quantity == "rate" else after
    team = _TEAM.match(after) if part.unit in _PERSONS else None
    if team is not None:
        part.noun = [team["name"], "人员"]
        return
    part.noun, part.said = _behind(noun, event=part.unit in _EVENTS, entity=part.unit in _ENTITY_UNITS)
    if part.quantity == "duration":
        part.said, part.noun = part.noun + part.said, []
    if (part.joined or part.listed) and "、" in part.noun:
        at = part.noun.index("、")
        if at and level_noun("".join(part.noun)) != "".join(part.noun):
            part.noun, part.said = part.noun[:at], []


def _hand_on(part: Part, following: Part) -> None:
    """Give the next amount the words between the two that are its own.

    防火检查站和|21个卡点: none. 村(社区)、|法院等|10家单位: those behind the last list sign. 单位的|案卷|140件: those
    behind 的, where the next amount has no noun behind it.
    """
    between = part.after.rstrip()
    for sign in ("以及", "、", "和", "及", "与"):
        if between.endswith(sign):
            following.before, following.listed = "", True
            return
    noun = "".join(part.noun)
    if part.said and following.quantity == "money" and part.before.rstrip().endswith(("为", "给")):
        following.benefit = noun
        return
    at = between.rfind("、") if "(" not in between else _IN_BRACKETS.sub(_blanked, between).rfind("、")
    if at > 0 and level_noun(between) != between:
        following.before, following.listed, part.joined = between[at + 1 :], True, True
        part.noun, part.said = _behind(between[:at], event=part.unit in _EVENTS)
        return
    if (
        "的" in part.noun
        and not part.said
        and (not following.after or following.after.startswith(_LIST_SIGNS) or following.after[:2] in ("开展", "进行"))
    ):
        at = len(part.noun) - 1 - part.noun[::-1].index("的")
        if 0 < at < len(part.noun) - 1:
            following.before = "".join(part.noun[at + 1 :])
            part.noun = part.noun[:at]
            part.possessor = True
            return
    if (noun and part.said and between.endswith("的")) or between.endswith("的"):
        part.possessor = True


def _blanked(bracket: re.Match[str]) -> str:
    return " " * len(bracket.group())


def _before(text: str) -> list[str]:
    """The words before an amount, without adverbials in front and copulas at the end."""
    lexicon = _lexicon()
    text = _COMPARISON.sub("", _REMARK.sub("", text[-MAX_SIDE:]))
    if _ANY_NUMERAL.search(text) is not None:
        text = _ENUMERATOR.sub("", _CHINESE_COUNT.sub("", _PERIOD.sub("", text)).strip(_EDGE + "()（）"))
    text = text.strip(_EDGE)
    if not _BRACKETED.search(text):
        text = text.strip(_EDGE + "()（）")
    text = _LEAD_IN.sub("", _AT_THE_END.sub("", text.lstrip(")）").rstrip('“‘「『"')))
    benefit = _BENEFIT.search(text)
    if benefit is not None:
        return ["为", "".join(_without_tail(segmenter().cut(benefit.group()[1:])))]
    as_respondent = _AS_RESPONDENT.match(text)
    if as_respondent is not None:
        return [as_respondent.group(), *segmenter().cut(text[as_respondent.end() :])]
    if _IN_THE_NAME.match(text):
        return [text.removesuffix("了")]
    words = _without_tail(segmenter().cut(_TO_SOMEBODY.sub("", text)))
    return _without_agent([word for word in words if word not in lexicon.fillers])


def _without_tail(words: list[str]) -> list[str]:
    """Without copulas, adverbs and verbs of change at the end."""
    tail, last = _lexicon().tail, len(words)
    while last and (words[last - 1] in tail or not words[last - 1].strip(_EDGE)):
        last -= 1
    return words[:last]


def _without_agent(words: list[str]) -> list[str]:
    """Without adverbials and the reporting body in front, and without a prepositional phrase that only leads in."""
    lexicon = _lexicon()
    words = _meeting(words)
    first, last = 0, len(words)
    while first < last and (
        words[first] in lexicon.front or words[first] in lexicon.agents or not words[first].strip(_EDGE)
    ):
        if words[first] in lexicon.agents and first + 1 < last and _belongs(words[first], words[first + 1]):
            break
        if first + 1 < last and _stays(words[first], words[first + 1]):
            break
        first += 1
    words = words[first:]
    for at in range(len(words) - 1, 0, -1):
        if words[at] in lexicon.total and at + 1 < len(words):
            head = words[:at]
            agent = "".join(head)
            plain = len(agent) <= MAX_AGENT and head[0] not in lexicon.prepositions and not _verbs(head)
            words = head + words[at + 1 :] if plain else words[at + 1 :]
            break
    if words and words[0] in lexicon.prepositions:
        for at in range(len(words) - 1, 0, -1):
            if words[at] in lexicon.acts:
                return words[at:]
    return words


def _stays(word: str, following: str) -> bool:
    """Whether an adverbial is part of the name behind it: 新设企业, 平均用时, 年末实有经营主体."""
    if word == "新":
        return following in _NEW
    return following == "实有" if word in ("年末", "期末") else word in ("平均", "实有")


def _meeting(words: list[str]) -> list[str]:
    """县政府召开常务会议: whose meeting it is stays, the verb goes."""
    if not words or not words[-1].endswith(("会议", "办公会", "党组会")):
        return words
    held = next((at for at, word in enumerate(words) if word in _HELD), 0)
    body = [word for word in words[:held] if word not in _lexicon().front and word.strip(_EDGE)]
    name = "".join(body)
    if not body or len(name) > MAX_AGENT or name[0] in "全我本各" or not name.endswith(_BODIES):
        return words
    return [name, *words[held + 1 :]]


def _belongs(agent: str, following: str) -> bool:
    """Whether the body is part of a longer name or role: 市政府|常务会议, 区政府|作为被告."""
    lexicon = _lexicon()
    if following in ("作为", "为", "本级"):
        return True
    if agent[0] in "全我本辖各":
        return False
    verbal = following in lexicon.light or following in lexicon.process or following in lexicon.front
    return not (verbal or following in lexicon.total or following in "、,和与及" or segmenter().is_verb(following))


def _acts_here(words: list[str], at: int) -> bool:
    """Whether the word at `at` says what the people or firms before it do: 企业|减免|税费, 执法人员|通过|考试."""
    lexicon, word = _lexicon(), words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    if (
        len(word) == 1
        or not following
        or following in ("的", "、", "和")
        or word in lexicon.nominal
        or not words[at - 1].endswith(_ENTITIES)
    ):
        return False
    return word in lexicon.process or word in lexicon.light or segmenter().is_verb(word)


def _behind(text: str, *, event: bool, entity: bool = False) -> tuple[list[str], list[str]]:
    """The noun phrase that begins behind an amount, and what is said about it."""
    lexicon = _lexicon()
    text = text.lstrip(" ")
    if not text or text.startswith(_LIST_SIGNS):
        return [], []
    words = segmenter().cut(text[:MAX_SIDE])
    last = len(words)
    while last and (not words[last - 1].strip(_EDGE) or words[last - 1] in ("和", "及", "与", "以及", "的")):
        last -= 1
    words = words[:last]
    if last > 1 and words[-1] in _CHARGED:
        return [word for word in words[:-1] if word not in ("具体", "分别")], words[-1:]
    for at, word in enumerate(words):
        if entity and at and _acts_here(words, at):
            return words[:at], words[at:]
        if word not in lexicon.stop:
            continue
        following = words[at + 1] if at + 1 < len(words) else ""
        if at and word in lexicon.inner:
            if following and following not in lexicon.stop and following.strip(_EDGE):
                continue
            if event and not following:
                continue
        return words[:at], words[at:]
    return words, []


def _verbs(words: list[str]) -> bool:
    """Whether nothing but verbs and particles stands here."""
    lexicon, engine = _lexicon(), segmenter()
    if any(word in lexicon.nominal for word in words):
        return False
    return all(
        word in lexicon.process or word in lexicon.light or word in lexicon.particles or word in lexicon.front
        or word in lexicon.agents or (len(word) > 1 and engine.is_verb(word))
        for word in words
    )  # fmt: skip


def _without_light(words: list[str], *, kept: bool = False) -> list[str]:
    """Without the light verbs and adverbials at the front; with `kept` those stay that a counted noun keeps."""
    lexicon = _lexicon()
    at = 0
    while at < len(words) and (words[at] in lexicon.light or words[at] in lexicon.front or words[at] in ("、", "了")):
        following = words[at + 1] if at + 1 < len(words) else ""
        if following and _stays(words[at], following):
            break
        if kept and words[at] in lexicon.kept and following and following not in lexicon.light:
            break
        if words[at] in lexicon.light and (following == "、" or (following in lexicon.process and at + 2 < len(words))):
            break  # 办理、转办, 录制推送: verbs side by side stay
        at += 1
    return words[at:]


def _object(words: list[str]) -> list[str]:
    """What stands behind the last light or process verb: the counted noun without its verbs."""
    lexicon = _lexicon()
    for at in range(len(words) - 2, -1, -1):
        if words[at] in lexicon.acts or words[at] in lexicon.process:
            rest = words[at + 1 :]
            while rest and rest[0] == "了":
                rest = rest[1:]
            if not rest or rest[0] in ("、", "的", "和", "及", "与", "工作", "情况"):
                return words
            return rest
    return words


def tidy(text: str) -> str:
    """A subject without numbers, years, stray brackets and signs at its edges."""
    if _ANY_NUMERAL.search(text) is not None:
        text = _QUOTED_NUMBER.sub("", _HOTLINE.sub("热线", _PERIOD.sub("", text)))
        text = _CHINESE_COUNT.sub("", _NUMBER.sub("", text))
    text = _LEFTOVER.sub("", text)
    if text.count("(") != text.count(")"):
        text = text.replace("(", "").replace(")", "")
    if text.count("“") != text.count("”"):
        text = text.replace("“", "").replace("”", "")
    text = _EXAMPLE.sub("", text)
    text = text.replace("各类", "").replace("各项", "").replace("“”", "").replace("()", "").replace("的的", "的")
    return (
        text.strip(_EDGE)
        .removeprefix("等" if not text.startswith(("等候", "等待", "等级")) else "")
        .removeprefix("的")
        .removesuffix("的")[-MAX_SUBJECT:]
    )


def _short_list(text: str) -> str:
    """A、B、C等Y without a long list in front."""
    head, sign, tail = text.rpartition("等")
    if sign and len(tail) > 1 and len(head) > LONG_LIST and "、" in head:
        return tail
    return text


# ── building ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def shared_names(part: Part) -> list[str]:
    """The names that share the number of `part`: 参考率、合格率达100% gives two; one number of its own gives []."""
    text = _SUM_OF_NAMES.sub("", "".join(part.ahead))
    if part.zero:
        names = [name for name in _SPLIT.split(text) if name]
        return names if len(names) > 1 and all(2 <= len(name) <= 12 for name in names) else []
    if part.quantity != "rate" or not _SPLIT.search(text) or "分别" in part.before:
        return []
    run: list[str] = []
    for name in reversed(_SPLIT.split(text)):
        if not _SHARED_NAME.search(name) or len(name) < 2:
            break
        run.append(name)
    return run[::-1] if len(run) > 1 else []


def aligned_names(before: str, size: int) -> list[str]:
    """The names that 分别 hands out to the next `size` amounts: 街道及社区分别保留 → 街道, 社区."""
    head, sign, verb = before.rpartition("分别")
    if not sign:
        return []
    head = _COMPARISON.sub("", _PERIOD.sub("", head)).strip(_EDGE)
    words = _without_agent(segmenter().cut(head))
    while words and words[-1] in _lexicon().tail:
        words.pop()
    names = [name.strip(_EDGE) for name in _SPLIT.split(_SUM_OF_NAMES.sub("", "".join(words))) if name.strip(_EDGE)]
    if len(names) < size:
        return []
    said = "".join(_without_change(segmenter().cut(verb)))
    names = names[-size:]
    last = segmenter().cut(names[-1])
    head = "".join(last[1:])
    if head and _RATE_HEAD.search(head) and not any(_RATE_HEAD.search(name) for name in names[:-1]):
        names = [*(name + head for name in names[:-1]), names[-1]]
    return [name + said for name in names]


def _without_change(words: list[str]) -> list[str]:
    return [word for word in words if word not in _lexicon().tail]


def level_name(subject: str, unit: str | None) -> str:
    """What a change is a change of, where two measures of one thing change: 接待来访批次, 接待来访人次."""
    if unit == "批" and not subject.endswith(("批次", "批")):
        return f"{subject}批次"
    return f"{subject.removesuffix('人员')}人次" if unit == "人次" and subject.endswith("人员") else subject


def aligned_subject(name: str, first: str, topic: Topic, part: Part) -> str:
    """The subject of one amount of an aligned list."""
    if part.quantity == "rate" and not name.endswith("占比"):
        return complete_name(name, first, topic)
    words = segmenter().cut(name)
    if _verbs(words[1:]) and topic.noun and not name.endswith(topic.noun):
        return tidy(f"{name}{topic.noun}")
    return complete_name(name, first, topic) if len(name) <= SHORT_NOUN else tidy(name)


def complete_name(name: str, first: str, topic: Topic) -> str:
    """One of several names that share a number, made whole with the words before the first one or with the topic."""
    words = _without_light(segmenter().cut(name))
    name = tidy("".join(words)) or tidy(name)
    if len(name) > SHORT_RATE:
        return name
    if name != tidy(first) and len(first) > SHORT_RATE and not name.endswith(("案", "访")):
        head = _without_light(segmenter().cut(first))[:-1]
        if head:
            return tidy("".join(head)) + name
    if _RATED_NOUN.match(name):
        return name
    base = _rated_base(topic)
    return name if base.endswith(name) else base + name


def subject_of(part: Part, following: Part | None, topic: Topic) -> str:
    """The subject of one amount; brings `topic` up to date."""
    if part.noun:
        subject = _with_noun_behind(part, following, topic)
    elif part.ahead[:1] == ["为"]:
        subject = "".join(part.ahead)  # for whom something was got
    elif part.quantity in ("rate", "score"):
        subject = _rate(part, topic)
    elif part.quantity == "rank":
        subject = _rank(part, topic)
    elif part.quantity == "duration":
        subject = _duration(part, topic)
    elif part.unit in _PERSONS and part.said and _only_causative(part.ahead):
        subject = _persons(part, following, topic)
    else:
        subject = _with_noun_before(part, following, topic)
    if part.unit in ("次", "场", "期") and _SLOGAN.match(subject):
        subject += "活动"
    if part.quantity == "area" and _BUILT.search(subject):
        subject += "面积"
    subject = _FILES.sub(r"\g<act>的执法案卷", subject)
    subject = _RECONSIDERATION.sub("行政复议", _with_field(subject, topic))
    return subject or topic.base or _HEADING_MARK.sub("", topic.heading).strip(_EDGE)


def _with_field(subject: str, topic: Topic) -> str:
    """A bare 申请 or 案件 with the field that the sentence or the heading speaks of."""
    bare = _BARE_CASES.search(subject)
    if bare is None:
        return subject
    for text in (topic.context, topic.heading):
        fields = list(_FIELD_OF_CASES.finditer(text))
        if fields:
            noun = _FIELD_NOUNS.get((fields[-1].lastgroup or "", bare["noun"]))
            if noun is not None:
                topic.noun = (
                    topic.noun.removesuffix(bare["noun"]) + noun if topic.noun.endswith(bare["noun"]) else topic.noun
                )
                topic.spoken = topic.noun if topic.spoken == bare["noun"] else topic.spoken
                return subject[: bare.start("noun")] + noun
    return subject


def _only_causative(words: list[str]) -> bool:
    lexicon = _lexicon()
    return all(word in lexicon.causative or word in lexicon.front or word in lexicon.agents for word in words)


def _persons(part: Part, following: Part | None, topic: Topic) -> str:
    """组织159人参加培训班: the persons are those of whom it is said."""
    predicate = _predicate(part, following) or part.said
    said = tidy("".join(predicate))
    if _verbs(predicate) and topic.base:
        return _persons_of(topic.base, said)
    topic.spoken = tidy("".join(_object(predicate)))
    return f"{said}人员"


def _with_noun_behind(part: Part, following: Part | None, topic: Topic) -> str:
    lexicon = _lexicon()
    own = "".join(part.noun)
    noun = tidy(_short_list(own))
    if part.joined and following is not None and following.noun:
        level, ahead = level_noun(own), "".join(following.noun)
        if level == own:
            noun += ahead.removeprefix(level_noun(ahead) or ahead)
    topic.count(noun, part.unit)
    if part.possessor and following is not None:
        inner = tidy("".join(following.noun) or following.before)
        said = tidy("".join(_predicate(following, None)))
        topic.spoken = inner
        return f"{inner}{said}涉及的{noun}" if said and inner else noun
    defined = bool(part.said) and part.said[0] in lexicon.defining
    governed = (
        bool(part.ahead)
        and (part.ahead[-1] in lexicon.light or part.ahead[-1] in lexicon.light_behind)
        and part.ahead[-1] not in lexicon.causative
    )
    # 服务站配备专干36人: what is had is counted by the next amount, and defines nothing but a level.
    handed = (
        part.followed and not part.joined and following is not None and not following.noun and not following.benefit
    )
    plain = (governed and not defined) or (handed and level_noun(own) != own)
    predicate = [] if plain else _predicate(part, following)
    if predicate:
        topic.spoken = tidy("".join(_object(predicate)))
        return f"{tidy(''.join(predicate))}的{noun}"
    return _with_lead(part, noun, topic)


def _with_lead(part: Part, noun: str, topic: Topic) -> str:
    """Words that stand directly before the number go before the noun: 惠企纾困政策16条措施, 撤销、新设5个机构."""
    lexicon = _lexicon()
    base = topic.base
    topic.spoken = noun
    words = _without_light(part.ahead)
    while words and words[0] in lexicon.light_behind:
        words = words[1:]
    if noun in lexicon.dependent and words and words[0] in ("涵盖", "涉及", "覆盖", "包括", "包含") and base:
        return f"{base}{noun}"
    if words and (words[-1] in lexicon.light or words[-1] in lexicon.light_behind) and "、" not in words:
        words = []
    while words and (words[-1] in lexicon.tail or (len(words) > 1 and words[-1] in _LISTING)):
        words.pop()
    lead = tidy("".join(words))
    if part.before.rstrip().endswith("、") and not part.listed:
        lead, words = "", []  # 区中心、11个街道中心: the item before it in a list
    if part.listed and not lead:
        lead, words = topic.lead, []
    if not lead or len(lead) > MAX_AGENT + 4 or lead.endswith(("》", "等", "”等")):
        topic.lead = ""
        return noun
    topic.lead = lead
    sign = "的" if words and (words[-1] in lexicon.process or segmenter().is_verb(words[-1])) else ""
    return noun if noun.startswith(lead) else tidy(f"{lead}{sign}{noun}")


def _predicate(part: Part, following: Part | None) -> list[str]:
    """What is said about a noun, as the words that complete a subject; the noun of the next amount ends it."""
    lexicon = _lexicon()
    words = [word for word in part.said if word not in lexicon.particles]
    if part.followed and not part.joined and following is not None:
        words = words + following.noun
    rest = _without_empty_verbs(words)
    if rest and rest[0] in lexicon.prepositions and part.next_clause:
        cut = segmenter().cut(part.next_clause[:MAX_PREDICATE])
        rest = _without_empty_verbs([word for word in cut if word not in lexicon.particles])
    if not rest or rest[0] in lexicon.empty_predicate:
        return []
    return rest if 2 <= len("".join(rest)) <= MAX_PREDICATE else []


def _without_empty_verbs(words: list[str]) -> list[str]:
    lexicon = _lexicon()
    at = 0
    while at < len(words) and (words[at] in lexicon.empty_verbs or words[at] in lexicon.front):
        if words[at] == "通过" and words[-1].endswith(_PASSED):
            break
        at += 1
    return words[at:]


def _with_noun_before(part: Part, following: Part | None, topic: Topic) -> str:
    words = part.ahead
    if "中" in words[:-1]:
        at = len(words) - 1 - words[::-1].index("中")
        if _verbs(words[at + 1 :]):
            words = words[at + 1 :]
    rest = _without_light(words, kept=True)
    if not rest and (part.compared or part.change):
        return topic.last(part.unit)
    if not words and not part.said and topic.said:
        return _beside(part, topic)
    if len(words) == 1 and _IN_THE_NAME.match(words[0]) and topic.noun:
        return f"{words[0]}的{topic.noun}"
    if _verbs(words):
        return _verb_alone(part, words, topic)
    outcome = words[-1] in _lexicon().process and part.unit == topic.unit and part.unit not in _HELD_UNITS
    if words[-1] in _EXAMINING and len("".join(rest)) > SHORT_RATE:
        outcome = False  # 合同审查65件 behind 文件审核64件: a thing of its own
    if (outcome or part.relative) and topic.noun:
        return tidy(f"{''.join(rest)}的{_cases_of(words, _same_unit(part, topic) or topic.noun)}")
    return _noun_alone(part, following, rest, topic)


def _beside(part: Part, topic: Topic) -> str:
    """8件8人, 12批30人次, 27宗860平方米: the second measure of the same thing."""
    subject, unit = topic.said[-1]
    if part.unit in _PERSONS and unit not in _PERSONS and not subject.endswith(_PEOPLE):
        if subject.startswith(("移送", "移交")):
            return f"{subject.removesuffix('案件').removesuffix('的')}案件的涉案人员"
        return f"{subject.removesuffix('案件')}人员"
    measure = _MEASURES.get(part.quantity)
    if measure is not None and not subject.endswith(measure):
        return f"{subject}{measure}"
    return subject


def _verb_alone(part: Part, words: list[str], topic: Topic) -> str:
    """维持3件, 涉及147人: the noun is the one counted before."""
    said = tidy("".join(word for word in words if word not in ("其中", "了", "共", "又", "另")))
    if not said:
        said = tidy("".join(_predicate(part, None)))
    base = _same_unit(part, topic) or topic.noun or topic.spoken
    register = _REGISTER.search(topic.context) if said == "移出" else None
    if register is not None:
        return f"移出{register['name']}的{_UNIT_NOUNS.get(part.unit or '', base)}"
    if not said:
        return topic.last(part.unit) or base
    if part.unit in _PERSONS:
        exams = _EXAM.findall(topic.context) if said in _EXAMINED else []
        if exams:
            base = tidy("".join(_without_light(segmenter().cut(exams[-1]))))
        return _persons_of(base, said)
    if not base:
        return said
    if part.unit == topic.unit or part.unit in _CASE_UNITS or not topic.unit:
        return _done_to(said, words, base, held=part.unit in _CASE_UNITS and topic.unit in _HELD_UNITS)
    return f"{base}{said}"


def _done_to(said: str, words: list[str], base: str, *, held: bool) -> str:
    """维持的行政复议案件; behind something that was held (联合执法28次,查处违法52起) the noun is its own."""
    if held:
        return said if said.endswith(_OWN_NOUNS) else f"{said}案件"
    return f"{said}的{_cases_of(words, base)}"


def _same_unit(part: Part, topic: Topic) -> str:
    """The noun counted last in the unit of `part`, where the noun counted last of all has another; "" where none was.

    提案146件,交由31个单位承办,已落实122件: what was done is said of the proposals.
    """
    if part.unit is None or part.unit == topic.unit or part.unit in _PERSONS:
        return ""
    noun = topic.counted.get(part.unit, "")
    return noun if len(noun) <= MAX_AGENT else ""


def _persons_of(base: str, said: str) -> str:
    """参加|执法培训|人员, 执法培训|受训|人员."""
    if said in ("参加", "参与"):
        return f"{said}{base}人员"
    return f"{base}{said}{'' if said.endswith(('人员', '人')) or base.endswith(_PEOPLE) else '人员'}"


def _cases_of(words: list[str], base: str) -> str:
    """The things that an outcome (`words`) is said of: cases, not the applications that were made, whoever the respondent was."""
    if any(word in _lexicon().outcomes for word in words):
        base = _APPLICATION.sub("行政复议案件", _RESPONDENT.sub("", base))
    return _NEWLY.sub("", base)


def _noun_alone(part: Part, following: Part | None, rest: list[str], topic: Topic) -> str:
    words = _object(rest)
    if len("".join(words)) == 1:
        words = rest  # 调解|室: the verb is part of the name
    noun = tidy(_short_list("".join(words)))
    if len(noun) > SHORT_OBJECT and len(words) < len(rest):
        rest = _verb_and(rest, words, event=part.unit in _EVENTS)
    whole = tidy(_short_list("".join(rest))) or noun
    counted = _noun_of_unit(rest, part, topic)
    if counted:
        topic.lead = ""
        return f"{whole}{counted}"
    return _object_alone(part, following, rest, words, topic)


def _object_alone(part: Part, following: Part | None, rest: list[str], words: list[str], topic: Topic) -> str:
    """The counted noun `words` with what stands before it (`rest`): who has it, what is said about it, whose part it is."""
    lexicon = _lexicon()
    noun = tidy(_short_list("".join(words)))
    whole = tidy(_short_list("".join(rest))) or noun
    listing = next((at for at, word in enumerate(rest[:-1]) if at and word in _LISTING), 0)
    if listing and not _verbs(rest[:listing]):
        whole = tidy("".join(rest[:listing] + rest[listing + 1 :]))
    role = _role_and(part, topic)
    if role:
        topic.count(noun, part.unit)
        topic.spoken = noun
        return role
    if part.unit in _PERSONS and len(words) < len(part.ahead) and part.ahead[-len(words) - 1] in lexicon.having:
        owner = tidy("".join(part.ahead[: -len(words) - 1]))
        whole = f"{owner}{noun}" if len(owner) <= MAX_AGENT else whole
    if next((word for word in part.said if word not in lexicon.particles), "") in lexicon.defining:
        predicate = _predicate(part, following)
        if predicate:
            topic.count(noun, part.unit)
            topic.spoken = tidy("".join(_object(predicate)))
            return f"{tidy(''.join(predicate))}的{noun}"
    if noun.endswith("案卷") and "评查" in part.said:
        topic.spoken = noun
        return f"评查的{'执法' if noun == '案卷' else ''}{noun}"
    completed = _completed_noun(part, rest, whole, noun, topic)
    if completed:
        return completed
    topic.count(
        _without_process(_without_light(rest)) or tidy("".join(_without_light(words))) or noun or whole, part.unit
    )
    topic.spoken = tidy("".join(_without_light(words))) or noun or whole
    return whole


def _role_and(part: Part, topic: Topic) -> str:
    """The work of people who are named by their role, in this clause or counted before: 法律顾问出具法律意见书."""
    ahead = part.ahead
    at = next((k for k, word in enumerate(ahead[:-1]) if ahead[k + 1] in _ROLE_ACTS and _ROLE.search(word)), -1)
    if at >= 0:
        said = tidy("".join(word for word in ahead[at + 1 :] if word not in _HOLDING))
        owner = ahead[at - 1] if at and ahead[at - 1].endswith(("政府", "管委会", "新区")) else ""
        return f"{owner}{ahead[at]}{said}" if len(said) <= MAX_PREDICATE else ""
    if part.unit in _PERSONS or not ahead or ahead[0] not in _ROLE_ACTS or ahead[0] in _HOLDING:
        return ""
    if ahead[0] == "提出" and _REVIEW.search(topic.context) is not None:
        return ""
    counsel = _COUNSEL.findall(topic.context) if ahead[0] in _COUNSEL_ACTS and not _verbs(ahead) else []
    if counsel:
        said = tidy("".join(ahead))
        return f"{counsel[-1]}{said}" if len(said) <= MAX_AGENT else ""
    subject, unit = next(((subject, unit) for subject, unit in reversed(topic.said) if unit in _PERSONS), ("", None))
    role = _ROLE.search(subject) if unit == "人" else None
    said = tidy("".join(ahead))
    return f"{role.group()}{said}" if role is not None and len(said) <= MAX_AGENT else ""


def _completed_noun(part: Part, rest: list[str], whole: str, noun: str, topic: Topic) -> str:
    """A part of a whole, an item of a list, a finding, a dependent noun: each with the words it shares; "" for none of them."""
    lexicon = _lexicon()
    if "其中" in part.before or (topic.parent and part.before.lstrip().startswith(("、", "和"))):
        divided = _part_of(whole, rest, part, topic)
        if divided:
            topic.spoken = noun or whole
            return divided
    else:
        topic.parent = ""
    if whole == "培训" and topic.base.endswith(_COURSES):
        return f"{topic.base.removesuffix('培训班')}培训"
    if part.listed:
        earlier = topic.noun
        if whole in lexicon.shared_base and topic.said and topic.said[-1][0] not in lexicon.dependent:
            return _completed(_RECEIVING.sub("", topic.said[-1][0]), whole)
        whole = _listed(whole, noun, topic)
        topic.count(noun or whole, part.unit)
        topic.spoken = noun or whole
        if part.unit not in _PERSONS and 0 < len(earlier) <= SHORT_LISTED and len(noun) <= SHORT_LISTED:
            topic.pair = (earlier, topic.base)
        return whole
    topic.lead = whole.removesuffix(noun) if whole != noun else ""
    return _dependent_noun(part, whole, noun, topic)


def _dependent_noun(part: Part, whole: str, noun: str, topic: Topic) -> str:
    """A noun that says nothing alone, with the act that found it or with the noun before it; "" where it needs neither."""
    lexicon = _lexicon()
    dependent = whole in lexicon.dependent or noun in lexicon.dependent
    if whole in ("发放资料", "派发资料"):
        return f"{whole[:2]}的{'普法' if '普法' in topic.context else '宣传'}资料"
    if whole != noun and whole.startswith(_REMEDY):
        return ""
    if dependent or noun in _FINDINGS:
        found = _found_by(whole, noun, topic)
        if found:
            topic.count(noun, part.unit)
            topic.spoken = noun
            return found
    if whole != noun and not noun.endswith(("意见", "建议")) and _own_words(whole.removesuffix(noun)):
        return ""
    return _completed(topic.base, whole) if dependent and topic.base and whole not in topic.base else ""


def _own_words(lead: str) -> bool:
    """Whether what stands before a dependent noun says enough: 发放|宣传资料, 公共服务等其他|事项."""
    return len(lead) > SHORT_NOUN or lead in ("发放", "派发", "印发", "赠送")


def _noun_of_unit(words: list[str], part: Part, topic: Topic) -> str:
    """的案件, 的企业: what completes a phrase that names only an act and where it leads (移送公安机关12件)."""
    lexicon = _lexicon()
    noun = _UNIT_NOUNS.get(part.unit or "")
    if noun == "案件" and words and (words[-1].endswith("问责") or (len(words) > 1 and words[-1] == "处罚")):
        topic.spoken = f"{tidy(''.join(words[words[0] == '立案' :]))}{noun}"
        return noun
    if noun == "案件" and words and "".join(words).endswith(("被复议", "被诉", "被行政复议", "被起诉")):
        return noun
    if noun is None or len(words) < 2 or "的" in words:
        return ""
    first = next((word for word in words if word not in lexicon.front), "")
    if not first.startswith(_LEADING_VERBS) or words[-1].endswith(_OWN_NOUNS):
        return ""
    if first != "驳回" and topic.noun and topic.unit == part.unit and len(topic.noun) <= MAX_AGENT:
        noun = _APPLICATION.sub("行政复议案件", _without_process(segmenter().cut(topic.noun)) or topic.noun)
    return f"的{noun}"


def _found_by(whole: str, noun: str, topic: Topic) -> str:
    """发现问题19个, 提出意见35条 with the act that found or raised them: 审计发现的问题, 合法性审查提出的意见."""
    verb = whole.removesuffix(noun)
    verb = next((word for word in _FINDING if verb.endswith(word)), "").removesuffix("并督促整改")
    if noun.endswith(("意见", "建议", "意见建议")):
        if verb not in ("提出", "反馈") and "提出" not in topic.context[-8:]:
            return ""
        verb = verb or "提出"
        acts = _REVIEW.findall(topic.context)
    elif verb:
        acts = _INQUIRY.findall(topic.context) or _INQUIRY.findall(topic.heading)
    else:
        return ""
    act = acts[-1] if acts else ""
    reviewed = _REVIEWED.match(topic.context, topic.context.rfind(act)) if act else None
    if reviewed is not None:
        act = reviewed["object"] + act  # 评查执法案卷480宗 → 执法案卷评查
    noun = "不合格产品" if noun == "不合格" else noun
    return f"{act}{verb}的{noun}" if act and act not in whole else ""


def _part_of(whole: str, rest: list[str], part: Part, topic: Topic) -> str:
    """其中食品类案件12件: a part named by its noun alone keeps the verb of the whole (立案查处的食品类案件)."""
    lexicon = _lexicon()
    if "其中" in part.before:
        said_before = ((said.replace("的执法案卷", "案卷"), unit) for said, unit in reversed(topic.said))
        whole_count = next((said for said, unit in said_before if unit == part.unit and "的" not in said), "")
        topic.parent, topic.head = _verb_of(whole_count)
    if (
        not topic.parent
        or part.quantity == "money"
        or any(word in lexicon.process or word in lexicon.light or word in lexicon.acts for word in rest)
    ):
        return ""
    if part.unit in _CASE_UNITS and topic.head in _CASE_HEADS and not whole.endswith(_CASE_ENDS):
        whole += topic.head
    sign = "" if topic.parent.startswith(_STATES) else "的"
    return f"{topic.parent}{sign}{whole}"


def _verb_of(subject: str) -> tuple[str, str]:
    """The verbs that a subject opens with, and its last word."""
    lexicon = _lexicon()
    words = segmenter().cut(subject)
    at = 0
    while at < len(words) - 1 and (words[at] in lexicon.process or words[at] in lexicon.divided or words[at] == "、"):
        if words[at] in ("违法", "办理", "发布", "收到", "其他", "涉及"):
            break
        at += 1
    return "".join(words[:at]), words[-1] if words else ""


def _without_process(words: list[str]) -> str:
    """行政处罚|立案: what the next outcome of the list (结案) is said of."""
    lexicon = _lexicon()
    last = len(words)
    while last and words[last - 1] in lexicon.process:
        last -= 1
    return tidy("".join(words[:last])) if 0 < last < len(words) else ""


def _completed(base: str, name: str) -> str:
    """A dependent noun with the noun before it; a word that ends one and opens the other stands once."""
    if len(base) > MAX_AGENT:
        return name
    if base[-2:] == name[:2]:
        base = base[:-2]
    return f"{base}{name}"


def _verb_and(words: list[str], noun: list[str], *, event: bool) -> list[str]:
    """The noun with the process verbs directly before it, without the agent before those: 调解组织|排查|矛盾纠纷."""
    lexicon = _lexicon()
    at = len(words) - len(noun)
    while at and (words[at - 1] in lexicon.process or words[at - 1] in ("、", "了", "和", "并")):
        at -= 1
    if at and words[at - 1] in lexicon.acts:
        return words[at - 1 :] if words[at - 1] in lexicon.kept else words[at:]
    if event:
        return words
    while at < len(words) and words[at] in ("、", "了", "和", "并"):
        at += 1
    return words[at:] if at and not words[0].startswith(("对", "向", "为", "以")) else words


def _listed(whole: str, noun: str, topic: Topic) -> str:
    """An item of a list: it shares the verb of the first item, or the modifiers of the item before (通知书9份、建议书17份)."""
    before = topic.noun
    grade = _GRADE_ALONE.match(before)
    if grade is not None and _GRADE_ALONE.fullmatch(noun):
        return f"{noun}{before[grade.end() :]}"
    if 0 < len(noun) <= SHORT_NOUN and before and len(before) > len(noun) and before[-1] == noun[-1] and before != noun:
        words = segmenter().cut(before)
        if len(words) > 1 and len(words[-1]) <= len(noun) + 1:
            return tidy(topic.lead + "".join(words[:-1]) + noun)
    if topic.lead and whole == noun and len(topic.lead) <= 10:
        return tidy(f"{topic.lead}{noun}")
    return whole


def _rate(part: Part, topic: Topic) -> str:
    share = _SHARE.search(part.before)
    rest = _without_light(part.ahead)
    name = tidy("".join(rest))
    if share is not None:
        return _share(part, share, topic)
    if not name:
        if part.compared or part.change:
            return topic.last(part.unit)
        if part.ahead or part.said:
            return tidy(topic.base + "".join(part.said))
        return topic.spoken or topic.last("%")
    if (
        part.quantity == "rate"
        and not _RATE_NAME.search(name)
        and part.said
        and _names_a_rate(part.said[0])
        and not part.change
    ):
        name += part.said[0] + "率"
    if part.change and not _RATE_NAME.search(name):
        return name
    return _rate_of(name, topic)


def _names_a_rate(word: str) -> bool:
    """Whether a word behind a percentage says what the rate is of: 执行100%, but not 达到, 以上."""
    lexicon = _lexicon()
    return word not in lexicon.front and word not in lexicon.tail


def _rate_of(name: str, topic: Topic) -> str:
    """A rate that names only an act (办结率) with the thing whose rate it is; one with a noun of its own as it stands."""
    if name in ("出庭率", "出庭应诉率") and "负责人" in topic.context:
        return f"行政机关负责人{name}"
    if len(name) > SHORT_RATE or _RATED_NOUN.match(name):
        return name
    base = _rated_base(topic)
    if not base or name.startswith((base, topic.current or base)):
        return name
    mediating = _MEDIATING.findall(topic.context) if name == "成功率" else []
    if mediating and not base.endswith(("调解", "调处")):
        name = f"{mediating[-1]}成功率"
        base = _MEDIATING.sub("", base)
    stem = name[:2]
    return tidy(base + name) if not base.endswith(stem) else tidy(base.removesuffix(stem) + name)


def _rated_base(topic: Topic) -> str:
    """What a short rate name is completed with; the two things of a list that shares it stand together."""
    base = topic.base
    if topic.pair and base == topic.pair[1]:
        return "和".join(topic.pair)
    if _POLICY.search(base):
        return ""
    if _BARE_FILES.match(base):
        return "执法案卷"
    head = base.rpartition("的")[2]
    base = _MADE_BY.sub("", head if len(head) >= SHORT_NOUN else base)
    return _CASES.sub("行政复议", _RESPONDENT.sub("", base))


def _share(part: Part, share: re.Match[str], topic: Topic) -> str:
    """占比, 占全市的37%: a share is named by the noun that has it and by the whole."""
    name = tidy("".join(_without_light(_before(part.before[: share.start()]))))
    whole = tidy(share["whole"] or "")
    if not name:
        name = topic.said[-1][0] if topic.said else topic.spoken
    if whole:
        return f"{name}占{whole}{'比重' if '比重' in share.group() else '比例'}"
    return f"{name}占比"


def _rank(part: Part, topic: Topic) -> str:
    """位列全市第二: the rank of what was spoken of; 综合绩效考核列全省第3; 营商环境评价中列第3位."""
    name = tidy("".join(_without_light(part.ahead)))
    ratings = list(_RATING.finditer(topic.context))
    rating = "" if not ratings else _RATED_IN.sub("", tidy((ratings[-1]["field"] or "") + ratings[-1]["name"]))
    name = _RANKED.sub("", _RANKING.sub("", name))
    if rating and (len(name) <= SHORT_NOUN or name in ratings[-1].group() or _FIELD_OF_RANK.match(name)):
        return f"{rating}{name if name in _OVERALL else ''}排名"
    field = _FIELD_ALONE.search(part.before.rstrip())
    if field is not None and not name.strip("、") and topic.said and topic.said[-1][0].endswith("排名"):
        return f"{_RANK_FIELD.sub('', topic.said[-1][0])}{field['field']}排名"
    if _FIELD_OF_RANK.match(name):
        rated = next((subject for subject, unit in reversed(topic.said) if unit in ("%", "point")), "")
        name = (rated or topic.last(None) or topic.base) + (field["field"] if field is not None else "")
    elif len(name) <= SHORT_NOUN:
        name = (topic.last(None) or topic.base) + name
    return name if name.endswith(("排名", "名次", "位次")) else f"{name}排名"


def _duration(part: Part, topic: Topic) -> str:
    """常规工作3天内办理: what it takes the time for."""
    lexicon = _lexicon()
    name = tidy("".join(_without_light(part.ahead)))
    if not name and (part.compared or part.change):
        return topic.last(part.unit)
    said = tidy("".join(word for word in part.said if word not in ("内", "以内", "之内", "里", "即可", "了")))
    if not name or (name.removeprefix("平均") in lexicon.dependent and topic.base):
        name = topic.base + name
    if said and "平均" in part.before and not name.endswith("用时"):
        return f"{name}平均{said}时间"
    if said and len(said) <= SHORT_RATE + 2 and not name.endswith(("时间", "时限", "用时", "周期", "期限")):
        return f"{name}{said}时限"
    return name


def spoken_of(clause: str) -> str:
    """What a clause without an amount speaks of: its last object; nothing where it only says from where one looks."""
    if _LOOKED_FROM.match(clause.strip()):
        return ""
    return tidy(_short_list("".join(_object(_without_light(_before(clause))))))
