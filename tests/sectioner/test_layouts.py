"""Outlines in the layouts that pages of this genre come in. All places and texts are invented.

An expected outline is written one section a line: level, marker, heading, kind; `~` stands for no marker, `""` for an
empty heading.
"""

from __future__ import annotations

import textwrap

import pytest

BODY = "全县各部门把法治建设摆在突出位置,按照年度要点逐项抓好落实,群众满意度持续提升,法治环境得到明显改善。"
KINDS = {"p": "preamble", "a": "achievements", "x": "problems", "n": "plan", "o": "other"}


def _expected(outline: str) -> list[tuple[int, str | None, str, str]]:
    lines = []
    for line in textwrap.dedent(outline).strip().splitlines():
        level, marker, heading, kind = line.split()
        lines.append((int(level), None if marker == "~" else marker, heading.strip('"').replace("_", " "), KINDS[kind]))
    return lines


def _outline(report) -> list[tuple[int, str | None, str, str]]:
    return [(s.level, s.marker, s.heading, s.kind) for s in report.sections]


def _page(text: str) -> str:
    return textwrap.dedent(text).strip().replace("BODY", BODY)


LAYOUTS = {
    "a comma inside of the brackets": (
        """
        (一、)工作措施
        BODY
        (二、)下步打算
        BODY
        """,
        """
        2 (一、) 工作措施 a
        2 (二、) 下步打算 n
        """,
    ),
    "decimal numbers": (
        """
        1.工作开展情况
        1.1 法治学习走深走实
        BODY
        1.2 行业监管从严从实
        BODY
        2.下步打算
        2.1 推进非现场执法
        BODY
        """,
        """
        3 1. 工作开展情况 a
        4 1.1 法治学习走深走实 a
        4 1.2 行业监管从严从实 a
        3 2. 下步打算 n
        4 2.1 推进非现场执法 n
        """,
    ),
    "numbers that repeat and jump on one line": (
        "2023年,推进依法行政。一、工作情况。(一)加强领导。研究3次。(二)规范执法。办理12件。(二)化解纠纷。调解9件。(四)普及法律。宣传6场。二、存在的问题。力量不足。",
        """
        1 ~ "" p
        1 一、 工作情况 a
        2 (一) 加强领导 a
        2 (二) 规范执法 a
        2 (二) 化解纠纷 a
        2 (四) 普及法律 a
        1 二、 存在的问题 x
        """,
    ),
    "no heading has a number": (
        """
        2023年,云溪县扎实推进法治政府建设。
        制度先行,夯实法治根基
        全县出台行政规范性文件14件。
        执法为民,彰显法治温度
        BODY
        多元解纷,筑牢法治防线
        BODY
        踔厉奋发,展望法治新程
        2024年,云溪县将继续推进法治政府建设,力争创建省级示范项目2个。
        """,
        """
        1 ~ "" p
        1 ~ 制度先行,夯实法治根基 a
        1 ~ 执法为民,彰显法治温度 a
        1 ~ 多元解纷,筑牢法治防线 a
        1 ~ 踔厉奋发,展望法治新程 n
        """,
    ),
    "numbers of two digits without a sign": (
        """
        2023年,柳坞街道认真落实各项部署。
        01 党建引领_压实责任
        BODY
        02 规范执法_守护平安
        BODY
        03 下一步工作
        BODY
        """.replace("_", " "),
        """
        1 ~ "" p
        3 01 党建引领_压实责任 a
        3 02 规范执法_守护平安 a
        3 03 下一步工作 n
        """,
    ),
    "enumerators that are the headings of a report": (
        """
        现将一年来工作情况报告如下:
        第一,抓学习促提升。全年组织集中学法9次。
        第二,抓执法促规范。查处违法案件31起。
        第三,存在的不足。执法装备落后,专业人员缺口7人。
        第四,明年打算。加大普法力度,计划开展检查不少于40次。
        """,
        """
        1 ~ "" p
        5 第一, 抓学习促提升 a
        5 第二, 抓执法促规范 a
        5 第三, 存在的不足 x
        5 第四, 明年打算 n
        """,
    ),
    "a sentence of a problems section that ends like a heading": (
        """
        1.工作开展情况
        BODY
        2.存在问题
        非现场执法占比不高,基层站所装备不足。
        3.下步打算
        BODY
        """,
        """
        3 1. 工作开展情况 a
        3 2. 存在问题 x
        3 3. 下步打算 n
        """,
    ),
    "a heading on its own line over what is intended": (
        """
        一、2023年工作回顾
        BODY
        二、奋力开创法治建设新局面
        2024年,云溪县将继续推进法治政府建设,力争创建省级示范项目2个。
        """,
        """
        1 一、 2023年工作回顾 a
        1 二、 奋力开创法治建设新局面 n
        """,
    ),
    "a short page on one line": (
        "云溪县2023年法治政府建设报告 2023年,推进依法行政。 一、主要举措 (一)坚持领导。研究3次。 (二)优化环境。办理12件。 二、存在的问题 (一)能力不足。",
        """
        1 ~ "" p
        1 一、 主要举措 a
        2 (一) 坚持领导 a
        2 (二) 优化环境 a
        1 二、 存在的问题 x
        2 (一) 能力不足 x
        """,
    ),
    "a table behind a plan": (
        """
        云溪县2023年法治政府建设年度报告
        2023年,云溪县认真落实各项部署。现将有关情况报告如下:
        一、主要工作
        BODY
        二、2024年工作安排
        BODY
        附件:2023年行政复议案件情况表
        单位:件
        地区 \t 收案 \t 审结
        县本级 \t 59 \t 50
        云溪县人民政府
        """,
        """
        1 ~ "" p
        1 一、 主要工作 a
        1 二、 2024年工作安排 n
        1 ~ 附件:2023年行政复议案件情况表 o
        """,
    ),
    "a table between sections": (
        """
        云溪县2023年法治政府建设年度报告
        2023年,云溪县认真落实各项部署。现将有关情况报告如下:
        一、主要工作
        (一)执法
        BODY
        表1 2023年行政处罚情况
        单位 \t 处罚(件)
        城管局 \t 59
        (二)应诉
        全县应诉案件情况如下表:
        单位 \t 应诉(件)
        城管局 \t 3
        二、存在的问题
        BODY
        附表2 2023年行政检查汇总表
        单位 \t 检查(次)
        城管局 \t 31
        """,
        """
        1 ~ "" p
        1 一、 主要工作 a
        2 (一) 执法 a
        3 ~ 表1_2023年行政处罚情况 o
        2 (二) 应诉 a
        1 二、 存在的问题 x
        1 ~ 附表2_2023年行政检查汇总表 o
        """,
    ),
    "attachments named without a table": (
        """
        云溪县2023年法治政府建设年度报告
        2023年,云溪县认真落实各项部署。现将有关情况报告如下:
        一、主要工作
        BODY
        附件:2023年行政复议案件情况表
        云溪县人民政府
        """,
        """
        1 ~ "" p
        1 一、 主要工作 a
        """,
    ),
    "the official template": (
        """
        云溪县2023年法治政府建设年度报告
        2023年,云溪县认真落实各项部署。现将有关情况报告如下:
        一、2023年推进法治政府建设的主要举措和成效
        (一)健全依法行政制度体系。BODY
        (二)严格规范公正文明执法。BODY
        二、2023年推进法治政府建设存在的不足和原因
        BODY
        三、2023年党政主要负责人履行推进法治建设第一责任人职责的有关情况
        BODY
        四、2024年推进法治政府建设的主要安排
        (一)强化理论武装。BODY
        (二)强化行政执法监督。BODY
        五、其他需要报告的事项
        BODY
        """,
        """
        1 ~ "" p
        1 一、 2023年推进法治政府建设的主要举措和成效 a
        2 (一) 健全依法行政制度体系 a
        2 (二) 严格规范公正文明执法 a
        1 二、 2023年推进法治政府建设存在的不足和原因 x
        1 三、 2023年党政主要负责人履行推进法治建设第一责任人职责的有关情况 a
        1 四、 2024年推进法治政府建设的主要安排 n
        2 (一) 强化理论武装 n
        2 (二) 强化行政执法监督 n
        1 五、 其他需要报告的事项 o
        """,
    ),
    "full-width signs, headings on lines of their own, closed by 。": (
        """
        ２０２３年，我县坚持依法行政。现报告如下：
        一、主要工作。
        （一）加强党的领导。
        BODY
        （二）深化“放管服”改革，优化营商环境。
        BODY
        二、存在的主要问题。
        BODY
        三、下一步工作打算。
        BODY
        """,
        """
        1 ~ "" p
        1 一、 主要工作 a
        2 （一） 加强党的领导 a
        2 （二） 深化“放管服”改革，优化营商环境 a
        1 二、 存在的主要问题 x
        1 三、 下一步工作打算 n
        """,
    ),
    "from 一、 straight to 1.": (
        """
        一、主要做法
        1.压实责任。BODY
        2、规范程序。BODY
        3.2023年重点任务落实。BODY
        二、下步打算
        1.强化培训。BODY
        """,
        """
        1 一、 主要做法 a
        3 1. 压实责任 a
        3 2、 规范程序 a
        3 3. 2023年重点任务落实 a
        1 二、 下步打算 n
        3 1. 强化培训 n
        """,
    ),
    "the whole report on one line, paragraphs separated by spaces": (
        (
            "云溪县2023年法治政府建设情况报告 2023年,我县扎实推进依法行政。现将情况报告如下: 一、主要工作 "
            "(一)加强组织领导 BODY (二)规范行政执法 BODY 1.推行柔性执法。BODY 2.强化执法监督。BODY "
            "二、存在问题 BODY 三、下一步打算 (一)提升执法能力 BODY (二)加强普法宣传 BODY"
        ),
        """
        1 ~ "" p
        1 一、 主要工作 a
        2 (一) 加强组织领导 a
        2 (二) 规范行政执法 a
        3 1. 推行柔性执法 a
        3 2. 强化执法监督 a
        1 二、 存在问题 x
        1 三、 下一步打算 n
        2 (一) 提升执法能力 n
        2 (二) 加强普法宣传 n
        """,
    ),
    "the whole report on one line, nothing between the paragraphs": (
        (
            "2023年,我县扎实推进依法行政。现将情况报告如下:一、主要工作情况(一)加强组织领导。BODY(二)规范行政执法。BODY"
            "二、存在的问题虽然取得一定成效,但执法力量仍显薄弱。BODY三、下一步打算(一)提升执法能力。BODY(二)加强普法宣传。BODY"
        ),
        """
        1 ~ "" p
        1 一、 主要工作情况 a
        2 (一) 加强组织领导 a
        2 (二) 规范行政执法 a
        1 二、 存在的问题 x
        1 三、 下一步打算 n
        2 (一) 提升执法能力 n
        2 (二) 加强普法宣传 n
        """,
    ),
    "enumerators as a level of their own": (
        """
        一、主要成效
        (一)优化法治化营商环境。BODY一是推行告知承诺。BODY二是深化“一件事”改革,提升办事效率。BODY
        三是强化信用监管:BODY
        (二)规范执法行为。BODY一是完善裁量基准,修订清单;二是开展案卷评查,通报结果;三是加强培训。
        """,
        """
        1 一、 主要成效 a
        2 (一) 优化法治化营商环境 a
        5 一是 推行告知承诺 a
        5 二是 深化“一件事”改革,提升办事效率 a
        5 三是 强化信用监管 a
        2 (二) 规范执法行为 a
        """,
    ),
    "首先 and 第二 run into the text": (
        """
        一、主要工作
        BODY首先,统一思想认识。BODY其次,健全工作机制。BODY
        BODY第一,压实主体责任。BODY第二,严格考核督察。BODY
        """,
        """
        1 一、 主要工作 a
        5 首先, 统一思想认识 a
        5 其次, 健全工作机制 a
        5 第一, 压实主体责任 a
        5 第二, 严格考核督察 a
        """,
    ),
    "a lost (一) and a half-lost bracket": (
        """
        一、主要工作
        抓好组织领导,树牢法治观念
        1.压实责任。BODY
        2.落实学法制度。BODY
        (二)全面履行政府职能
        1.规范审批。(1)精简事项。BODY2)压缩时限。BODY
        2.强化监管。BODY
        """,
        """
        1 一、 主要工作 a
        2 ~ 抓好组织领导,树牢法治观念 a
        3 1. 压实责任 a
        3 2. 落实学法制度 a
        2 (二) 全面履行政府职能 a
        3 1. 规范审批 a
        4 (1) 精简事项 a
        4 2) 压缩时限 a
        3 2. 强化监管 a
        """,
    ),
    "a chapter that lost its number": (
        """
        一、主要工作
        (一)强化制度建设。BODY
        (二)强化执法监督。BODY
        存在的问题
        BODY
        三、下一步工作
        (一)抓实学习培训。BODY
        """,
        """
        1 一、 主要工作 a
        2 (一) 强化制度建设 a
        2 (二) 强化执法监督 a
        1 ~ 存在的问题 x
        1 三、 下一步工作 n
        2 (一) 抓实学习培训 n
        """,
    ),
    "numbering that starts late, repeats and jumps": (
        """
        一、工作开展情况
        (一)依法全面履职
        2.优化审批服务。BODY
        3.规范市场秩序。BODY
        (二)完善制度体系。BODY
        (二)严格执法程序。BODY
        (五)化解矛盾纠纷。BODY
        """,
        """
        1 一、 工作开展情况 a
        2 (一) 依法全面履职 a
        3 2. 优化审批服务 a
        3 3. 规范市场秩序 a
        2 (二) 完善制度体系 a
        2 (二) 严格执法程序 a
        2 (五) 化解矛盾纠纷 a
        """,
    ),
    "parts and chapters": (
        """
        第一部分 2023年工作情况
        一、强化组织保障
        BODY
        二、强化制度供给
        BODY
        第二部分 2024年工作安排
        一、抓好学习培训
        BODY
        """,
        """
        1 第一部分 2023年工作情况 a
        1 一、 强化组织保障 a
        1 二、 强化制度供给 a
        1 第二部分 2024年工作安排 n
        1 一、 抓好学习培训 n
        """,
    ),
    "chapters without a number above numbered ones": (
        """
        2023年工作回顾
        BODY
        一、强化组织保障
        BODY
        二、强化制度供给
        BODY
        2024年工作安排
        BODY
        一、抓好学习培训
        BODY
        二、抓好执法监督
        BODY
        """,
        """
        1 ~ 2023年工作回顾 a
        1 一、 强化组织保障 a
        1 二、 强化制度供给 a
        1 ~ 2024年工作安排 n
        1 一、 抓好学习培训 n
        1 二、 抓好执法监督 n
        """,
    ),
    "no number anywhere": (
        """
        云溪县2023年法治政府建设工作总结
        2023年,云溪县坚持以法治引领发展。BODYBODY
        主要工作情况
        BODY
        存在的问题和不足
        BODY
        下一步工作打算
        BODY
        """,
        """
        1 ~ "" p
        1 ~ 主要工作情况 a
        1 ~ 存在的问题和不足 x
        1 ~ 下一步工作打算 n
        """,
    ),
    "problems and plan under one heading": (
        """
        一、主要工作
        BODY
        二、存在的问题及下一步工作打算
        (一)执法力量仍较薄弱。BODY
        (二)普法形式不够新颖。BODY
        下一步,我县将重点抓好以下工作:
        (一)加强执法队伍建设。BODY
        (二)创新普法方式。BODY
        """,
        """
        1 一、 主要工作 a
        1 二、 存在的问题及下一步工作打算 x
        2 (一) 执法力量仍较薄弱 x
        2 (二) 普法形式不够新颖 x
        2 (一) 加强执法队伍建设 n
        2 (二) 创新普法方式 n
        """,
    ),
    "a combined heading that names the coming year": (
        """
        一、主要工作
        BODY
        二、存在的不足及2024年重点任务
        主要不足是:部分乡镇执法力量薄弱。
        2024年,着力抓好三件事:
        (一)强化执法监督。BODY
        (二)夯实基层基础。BODY
        """,
        """
        1 一、 主要工作 a
        1 二、 存在的不足及2024年重点任务 x
        2 (一) 强化执法监督 n
        2 (二) 夯实基层基础 n
        """,
    ),
    "chapters whose headings name no kind": (
        """
        一、坚持党的领导,统筹推进法治建设
        (一)强化理论学习。BODY
        二、聚焦中心工作,提升依法行政水平
        (一)深化改革攻坚。BODY
        三、存在问题
        BODY
        四、奋力谱写法治建设新篇章
        2024年,我县将继续抓好各项工作,确保任务落地,力争走在前列。
        """,
        """
        1 一、 坚持党的领导,统筹推进法治建设 a
        2 (一) 强化理论学习 a
        1 二、 聚焦中心工作,提升依法行政水平 a
        2 (一) 深化改革攻坚 a
        1 三、 存在问题 x
        1 四、 奋力谱写法治建设新篇章 n
        """,
    ),
    "numbered paragraphs that are no headings": (
        """
        一、主要工作
        1.我县全年召开常务会议12次,专题研究法治建设工作3次,解决问题8个。
        2.按照上级统一要求,组织执法人员380人参加考试。
        3.县司法局先后举办培训班6期。
        """,
        """
        1 一、 主要工作 a
        3 1. "" a
        3 2. "" a
        3 3. "" a
        """,
    ),
    "a heading that a comma ends": (
        """
        一、主要工作
        1.定期清理规范性文件,先后废止文件6件,宣布失效2件。
        2.强化法律顾问作用,全年参与合同审查96份。
        """,
        """
        1 一、 主要工作 a
        3 1. 定期清理规范性文件 a
        3 2. 强化法律顾问作用 a
        """,
    ),
    "names, years and mottos inside headings": (
        """
        一、2023年主要工作
        1.贯彻落实《云溪县法治政府建设实施方案(2021-2025年)》。BODY
        2.推行“3个1”工作法。BODY
        3.明确2023年法治建设重点任务与分工。BODY
        4.提供24小时自助法律服务。BODY
        """,
        """
        1 一、 2023年主要工作 a
        3 1. 贯彻落实《云溪县法治政府建设实施方案(2021-2025年)》 a
        3 2. 推行“3个1”工作法 a
        3 3. 明确2023年法治建设重点任务与分工 a
        3 4. 提供24小时自助法律服务 a
        """,
    ),
    "counts in headings on lines of their own": (
        """
        一、主要工作
        (一)落实20项改革任务
        BODY
        (二)办理案件12件,化解纠纷8起
        (三)累计办结案件12件
        二、需要说明的其他事项
        BODY
        """,
        """
        1 一、 主要工作 a
        2 (一) 落实20项改革任务 a
        2 (二) "" a
        2 (三) "" a
        1 二、 需要说明的其他事项 o
        """,
    ),
    "a title that ends like a heading": (
        """
        云溪县2023年法治政府建设工作情况
        BODYBODY
        主要做法
        BODY
        """,
        """
        1 ~ "" p
        1 ~ 主要做法 a
        """,
    ),
    "enumerators glued to the heading before them": (
        """
        一、主要做法(一)加强政务公开一是完善公开制度。BODY二是丰富公开方式。BODY(二)统一是非标准。BODY
        """,
        """
        1 一、 主要做法 a
        2 (一) 加强政务公开 a
        5 一是 完善公开制度 a
        5 二是 丰富公开方式 a
        2 (二) 统一是非标准 a
        """,
    ),
    "headings that say what was reached": (
        """
        一、主要工作
        (一)监督与支持并重,有效推进了依法行政。BODY
        (二)执法规范化建设取得了新进展。BODY
        (三)加强领导,成立了由县长任组长的领导小组。BODY
        """,
        """
        1 一、 主要工作 a
        2 (一) 监督与支持并重,有效推进了依法行政 a
        2 (二) 执法规范化建设取得了新进展 a
        2 (三) 加强领导 a
        """,
    ),
    "circled and bracketed numbers": (
        """
        一、主要工作
        1.规范执法
        (1)完善制度。BODY
        (2)加强监督。BODY
        2.优化服务
        ①精简材料。BODY
        ②压缩时限。BODY
        """,
        """
        1 一、 主要工作 a
        3 1. 规范执法 a
        4 (1) 完善制度 a
        4 (2) 加强监督 a
        3 2. 优化服务 a
        4 ① 精简材料 a
        4 ② 压缩时限 a
        """,
    ),
    "headings with a colon and with text after a wide space": (
        """
        一、工作情况
        1、组织领导:BODY
        2、制度建设　BODY
        二、问题和不足:
        BODY
        """,
        """
        1 一、 工作情况 a
        3 1、 组织领导 a
        3 2、 制度建设 a
        1 二、 问题和不足 x
        """,
    ),
    "topic lines without a number under numbered chapters": (
        """
        一、主要工作
        加强组织领导
        BODY
        健全制度体系
        BODY
        二、下一步安排
        提升执法水平
        BODY
        """,
        """
        1 一、 主要工作 a
        2 ~ 加强组织领导 a
        2 ~ 健全制度体系 a
        1 二、 下一步安排 n
        2 ~ 提升执法水平 n
        """,
    ),
    "a table of contents": (
        """
        目 录
        一、主要工作 1
        二、存在问题 3
        三、下一步打算 4
        一、主要工作
        BODY
        二、存在问题
        BODY
        三、下一步打算
        BODY
        """,
        """
        1 ~ "" p
        1 一、 主要工作 a
        1 二、 存在问题 x
        1 三、 下一步打算 n
        """,
    ),
    "a table of contents without its head": (
        """
        一、主要工作1
        (一)加强组织领导2
        二、存在问题……3
        三、下一步打算 4
        一、主要工作
        (一)加强组织领导
        BODY
        二、存在问题
        BODY
        三、下一步打算
        BODY
        """,
        """
        1 ~ "" p
        1 一、 主要工作 a
        2 (一) 加强组织领导 a
        1 二、 存在问题 x
        1 三、 下一步打算 n
        """,
    ),
    "a table of contents without its head, in digits": (
        """
        1.主要工作……1
        2.存在问题……3
        3.下一步打算……4
        1.主要工作
        BODY
        2.存在问题
        BODY
        3.下一步打算
        BODY
        """,
        """
        1 ~ "" p
        3 1. 主要工作 a
        3 2. 存在问题 x
        3 3. 下一步打算 n
        """,
    ),
    "headings that come again below their text": (
        """
        一、主要工作
        BODY
        二、存在问题
        BODY
        一、主要工作
        BODY
        """,
        """
        1 一、 主要工作 a
        1 二、 存在问题 x
        1 一、 主要工作 a
        """,
    ),
    "an annex and its list": (
        """
        一、主要工作
        BODY
        附件:1.云溪县行政执法统计表
        2.云溪县普法活动一览
        云溪县人民政府
        2024年1月20日
        """,
        """
        1 一、 主要工作 a
        """,
    ),
    "an annex with text": (
        """
        一、主要工作
        BODY
        附件1
        行政执法情况
        1.行政检查。BODY
        """,
        """
        1 一、 主要工作 a
        1 ~ 附件1 o
        3 1. 行政检查 o
        """,
    ),
    "an annex alone on its line and the title of its table": (
        """
        一、主要工作
        BODY
        附件
        2024年度行政执法计划表
        序号\t项目\t次数
        1\t检查\t20
        2\t培训\t30
        """,
        """
        1 一、 主要工作 a
        1 ~ 附件 o
        """,
    ),
    "a marker and its words on two lines": (
        """
        一、
        主要工作
        BODY
        二、
        存在问题
        BODY
        """,
        """
        1 一、 主要工作 a
        1 二、 存在问题 x
        """,
    ),
    "a review of a later year than the page gives": (
        """
        云溪县2022年度法治政府建设情况报告
        一、2023年工作回顾
        BODY
        二、2024年工作安排
        BODY
        """,
        """
        1 ~ "" p
        1 一、 2023年工作回顾 a
        1 二、 2024年工作安排 n
        """,
    ),
    "an opening that names a plan of later years in brackets or a book title": (
        """
        云溪县2016年度法治政府建设情况的报告
        2016年,全县认真贯彻《云溪县法治建设纲要(2015—2020年)》,进一步加强依法行政。现将有关情况报告如下:
        一、健全机制,夯实工作基础
        (一)压实责任。BODY
        二、下一步打算
        BODY
        """,
        """
        1 ~ "" p
        1 一、 健全机制,夯实工作基础 a
        2 (一) 压实责任 a
        1 二、 下一步打算 n
        """,
    ),
    "an opening that ends with what was done under a plan": (
        """
        云溪县2017年度法治政府建设情况的报告
        2017年,全县扎实推进《云溪县法治建设纲要(2016-2020年)》各项任务落实,执法水平有了新提高。
        一、加强组织领导
        BODY
        二、规范行政执法
        BODY
        """,
        """
        1 ~ "" p
        1 一、 加强组织领导 a
        1 二、 规范行政执法 a
        """,
    ),
    "enumerated sentences that say what was done with something": (
        """
        一、主要工作
        1.学习宪法。一是集体学习。BODY二是镇长主持召开会议研究部署全年工作。三是将宪法知识与日常培训紧密结合。
        """,
        """
        1 一、 主要工作 a
        3 1. 学习宪法 a
        5 一是 集体学习 a
        """,
    ),
    "bullets before the markers": (
        """
        ■ 一、主要工作
        ● (一)强化监督。BODY
        ■ 二、下一步打算
        BODY
        """,
        """
        1 一、 主要工作 a
        2 (一) 强化监督 a
        1 二、 下一步打算 n
        """,
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_outline_of_a_layout(sectioned, layout):
    page, expected = LAYOUTS[layout]
    assert _outline(sectioned(_page(page))) == _expected(expected)


FALSE_HEADINGS = {
    "a date at the start of a line": "2023年,全县共办理案件。\n1月5日召开会议。\n12.4国家宪法日期间开展宣传。\n3.15消费者权益日开展检查。",
    "a page number": "全县推进依法行政。\n3\n- 4 -\n第5页\n共12页",
    "a numbered sentence in a quotation": "条例规定：“有下列情形之一的,不予处罚：\n(一)违法行为轻微的;\n(二)及时改正的。”全县依此执行。",
    "items of a list of titles": "全年印发下列文件：\n1.《云溪县行政执法监督办法》\n2.《云溪县重大行政决策程序规定》(云政发〔2023〕5号)",
    "table rows": "执法统计如下：\n一、\t行政检查\t120\n(一)\t行政处罚\t35\n1.\t行政许可\t86",
    "a list inside a sentence": "全县重点做到：(一)事前公示;(二)全程记录;(三)法制审核。同时抓好1.检查;2.处罚;3.许可等环节。",
    "ranks and three sectors": "一、二、三产业结构优化。全县考核位居全市第一、全省第三。一、二级响应各启动多次。",
    "signature and furniture": "全县推进依法行政。\n云溪县人民政府\n2024年1月5日\n打印本页\n关闭窗口\n相关链接",
    "decimals": "1.5万人参加培训。\n2.3公里长廊建成。\n110、120联动机制运行。",
}


@pytest.mark.parametrize("case", FALSE_HEADINGS)
def test_a_false_heading_is_left_alone(sectioned, case):
    report = sectioned(FALSE_HEADINGS[case])
    assert _outline(report) == [(1, None, "", "preamble")]
