"""
What comes back: who does it, who takes part, until when, who signs, to whom it goes, in every regulation of the shelf.

Without a clause beside it a duty is the statistics of D15: by the 10th of the next month, to the general manager.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.duties import played

# A quarter begins on 1 October 2026, a year on 5 January, everything else on Monday, 2 November 2026.
# A date "by the 10th" ends with that day: 00:00 of the 11th. Where a clause names no day, the day is ours.
DUTIES: dict[str, dict[str, str]] = {
    "after-sales-dispatch": {
        "technician_report": "technician; 2026-11-04 18:00; to supervisor",  # (十五) 「技術員應于每日將所從事修護工作的類別及所耗用時間填技術員工作日報表送請服務主任核閱存查。」
        "supervisor_report": "supervisor; 2026-11-04 18:00; to service_dept",  # (十六) 「服務主任應逐日依據技術人員日報表,將當天所屬人員服務的類別及所耗時間,填服務主任日報表。」
        "branch_report": "supervisor; 2026-11-04 18:00; signed by branch_manager; to service_dept",  # (十七) 「分公司的服務主任日報表,應先送請經理核閱簽章后,轉送服務部。」
        "undispatched_calls": "clerk; 2026-11-04 18:00; to supervisor",  # (十八) 「服務中心及分公司業務員,應根據叫修登記簿核對服務憑證后,將當天未派修工作,于次日送請主任優先派工」
        "technician_ratings": "service_dept; 2026-11-11 00:00; to supervisor, branch_manager, general_manager",  # (二十三) 「客戶意見分為客戶的建議或抱怨及對技術員的品評除將品評資料作為技術員每月績效考核之一部分外,對客戶」
    },
    "after-sales-integrated": {
        "monthly_statistics": "general; 2026-11-11 00:00; to marketing, engineering, general_manager",  # 一 owner 「所有投诉信息由综合管理部整理、过滤、检查、跟踪事件的进展,确保每个投诉案件都得到妥善解决,并认真」
        "key_customer_visits": "general; 2026-10-29 00:00; to marketing",  # 一 visits 「通过对重点客户的回访与沟通,逐步完善客户需要,提升客户满意度。」
        "satisfaction_survey": "general; 2026-01-29 00:00; to marketing, engineering, general_manager",  # 一 surveys 「开展客户满意度、忠诚度调查」
    },
    "airport-group": {
        "statistics": "quality_safety; 2026-11-11 00:00; to general_manager",
    },
    "auto-dealer-dcrc": {
        "service_checks": "dcrc; 2026-12-01 00:00; to sales_dept, service_dept, other_dept, general_manager",  # 重点3 「组织客户满意度测评、服务质量明查暗访,并进行通报。」
        "analysis_meeting": "dcrc; with head of sales_dept, head of service_dept, head of other_dept; 2026-11-11 00:00; to sales_dept, service_dept, other_dept, general_manager",  # 重点4 「对整体服务质量情况进行分析,负责分析会的组织召开,协调各种难点问题,并对各项工作的进展执行情况,」
    },
    "business-hall": {
        "statistics": "hall_manager; 2026-11-11 00:00; to general_manager",
    },
    "construction-quality-accident": {
        "monthly_statistics": "engineering; 2026-11-11 00:00; to general_manager, chief_engineer",
    },
    "construction-quality-inspection": {
        "saturday_inspection": "quality_inspector; with department_heads; 2026-11-07 12:00; signed by department_heads; to project, engineering",  # 检1 「每周的星期六上午,组织各部负责人进行质量检查。」
        "quality_meeting": "quality_inspector; with department_heads; 2026-11-03 00:00; to project, engineering",  # 检2 「每周的检查结果在质量例会中予以通报。」
        "monthly_targets": "quality_inspector; 2026-11-11 00:00; to general_manager, chief_engineer",  # 标1 「合格履约率100%;」
    },
    "cosmetics-consumer": {
        "statistics": "marketing_centre; 2026-11-11 00:00; to market_gm, general_manager",
    },
    "customer-service-conduct": {
        "daily_report": "representative; 2026-11-02 17:30; to department_manager",  # 二3 「根據當天的工作情況,詳細的把與客戶接觸的不同情況以工作報表的形式進行登記,并向部門經理匯報;」
        "pay_list": "department_manager; 2026-11-11 00:00; to payroll",  # 六1 「基本工資元,試用期三個月,工作期間如沒有客戶和銷售人員的投訴,則基本工資發放。客戶與銷售人員投訴」
        "statistics": "department_manager; 2026-11-11 00:00; to general_manager",
    },
    "electrical-equipment": {
        "written_feedback": "quality; 2026-11-11 00:00; to production, sales, technical, general_manager",  # 5.2.1 「质量部对客户的来电、来函及时回复,并做好记录,对复函单进行统计、汇总、分析,及时向有关部门进行书」
        "papers_for_users": "technical; 2026-01-29 00:00; to sales",  # 5.1.1 「技术部门负责为用户编制并提供实用的详细的产品目录、产品样本和产品说明书,以供用户使用。」
    },
    "employee-suggestions": {
        "open_box": "company_office; 2026-11-07 00:00; to group_admin",  # 意见箱 「集团规定各公司办公室必须设立员工建议箱,有专人负责定期开启、分类、登记、处理并及时反馈。」
        "statistics": "group_admin; 2026-11-11 00:00; to general_manager",
    },
    "fitness-club-graded": {
        "statistics": "customer_service; 2026-11-11 00:00; to deputy_gm, general_manager",  # ours
    },
    "furniture-mall-tenant": {
        "monthly_statistics": "mall_service; 2026-11-11 00:00; to general_manager",
        "follow_up_calls": "mall_service; 2026-11-07 00:00; to mall_manager",  # 四(一)5 「甲方負責為乙方售出的貨品進行電話跟蹤服務,并向乙方反饋信息。」
    },
    "gov-service-centre": {
        "statistics": "supervision; 2026-11-11 00:00; to general_manager",
    },
    "group-supervision": {
        "statistics": "supervision_office; 2026-11-11 00:00; to general_manager",
    },
    "group-supervision-trial": {
        "statistics": "supervision_office; 2026-11-11 00:00; to general_manager",
    },
    "health-food-nonconforming": {
        "quarterly_analysis": "quality_admin; 2026-10-11 00:00; to general_manager",  # 十 「质量管理员每季应对不合格药品的处理情况进行汇总、分析,提出改进意见,进一步加强各环节的质量管理。」
    },
    "home-furnishing-group": {
        "monthly_report": "cs_sub_dept; 2026-11-11 00:00; signed by head of cs_sub_dept; signed by gm_office; to dept_head, responsible_person",  # 3 report 「客户服务分部当月受理的所有客户投诉,分析客户投诉信息,制作《集团下属公司客户投诉汇总表》(见附表」
        "yearly_table": "dept_head; 2026-01-07 18:00; to cs_leader, cs_sub_dept",  # 4 table 「每年各部门新的组织架构确定后,应依据《客户投诉处理各部门责任岗位》中的处理单位对应填报处理责任人」
    },
    "hospital": {
        "statistics": "hospital_office; 2026-11-11 00:00; to general_manager",
    },
    "instrument-after-sales": {
        "monthly_statistics": "service_admin; 2026-11-11 00:00; to service_head, general_manager",
        "old_parts": "warehouse; 2026-11-29 00:00; to service_head",  # 3.7.5 「每月及时处理更换后的旧件。」
        "station_account": "warehouse; 2026-11-29 00:00; to finance",  # 3.7.6 「发往服务站的备用件单独建帐管理。」
        "parts_received": "warehouse; 2026-11-29 00:00; to finance",  # 3.7.2 「仓库在接收备用件时,填写备用件接收单(一式二份)入库登帐。」
        "skills_exam": "service_head; 2026-10-29 00:00; to service_admin",  # 2.2 「服务人员定期进行考核技术服务能力,不合格人员进行二次学习并至考核合格。」
    },
    "investment-promotion": {
        "statistics": "office; 2026-11-11 00:00; to leader, general_manager",
    },
    "market-dev-first-contact": {
        "monthly_statistics": "market_dev; 2026-11-11 00:00; to general_manager",
        "holiday_roster": "administration; 2026-11-06 00:00; to market_dev",  # (七) 「為配合客戶投訴制度的完善,公司制定、實施“節假日值班制度”,詳見具體規定。」
    },
    "meat-recall": {
        "monthly_statistics": "quality; 2026-11-11 00:00; to general_manager",  # 3.3 「质检部负责进行专业指导,并负责整个召回过程的监督,控制,协调工作,组织召回产品发生问题原因的调查」
    },
    "metering-after-sales": {
        "return_visits": "after_sales; 2026-10-21 00:00; to marketing_planning",  # 4.4.1 「售后服务部应定期对公司的主要顾客进行回访,以便及时了解顾客对本公司产品的使用情况,改进的建议和意」
        "visit_feedback": "marketing_planning; 2026-10-29 00:00; to after_sales, quality_safety",  # 4.4.2 「营销策划部对回访后的资料应及时进行整理,并及时反馈给相关部门,以增强顾客满意。」
        "quarterly_summary": "marketing_planning; 2026-10-11 00:00; to quality_safety, general_manager, gm_assistant",  # 4.6.1 「营销策划部应加强与顾客的联系,尽力收集《产品售后服务单》,按季度汇总分析,计算出顾客满意率.同时」
        "weekly_visit_report": "general_manager; 2026-11-07 00:00; to marketing_planning, quality_safety, gm_assistant",  # 4.5.3.3 「由总经理负责组织有关部门走访顾客,听取顾客对本公司产品质量、交付、服务及其它需求方面的意见,走访」
        "department_feedback": "after_sales; 2026-11-11 00:00; to marketing_planning",  # 4.5.3.6 「各部门应在实施质量管理体系过程中,如参加售后服务活动,将收集到的顾客反馈信息,包括顾客抱怨,进行」
        "market_survey": "general_manager; with marketing_planning; 2026-01-29 00:00; to quality_safety",  # 4.5.3.4 「总经理每年组织有关部门对市场进行一次调研」
        "annual_report": "marketing_planning; 2026-01-11 00:00; to quality_safety, general_manager, gm_assistant",  # 4.6.2 「营销策划部每年年底,根据顾客满意度调查结果,以及从其它渠道获取到的顾客满意度信息(顾客的投诉、与」
        "opinion_analysis": "general_manager; with marketing_planning, after_sales, quality_safety; 2026-01-21 00:00",  # 4.6.3 「总经理组织相关部门对顾客意见进行分析……在分析时,除了抽样调查结果外,还应重视日常顾客反馈信息的」
        "analysis": "quality_safety; 2026-01-29 00:00; signed by general_manager; to general_manager, gm_assistant, marketing_planning, after_sales",  # 4.6.4 「质量安全部在接收到营销策划部转交的《顾客满意程度调查报告》后,在认真分析的基础上形成《顾客满意程」
    },
    "module-graded": {
        "monthly_statistics": "customer_service; 2026-11-11 00:00; to general_manager, quality",  # 目的 「通过科学、系统的投诉/需求统计分析,达到完善服务内容、服务质量预警作用,实现客户满意度提升」
    },
    "nonconforming-ab-control": {
        "monthly_statistics": "quality_control; 2026-11-11 00:00; to general_manager",  # 3.2 「质控部负责不合格品的判定、评审、报告,跟踪不合格品的处置。」
    },
    "nonconforming-disposition-modes": {
        "monthly_statistics": "quality; 2026-11-11 00:00; to general_manager",
    },
    "nonconforming-loss-sharing": {
        "monthly_statistics": "quality; 2026-11-11 00:00; to general_manager",
    },
    "pcb-admin-penalty": {
        "share_list": "gm_office; with production; 2026-11-11 00:00; to personnel",  # (二) 「由總經理室每月10日前匯總結案與制造部依發生異常原因歸屬責任,若系個人過失則全數分攤至該員,若為」
    },
    "pcb-economic-penalty": {
        "monthly_deduction": "accounting; 2026-11-11 00:00",  # (三)4 「客戶投訴罰扣最高金額以全月效率獎金50%為準,該月份超過50%以上者逐月分期罰扣。」
    },
    "pcb-manufacturer": {
        "case_meeting": "gm_office; with production, quality, rnd; 2026-11-11 00:00; to general_manager",  # (九)10 「總經理室生產管理組每月10日前匯總上月份結案的案件于客戶投訴案件統計表會同制造部、質量管理部、研」
        "punishment_list": "gm_office; 2026-11-11 00:00; to personnel",  # (十二)1 「總經理室生產管理組每月10日前應審視上月份結案的客戶投訴案件,凡經批示為行政處分者,經整理后送人」
    },
    "property-hq-branches": {
        "branch_summary": "branch; 2026-11-06 00:00; to hq_quality",  # 3 branch 「各分/子公司负责重大及重要投诉的处理,并将下属项目的投诉整理汇总、分 析。」
        "hq_analysis": "hq_quality; 2026-11-11 00:00; to general_manager",  # 3 hq 「总部品质管理部负责对各分/子公司的投诉全面参与处理;并进行数据分析, 且对重大、重要投诉进行回访」
    },
    "property-operations": {
        "statistics": "operations; 2026-11-11 00:00; to general_manager",
    },
    "property-owner-classes": {
        "statistics": "service_centre; 2026-11-11 00:00; to quality_admin, general_manager",  # 3.2 「项目物业服务中心客户服务中心负责投诉的受理、跟进处理业主投诉。每月做出投诉统计。」
        "monthly_analysis": "quality_admin; 2026-11-16 00:00; to general_manager",  # 3.1 「物业管理部品质管理员负责投诉管理和分析。」
    },
    "property-template": {
        "statistics": "reception; 2026-11-11 00:00; to centre_manager, general_manager",
    },
    "quality-dept-capa": {
        "weekly_report": "quality; 2026-11-03 00:00; to production, commercial",  # 七4 「設計統計報表,完善質量記錄和質量統計,目前計劃質量周報和月報,對供應商質量統計,生產線各工序的質」
        "monthly_report": "quality; 2026-11-11 00:00; to production, commercial, general_manager",  # 七4 「設計統計報表,完善質量記錄和質量統計,目前計劃質量周報和月報,對供應商質量統計,生產線各工序的質」
        "quarterly_report": "quality; 2026-10-11 00:00; to general_manager",  # 五13 「負責編制年、季、月度產品質量統計報表」
        "yearly_report": "quality; 2026-01-11 00:00; to general_manager",  # 五13 「負責編制年、季、月度產品質量統計報表」
        "quality_meeting": "quality; with purchasing, production; 2026-11-11 00:00; to supplier",  # 十b 「定期召開品質會議,對品質部的相關投訴情況傳達供應商,作好改善措施的落實和執行,保證改善效果」
    },
    "retail-stores": {
        "statistics": "admin_dept; 2026-11-11 00:00; to general_manager, customer_service",
    },
    "sales-visit-first": {
        "monthly_statistics": "after_sales; 2026-11-11 00:00; to general_manager",
    },
    "telecom-service-norms": {
        "monthly_accuracy": "quality_checker; 2026-11-11 00:00; to receiver, general_manager",
    },
    "telecom-voice-desk": {
        "handover": "clerk; 2026-11-02 18:00; signed by clerk",  # 二5 「每日作好交班记录,交待好未处理的事件及遗留问题……要求填写好当班人、交班人、遗留件数」
        "daily_summary": "clerk; 2026-11-02 18:00; to analyst, duty_manager",  # 一6 「每天对投诉处理情况进行汇总分析。」
        "emergencies": "analyst; 2026-11-02 18:00; to duty_manager, branch_manager",  # 二7 「有突发性事件、疑难问题及时汇报,统计出数量,及原因……要求每天上报统计分析员,由统计分析员登记,」
        "hot_topics": "clerk; 2026-11-07 00:00; to analyst, duty_manager",  # 二6 「每周上报所负责类别投诉热点通报、对口联系情况和案例。」
        "monthly_assessment": "duty_manager; 2026-11-11 00:00; to branch_manager, clerk",  # 一7 「确保投诉管理竞赛工单处理及时率、延时率、重派率、重复投诉率、客户满意度等指标达标。」
    },
    "testing-laboratory": {
        "archive": "office; 2026-11-04 18:00; signed by archivist; to archivist",  # 7 「辦公室負責將與投訴處理有關的所有記錄按存檔要求定期交站檔案管理員歸檔保存。」
        "monthly_statistics": "business_office; 2026-11-11 00:00; to general_manager, quality_head",
    },
    "tobacco-three-types": {
        "statistics": "order_dept; 2026-11-11 00:00; to general_manager",
    },
}  # fmt: skip
ANSWERS: dict[str, dict[str, Any]] = {
    "service_checks": {"found": [{"customer": "C-0417", "matter": "price", "complaint": "Dearer than agreed"}]},
    "analysis": {"measures_planned": [{"measure": "Train the fitters", "measure_due": "2026-03-02"}]},
    "open_box": {"box_items": [{"title": "Light", "proposal": "Off at noon", "subject": "cost"}]},
}


@pytest.mark.parametrize(("policy", "duty"), [(policy, duty) for policy, those in DUTIES.items() for duty in those])
def test_a_duty_is_done_and_handed_on_as_the_text_says(policy: str, duty: str) -> None:
    assert played(policy, duty, **ANSWERS.get(duty, {})) == DUTIES[policy][duty]
