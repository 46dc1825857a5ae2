"""
Papers and money, as the plain sentences say them to whoever signs a regulation: what stands on each form and in how many
sheets, who keeps each register, who computes an amount and what must be done before it is booked.
"""

from __future__ import annotations

from functools import cache

import pytest

from complaints.policy_show import policy_show
from tests.support.desks import bundle

# Roles, fields and stages by their ids, in the order of the text; "anybody" and "approved" where it names nobody and nothing.
PAPERS: dict[str, dict[str, str]] = {
    "after-sales-dispatch": {
        "form service_voucher": "number customer address phone model work_done handled",  # (九) 「技術人員持服務憑證前往客戶現場服務,凡可當場處理完妥者即請客戶于服務憑證上簽字,攜回交于業務員于叫修登記簿上注銷,并將服」
        "form goods_receipt": "receipt_no customer model",  # (十一) 「凡一項服務現場不能處理妥善者,應由技術員將商品攜回修護,除由技術員開立客戶商品領取收據交與客戶外,并要求客戶于其服務憑證」
        "form repair_card": "repair_card_no model hours_used parts_used",  # (十二) 「每一填妥的修護卡應掛于該一商品上,技術員應將實際修護使用時間及配換零件詳填其上……商品修妥經主任驗訖后在客戶商品進出登記」
        "form expiry_notice": "customer model contract_end",  # (二十) 「保養合同期滿前一個月,服務中心及分公司,應填具保養到期通知書寄與客戶,并派員前往爭取續約。」
        "form opinion_card": "number customer attitude skill arrival promises opinion_text",  # (二十五) 「對技術員的品評,分為態度、技術、到達時間及答應事情的辦理等四項,每項均按客戶的滿意狀況分為四個程度,以便客戶勾填。」
        "register call_register": "clerk",  # (八) 「服務中心或各分公司服務組,于接到客戶之叫修電話或文件時,該單位業務員應即將客戶的名稱、地址、電話、商品型號等,登記于叫修」
        "register cleared_calls": "clerk",  # (九) 「技術人員持服務憑證前往客戶現場服務,凡可當場處理完妥者即請客戶于服務憑證上簽字,攜回交于業務員于叫修登記簿上注銷,并將服」
        "register goods_in_and_out": "clerk",  # (十一) 「凡一項服務現場不能處理妥善者,應由技術員將商品攜回修護,除由技術員開立客戶商品領取收據交與客戶外,并要求客戶于其服務憑證」
        "register goods_returned": "clerk",  # (十二) 「每一填妥的修護卡應掛于該一商品上,技術員應將實際修護使用時間及配換零件詳填其上……商品修妥經主任驗訖后在客戶商品進出登記」
        "register opinions": "service_dept",  # (二十三) 「客戶意見分為客戶的建議或抱怨及對技術員的品評除將品評資料作為技術員每月績效考核之一部分外,對客戶的建議或抱怨,服務部應特」
    },
    "after-sales-integrated": {
        "form complaint_form": "number customer product order_no part_no quantity shipped_on content demand cause product_measure solution customer_position",  # 二2 serious 「情节严重的投诉,填写客户投诉处理表,由工程技术部提出产品解决措施,综合管理部与市场营销部共同商议解决办法,并与客户协商最」
        "form return_form": "number customer part_no approved_quantity return_reason received_quantity; 4 sheets",  # ours
        "register complaint_register": "general",  # 二2 confirm 「接到客户投诉或抱怨后,首先向客户了解具体投诉内容,做详细记录,建立客户投诉登记表,产品质量方面投诉应立即查明投诉产品详细」
        "register light_complaints": "general",  # 二2 light 「情节较轻的质量投诉,登记备案,及时反馈给相关部门并引起高度重视。」
        "register suggestions": "general",  # 一 suggestions 「通过各种渠道收集对公司发展有益的意见及建议」
        "money goods_booking": "marketing; approve_solution",  # ours
    },
    "airport-group": {
        "form handling_form": "number customer channel grade complaint demand liable_unit order_text cause measures; 2 sheets",  # route 3 「受理投诉后,应当立即通知责任部门负责人进行现场处置,同时开展调查,对一类、二类投诉应当填写下达《客户投诉处」
        "register ledger": "unit",  # 5.3 「各单位必须建立本部门投诉管理办法;在主要场所显著位置公布投诉受理电话,设立客户意见簿,建立投诉处理台帐。」
    },
    "auto-dealer-dcrc": {
        "register tickets": "dcrc",  # 八1 「DCRC是客户投诉工作的管理部门,同时也是服务质量监督管理机构。负责对投诉处理工单进行转派和协调处理,在规定时间内将处理」
        "register tracked": "dcrc",  # 八2 「负责重大疑难投诉问题的全程跟踪、监控、协调(如:索赔、上门等),对影响服务质量的问题进行考核、通报,并向责任部门提出整改」
        "register rectifications": "dcrc",  # 八3 「负责将各部门提交投诉整改报告及分析进行汇总,最终达到预防为主的防范意识。」
        "register accountabilities": "dcrc",  # 重点5 「对重复投诉、越级投诉、重大客户投诉、服务质量事故和服务问题媒体曝光事件进行调查,落实责任,进行查究。」
    },
    "business-hall": {
        "form signed_statement": "number opened_on customer statement signed_record",  # 3.2 「倾听并详细记录客户陈述内容,并请客户签字确认;」
        "register hall_register": "hall_manager",  # 7 「所有客户投诉记录应及时录入WMS投诉管理系统,以便……」
    },
    "construction-quality-accident": {
        "form rectification_notice": "number notice_no project_name place description rectify_by plan implementation acceptance",  # 一 「针对公司业务主管部门签发的整改通知单,公司项目部高度重视要以严谨诚垦的态度,制定出有针对性强,切实可行有效的整改方案,重」
        "form accident_report": "number project_name place description estimated_loss preliminary_cause responsible_unit responsible_persons",  # 二5 「受监工程项目一旦发生一般质量事故,施工单位必须在事故发生后48小时内书面报告质监站,报告内容应包括:工程名称、事故出现部」
        "register bypass_register": "engineering",  # 二4 「工程中出现的一切质量事故,未按规定程序办理。项目部自行处理的视为故意犯罪行为,除按公司规定进行处罚外构成犯罪的追究法律责」
    },
    "construction-quality-inspection": {
        "form defect_record": "number project_name place defect site_review test_result nature treatment treated acceptance_basis rechecked",  # 验6 「所有的质量问题处理必须有相应的记录,以备工程问题的跟踪处理及工程竣工备案。」
        "register completion_file": "quality_inspector",  # 验6 「所有的质量问题处理必须有相应的记录,以备工程问题的跟踪处理及工程竣工备案。」
        "register recheck_register": "quality_inspector",  # 检3 「对质量检查的结果,要做书面记录,对质量隐患要有处理后的复查记录。」
    },
    "cosmetics-consumer": {
        "form letter_form": "number customer product_name batch complaint intent explanation",  # 过敏1 「公司总部接到投诉后,及时了解消费者意图,进行适当解释,并将有关信息整理,以书面函件形式反馈市场管理部。」
        "register consumer_complaints": "marketing_centre",  # 管理部门 「管理部门:营销中心负责消费者投诉的管理,市场管理部负责消费者投诉的具体处理。」
    },
    "customer-service-conduct": {
        "register customer_file": "representative",  # 三4 「建立完整的客戶資料及時反饋客戶意見及市場信息,為銷售部門開展業務做輔助工作;」
        "register internal_complaints": "department_manager",  # 六1 「基本工資元,試用期三個月,工作期間如沒有客戶和銷售人員的投訴,則基本工資發放。客戶與銷售人員投訴次視情節嚴重性而定,最低」
        "register fines": "department_manager",  # 六1 「基本工資元,試用期三個月,工作期間如沒有客戶和銷售人員的投訴,則基本工資發放。客戶與銷售人員投訴次視情節嚴重性而定,最低」
        "money fine": "department_manager; fine_decision",  # 六1 「基本工資元,試用期三個月,工作期間如沒有客戶和銷售人員的投訴,則基本工資發放。客戶與銷售人員投訴次視情節嚴重性而定,最低」
    },
    "electrical-equipment": {
        "form feedback_slip": "number customer product quantity content problem_analysis cause measure returned_quantity",  # 5.4.1 「品质部接到客户质量投诉后,用《质量信息反馈单》的形式做好记录,进行质量问题分析,然后把分析结果反馈给生产部进行落实处理;」
        "form contact_form": "number customer channel region reported_on product content",  # 5.3 1 form 「用户来电、来函、来访登记表」
        "register contact_register": "quality",  # 5.3 1 form 「用户来电、来函、来访登记表」
        "register customer_file": "quality",  # 5.3 1 form 「用户来电、来函、来访登记表」
        "register reply_slips": "quality",  # 5.2.1 「质量部对客户的来电、来函及时回复,并做好记录,对复函单进行统计、汇总、分析,及时向有关部门进行书面反馈。」
    },
    "employee-suggestions": {
        "form processing_slip": "number title proposal slip_words analysis opinion proposer_words office_opinion",  # 程序2 「涉及各公司发展的建议、提案,集团办公室将提案原稿附提案处理单转交有关公司。」
        "register proposals": "group_admin",  # 职责1 「审议并确定一般提案的处理意见。」
        "register rewards": "group_admin",  # 奖励 「对于集团发展有益的建议,集团将采纳执行,并给予奖励,执行效果显着或有突出表现的个人,集团将依据奖惩细则予以表彰,并作为员」
        "money proposal_reward": "group_admin; approve_reward",  # 职责4 「对提案者的奖励提出建议,报总经理审批后执行。」
    },
    "fitness-club-graded": {
        "register opinion_register": "receiver",  # 4 「投诉部门能直接解答的,当即解答,不能解答的录入【客户意见/投诉登记表】,立即同相关部门联系了解情况,在24小时内答复客户」
        "register answer_register": "receiver",  # 4 「投诉部门能直接解答的,当即解答,不能解答的录入【客户意见/投诉登记表】,立即同相关部门联系了解情况,在24小时内答复客户」
    },
    "furniture-mall-tenant": {
        "register complaints_of_tenants": "mall_service",  # 四(一)2 renewal 「合同期內甲方接到兩起及以上顧客對乙方的投訴,甲方有權不再續簽合同)」
        "register may_not_be_renewed": "mall_manager",  # 四(一)2 renewal 「合同期內甲方接到兩起及以上顧客對乙方的投訴,甲方有權不再續簽合同)」
        "register deposit_book": "mall_manager",  # 四(一)2 「出現問題,甲方有權采取停業、罰款等有效措施直至終止合同。(乙方自接到甲方通知有關顧客投訴后,需在當天內答復解決方案,否則」
        "money debit_of_deposit": "mall_manager; advance_compensation",  # 四(一)2 「出現問題,甲方有權采取停業、罰款等有效措施直至終止合同。(乙方自接到甲方通知有關顧客投訴后,需在當天內答復解決方案,否則」
        "money claimed_from_tenant": "mall_manager; advance_compensation",  # ours
    },
    "gov-service-centre": {
        "register complaint_register": "supervision",  # 4 「受理部门接待投诉者要礼貌、热情、诚恳,认真做好登记,区别不同情况认真进行处理。」
        "register staff_measures": "centre",  # 9 「被投诉的窗口工作人员或窗口单位,一经核查属实,责任在窗口工作人员或窗口单位的,中心将按照考核办法进行处理;情节严重的,窗」
    },
    "group-supervision": {
        "register supervision_register": "supervision_office",  # 1.3.1 「集团督查室负责投诉的统一管理。」「直接受理并办理(含移交办理)投诉;」「办理董事局主席办公室、总裁办公室及集团其它部门受」
        "register internal_register": "supervision_committee",  # 1.3.4 「集团督察委员会是受理企业内部员工或部门投诉的唯一单位。有权对其他受理部门的投诉调查结果(投诉方对第一次判定结果不服)重新」
    },
    "group-supervision-trial": {
        "register supervision_register": "supervision_office",  # 1.3.1 「办理董事长办公室或集团办公室受理并移交的投诉案件;」「办理集团客户资源部、人力资源部或工会移交的投诉案件;(集团客户资源」
    },
    "health-food-nonconforming": {
        "form destruction_form": "number product batch_no loss_quantity loss_amount destroyed_quantity destroyed_on cause",  # 七 「不合格保健食品的销毁时,应在质量管理员和其他相关部门的监督下进行,并填写报损销毁记录。」
        "register goods_ledger": "receiver",  # 台1 「台帐上明确保健食品名称、进货日期、数量、批次,金额、产品企业的厂名,厂址等相关材料,并明确专人负责进货验收工作人」
        "register disposal_register": "quality_admin",  # 九 「应认真、及时,规范地做好不合格保健食品的处理,报损和销毁记录,记录应妥善保存至少2年。」
        "register still_sold_register": "quality_admin",  # 十一 「明确为不合格保健食品仍继续发货、销售的,应按有关规定依法予以处罚。」
    },
    "home-furnishing-group": {
        "form handling_form": "number customer customer_kind product_line channel ticket_kind times content reply_text final_result",  # 3 line 「通过公司协同管理平台发送《客户投诉处理单》(见附表一)给客户投诉处理责任人员。」
        "form summary_table": "number customer customer_kind product_line ticket_kind times outcome",  # 3 report 「客户服务分部当月受理的所有客户投诉,分析客户投诉信息,制作《集团下属公司客户投诉汇总表》(见附表二)及《集团下属公司客户」
        "form analysis_report": "timely_reply contact_rate final_results",  # 3 report 「客户服务分部当月受理的所有客户投诉,分析客户投诉信息,制作《集团下属公司客户投诉汇总表》(见附表二)及《集团下属公司客户」
        "register summary": "cs_sub_dept",  # 3 report 「客户服务分部当月受理的所有客户投诉,分析客户投诉信息,制作《集团下属公司客户投诉汇总表》(见附表二)及《集团下属公司客户」
        "register responsible_posts": "cs_leader",  # 4 table 「每年各部门新的组织架构确定后,应依据《客户投诉处理各部门责任岗位》中的处理单位对应填报处理责任人,于组织架构确定后的两个」
    },
    "hospital": {
        "form investigation_record": "number content record record_signed",  # 4(4) 「在调查核实案情时应有两人随行,要认真做好笔录并让调查人签名盖章。」
        "register record_book": "hospital_office",  # 4(1) 「各职能科室应建立来信来访和投诉记录本,确定接受处理投诉的工作人员。」
    },
    "instrument-after-sales": {
        "form service_ticket_form": "number customer model serial_no address contact content solution_class",  # 4 「客户报修→技术客服或工程师收到报障→通过客户关系系统产生服务派单→安排工程师分析问题→工程师分析结果适合哪一类处理方案→」
        "form service_report": "number customer running_hours usage before_and_after true_cause parts work_done satisfied",  # 3.4 report 「详细填写服务报告(服务报告填写准确、字体工整)最后由用户签名(盖章),如有换件或赔偿,必须写清原因、零件名称和数量。」
        "form requisition_slip": "number parts",  # 3.6.1 「服务人员根据实际情况提出处理意见,并开出备用件领料单,领导批准后领取备用件。」
        "form parts_receipt": "received_parts; 2 sheets",  # 3.7.2 「仓库在接收备用件时,填写备用件接收单(一式二份)入库登帐。」
        "register calls_and_letters": "service_group",  # 3.5 order 「服务人员按来电来函的时间顺序填写来电、来函处理记录;」
        "register complaint_record": "service_admin",  # 5.1 「由于公司产品质量问题导致的客户投诉,由售后服务管理人员填写“投诉处理记录”后,按照公司制定的售后服务执行程序进行。售后服」
        "register contact_archive": "service_group",  # 3.2.3 「仪器仪表故障,用户直接向我公司营销部反映,服务组应在12小时内以文字形式联系处理,联系结果应存档并及时向用户反馈;」
        "register report_archive": "service_admin",  # 3.4 archive 「将服务报告交领导审批后存档。」
        "register knowledge_base": "service_admin",  # 4 「客户报修→技术客服或工程师收到报障→通过客户关系系统产生服务派单→安排工程师分析问题→工程师分析结果适合哪一类处理方案→」
        "register parts_account": "warehouse",  # 3.7.4 「备用件库根据备用件领料单发放备用件,并根据服务报告和末用件(旧件)销帐。」
        "register dismissals": "service_head",  # 3.3.2 「服务结束后,应请用户签字(盖章)认可。不允许在服务前要求用户签字(盖章),不允许涂改、伪造用户的签字(盖章)或建议,否则」
        "money manufacturing_cost": "finance; approved",  # 9.2 「属于产品维修、换件、运输、包装等发生的费用,计入制造成本。」
        "money company_travel": "finance; approved",  # 9.1 「公司所属售后服务人员的差旅费、宿费、补助费等费用,由公司负责;非公司所属售后服务人员的费用具体情况具体安排。」
        "money recovered_from_customer": "sales; approved",  # 5.2 「非质量原因导致的客户投诉,由客户产品所属业务部门配合售后服务人员对人为因素造成的损坏进行问题分析、解释,弥补、修复损坏部」
    },
    "investment-promotion": {
        "register non_cooperation": "office",  # 投诉4 「对有相关职能单位和个人拒绝受理、拖延处理投诉案件、不履行职责或在审批、收费、建设过程中的违法违规行为,经局领导批准,报请」
    },
    "market-dev-first-contact": {
        "form complaint_record": "number customer channel origin through_body subject content customer_reason demand agreed_on liability cause plan final_result",  # (三)1 「對直接收到的及各部門轉呈的客戶投訴進行登記。」
        "register complaint_register": "market_dev",  # (三)1 「對直接收到的及各部門轉呈的客戶投訴進行登記。」
        "register result_register": "market_dev",  # (四)6 「對客戶投訴的最終處理結果進行登記。」
        "register solved_at_once_register": "market_dev",  # ours
        "money compensation": "administration; sanction_approval",  # (六)2 「對員工由于自己工作過失、過度承諾等造成客戶投訴,已造成公司直接經濟損失或造成客戶經濟損失并由公司進行賠償的,員工向公司進」
        "money commission_reclaimed": "administration; sanction_approval",  # (六)2 「對員工由于自己工作過失、過度承諾等造成客戶投訴,已造成公司直接經濟損失或造成客戶經濟損失并由公司進行賠償的,員工向公司進」
        "money pay_deduction": "administration; sanction_approval",  # (六)1 「無合理理由而對客戶投訴未能按時解決的直接責任人(指“首問責任人”、行政部負責人、投訴事項解決的承辦人及其部門主管中一位或」
        "money instalments_agreed": "administration; sanction_approval",  # (六)3 「對因自身原因被客戶投訴的員工,當月考核工資中予以相應扣除;賠償損失的一般在當月進行,金額較大的,由員工與公司協商支付期限」
    },
    "meat-recall": {
        "form recall_plan_form": "number product batch_no level plan_production plan_sellers plan_consumers plan_hazard plan_measures plan_effect plan_after",  # 4.3 「食品召回计划」
        "form progress_report": "number product batch_no shops recalled_quantity progress",  # 3.2 「销售部负责与客户沟通,建立产品投诉档案,对指定产品进行召回,并定期将产品所在的市场召回进展情况以书面形式反馈到质检部。」
        "register complaint_file": "sales",  # 3.2 「销售部负责与客户沟通,建立产品投诉档案,对指定产品进行召回,并定期将产品所在的市场召回进展情况以书面形式反馈到质检部。」
    },
    "metering-after-sales": {
        "form service_slip_form": "number customer content work_done customer_opinion satisfied",  # 4.3.2 「服务人员完成任务后,填写“产品售后服务单”,并提请顾客对售后服务工作进行验证;」
        "form acceptance_form_paper": "number customer acceptance_opinion",  # 4.5.3.5 「营销策划部负责在交付产品时随产品附上《安装验收单》,以此收集客户安装验收的意见及建议。」
        "form fault_form": "number customer fault_note work_done",  # 4.3.4 「服务人员回公司后,应及时将反馈回来的“产品售后服务单”交营销策划部,并详细填写“售后服务记录表”“售后服务故障处理记事表」
        "register contact_record": "marketing_planning",  # 4.5.3.2 「营销策划部负责建立《顾客来电、来函、来访处理记录》,并确保对来访、来电、来函中所提要求的有效处理,处理结果应形成记录.每」
        "register service_plan": "marketing_planning",  # 4.2.4 「如需派人去现场服务时,由营销策划部登记入“售后服务计划”中,统一进行安排,服务人员应确保在顾客规定的时间内到现场服务。」
        "register service_records": "marketing_planning",  # 4.3.4 「服务人员回公司后,应及时将反馈回来的“产品售后服务单”交营销策划部,并详细填写“售后服务记录表”“售后服务故障处理记事表」
        "register results": "marketing_planning",  # 4.5.3.2 「营销策划部负责建立《顾客来电、来函、来访处理记录》,并确保对来访、来电、来函中所提要求的有效处理,处理结果应形成记录.每」
        "money service_charge": "after_sales; approved",  # warranty 「产品安装调试后,公司提供免费保修服务,一年后至设备整个使用期内,公司将一如既往地为顾客提供终身维护服务,酌情收取材料费用」
    },
    "module-graded": {
        "register complaints_register": "customer_service",  # 目的 「通过科学、系统的投诉/需求统计分析,达到完善服务内容、服务质量预警作用,实现客户满意度提升」
        "register demands_register": "customer_service",  # 2.2.2 「客户需求:是指客户针对公司各项服务(基础服务、特约服务)所提出的咨询、需求及建议,以及由于非公司因素引发的客户不满(包括」
    },
    "nonconforming-ab-control": {
        "form handling_slip": "number found_in product batch_no quantity findings grade disposition method control_requirements disposal_result",  # 4.1.3 「质控部依据评审结果,提出处置方法,并填写《不合格品处理单》,经总经理审核批准后,交不合格品发生部门。」
    },
    "nonconforming-disposition-modes": {
        "form concession_form": "number product batch_no quantity conceded_quantity nonconformity real_effect complaint_likely",  # 书面 「让步接收实际上就是在对使用或放行的一定数量不符合规定要求的材料、零部件或成品准予放行的书面认可。」
    },
    "nonconforming-loss-sharing": {
        "form tracking_slip": "number batch_no quantity failing_items disposition materials material_values customer shipped_quantity shipped_on invoice_no revenue cost settlement expenses cause responsible wages",  # 三F1 「不合格产品跟踪单」
        "form feedback_slip": "number batch_no quantity problem produced_on complained_on age_days in_period customer customer_quantity expenses market_share six_share",  # 三F2 「质量反馈跟踪单」
        "money material_loss": "anybody; approved",  # 一1 「检验不合格,直接判定报废的,规定中的“相应损失”即为本批报废产品的材料成本,由工艺部提供投料明细,财务部计算金额,根据品」
        "money concession": "anybody; approved",  # 一2 「检验不合格,但可以讲价让利销售的。“相应损失”即为正常售价与降价后的差额。降价幅度由参与考核的所有部门会同市场部商定,商」
        "money reward": "finance; gm_approval",  # 一3A 「在销售过程中,未发生因产品质量问题的罚款及其他处理费用,业务员享受原有正常提成之外,对销售此笔不合格产品按销售收入另外给」
        "money cost_loss": "anybody; approved",  # 一3B 「在销售过程中,因产品质量问题发生了相关费用,如:质量罚款、公关费用、物流费用、检测费用等,先有考核规定中涉及的各部门会同」
        "money wages": "finance; gm_approval",  # 一3AB 「以上A中给予业务员的2%奖励和B中发生的费用,即为本批不合格产品造成的损失,根据品管部查找原因确定的责任人承担或者共担,」
        "money wage_deduction": "finance; gm_approval",  # ours
        "money market_share": "finance; gm_approval",  # 二3 「超过质保期后出现质量问题的,由市场部承担由此发生的费用及损失,包括调、换、退货的物流运费,公关费,降价让利损失及报废成本」
        "money six_share": "finance; gm_approval",  # 二2 「质保期内出现质量问题的,市场部及参与考核的其他五个部门按比例承担损失及处理费用。」
        "money finance_share": "finance; finance_ruling",  # 五 「财务部凭品管部上报经总经理批准的处理、处罚决定及比例或者额度,严格审核单据执行扣罚,若审核及计算不真实,没有执行处理决定」
    },
    "pcb-admin-penalty": {
        "form punishment_memo": "part_no human_cause liable_persons kinds",  # (六) 「以上處分原則,執行時由總經理室依應受處分人及情節的輕重,確定以簽呈會各責任部門,并呈總經理核示后會人事單位公布。」
        "form personnel_notice": "notice_no kinds",  # (六) 「以上處分原則,執行時由總經理室依應受處分人及情節的輕重,確定以簽呈會各責任部門,并呈總經理核示后會人事單位公布。」
        "money personal_loss": "anybody; punishment_proposal approval",  # (二) 「由總經理室每月10日前匯總結案與制造部依發生異常原因歸屬責任,若系個人過失則全數分攤至該員,若為兩人以上的共同過失(同一」
        "money fines": "accounting; punishment_proposal approval",  # (五)1 「警告一次,罰扣400元以上。」
    },
    "pcb-economic-penalty": {
        "form penalty_notice_form": "part_no liable_unit members deduction; 3 sheets",  # ours
        "money deduction": "accounting; penalty_notice approval",  # (三)3 「客戶投訴罰扣標準依客戶投訴損失金額核算基準罰扣,責任歸屬部門的營業人員,以損失金額除以該責任部門的總基點數,再乘以個人的」
        "money instalments": "accounting; approval",  # (三)4 「客戶投訴罰扣最高金額以全月效率獎金50%為準,該月份超過50%以上者逐月分期罰扣。」
    },
    "pcb-manufacturer": {
        "form complaint_form": "number customer order_no part_no shipped_on quantity defective_quantity demand return_quantity sales_remark quality_finding liable_unit production_finding countermeasure manager_remark rnd_remark sales_proposal opinion_1 amount settlement customer_position opinion_2 handling_method; 5 sheets",  # (九)8 「經核簽結案的客戶抱怨處理表第一聯質量管理部存,第二聯制造部門存,第三聯送業務部門依批示辦理,第四聯送會計科存,第五聯由總」
        "form abnormality_form": "customer part_no abnormality liable_unit",  # (三) 「凡本公司PCB產品遇客戶反應質量異常的申訴(以下簡稱客戶投訴)時,依本施行辦法的規定辦理。(如未造成損失時業務部或有關單」
        "form allowance_certificate": "number customer part_no amount; 2 sheets",  # (十三)1 「折讓、賠款:業務人員應依客戶抱怨處理單開立銷貨折讓證明單一式二聯,呈經(副)理、總(副)經理核簽及送客戶簽章后一份存業務」
        "form return_slip_form": "number customer part_no approved_quantity return_reason return_basis received_quantity; 4 sheets",  # (十三)2 「退貨、重處理:即開立成品退貨單注明退貨原因,處理方式及退回依據后呈經(副)理核示后,除第一聯自存督促外其余三聯送成品倉儲」
        "register tracking": "gm_office",  # (九)4 「總經理室生產管理組接到業務部門的客戶抱怨處理表后即編列客戶投訴編號并登記于客戶抱怨案件登記追蹤表后送質量管理部追查分析原」
        "money goods_booking": "accounting; final_decision",  # (十三)2d 「實退量小于核定量或實退量大于核定量于一定比率(即以該客戶訂制時注明的超量允收比率,若客戶未注明時依本公司規定)以內時,應」
    },
    "property-hq-branches": {
        "form record_form": "number site customer channel content severity complaint method result callback_note solved score",  # 4.3.2 「项目客服中心接收到投诉后,需在规定的时间内根据投诉处理流程进行处 理,对处理情况进行跟踪,并将处理方式、结果、回访情况详」
        "register complaint_record": "project",  # 4.3.2 「项目客服中心接收到投诉后,需在规定的时间内根据投诉处理流程进行处 理,对处理情况进行跟踪,并将处理方式、结果、回访情况详」
    },
    "property-operations": {
        "form record_form": "number customer channel received_at kind complaint process result analysis callback_way customer_opinion effect_seen",  # form 「《投诉处理记录表》 zz98/8.3-QP10-F1 A/0，2015-09-01 起执行，含流水号」
        "register complaint_record": "reception",  # 4.2.2 「投诉事项处理完毕后处理的具体过程、结果、分析及时报前台接待员,前台接待员应当天记录在《投诉处理记录表》中。」
        "register callback_record": "operations",  # 4.3 「对客户的投诉处理后,由运营管理部在3天之内以电话或上门的形式进行回访,并在《客户投诉记录表》上做好记录。回访工作的主要内」
    },
    "property-owner-classes": {
        "register owner_complaints": "service_centre",  # 3.2 「项目物业服务中心客户服务中心负责投诉的受理、跟进处理业主投诉。每月做出投诉统计。」
    },
    "property-template": {
        "register owner_register": "reception",  # (三) 「当接到顾客投诉时:接待人员首先代表被投诉部门向顾客表示歉意,并立即在《业主投诉处理登记表》中作好详细记录……请顾客人座,」
        "register results": "reception",  # (三) 「当接到顾客投诉时:接待人员首先代表被投诉部门向顾客表示歉意,并立即在《业主投诉处理登记表》中作好详细记录……请顾客人座,」
    },
    "quality-dept-capa": {
        "register measures_register": "quality",  # 十二2 「將改善措施落實到工序上實施,并確認效果」
        "register picture_wall": "quality",  # 十2 「將客戶投訴的各種不良圖片展示出來(周小月大匯總)」
    },
    "retail-stores": {
        "form record_card": "number opened_on customer demand handling_opinion",  # 十五 「客戶投訴記錄卡中應寫明投訴客戶名稱、客戶要求、受理時間和編號、受理部門處理意見。」
        "form investigation_report": "occurred_because course_of_events responsible_person conclusion countermeasure preventive_measure",  # 十七 「調查報告內容包括發生原因、具體經過、具體責任者、結論、對策和防范措施。」
        "register complaint_register": "admin_dept",  # 十五 「客戶投訴記錄卡中應寫明投訴客戶名稱、客戶要求、受理時間和編號、受理部門處理意見。」
    },
    "sales-visit-first": {
        "form feedback_form": "number customer channel area subject object content true_cause visit_finding cause_class complaint_type approved_reply answer_given",  # 5.2.2 「当接收客户口头、电话或传真投诉时,应耐心、细致地听取、了解客户投诉的对象和投诉内容,确认客户投诉的真实原因,并安慰投诉客」
        "register complaint_register": "after_sales",  # 5.2.2 「当接收客户口头、电话或传真投诉时,应耐心、细致地听取、了解客户投诉的对象和投诉内容,确认客户投诉的真实原因,并安慰投诉客」
    },
    "telecom-voice-desk": {
        "form handover_sheet": "on_duty handing_over left_open",  # 二5 「每日作好交班记录,交待好未处理的事件及遗留问题……要求填写好当班人、交班人、遗留件数」
        "register internal_violations": "duty_manager",  # 二8 「如有与相关部门联系时出现不配合情况请作好相关事项记录……(详见内部违规事件情况登记表)」
        "register call_list": "clerk",  # 二3 「客户不满意情况、未成功外呼或已短信回复的客户请单独列出(详见投诉客户外呼表)」
        "register tracking_list": "clerk",  # 二4 「作好投诉客户的跟踪服务记录(暂时无法解决、预约、未解决、几天后解决、对投诉结果不满意),请单独例出……要求每件投诉要有完」
    },
    "testing-laboratory": {
        "form appeal_form": "number customer report_no reported_on appealed_on matter appeal_basis",  # 1.1 「客戶對測試結果如有異議,可在接到測試報告后十日內以書面形式提出申訴,詳細說明申訴的理由及有關依據,并填寫“抱怨申述登記表」
        "form handling_form": "number customer department_complained matter difficulty truth cause measures result",  # 2.1.1 「各部門負責人負責調查處理客戶對本部門的投訴,分析產生投訴的原因,采取必要的處理措施,并將處理結果記錄在〈客戶投訴處理登記」
        "form feedback_sheet": "number customer result satisfied customer_opinion",  # 3.3 「投訴處理部門應以書面形式征求客戶對投訴處理結果的意見,讓客戶填寫〈投訴處理結果客戶反饋登記表〉。」
        "register acceptance_register": "business_office",  # 1.2 「技術業務室受理申訴,填寫“抱怨受理登記表”,及時報告質量負責人,質量負責人主持處理。」
        "register handling_register": "business_office",  # 2.1.1 「各部門負責人負責調查處理客戶對本部門的投訴,分析產生投訴的原因,采取必要的處理措施,并將處理結果記錄在〈客戶投訴處理登記」
    },
    "tobacco-three-types": {
        "form record_form": "number type receiving customer channel content words_said",  # 四 record 「各单位接诉部门接到客户投诉时应认真倾听记录客户投诉,按要求在[客户投诉记录表]详细记录客户投诉。」
        "form register_form": "number type customer liable_unit handling_opinion answer disposal reply_text",  # 四 dispatch 「分公司营销中心接收的及由其它部门反馈的客户投诉,填写[客户投诉登记表]和处理意见,及时传送到相关部门。」
        "register complaint_register": "order_dept",  # 四 dispatch 「分公司营销中心接收的及由其它部门反馈的客户投诉,填写[客户投诉登记表]和处理意见,及时传送到相关部门。」
    },
}  # fmt: skip
ROWS = [(policy, what) for policy, rows in PAPERS.items() for what in rows]


@pytest.mark.parametrize(("policy", "what"), ROWS)
def test_the_sentences_say_forms_registers_and_money_as_the_text_has_them(policy: str, what: str) -> None:
    kind, name = what.split()
    shown = [line for line in _shown(policy) if line.startswith(f"- “{_label(policy, name)}”")]
    assert any(_sentence(policy, kind, name, PAPERS[policy][what]) in line for line in shown)


@cache
def _shown(policy: str) -> list[str]:
    return policy_show(bundle(policy), "en").splitlines()


def _sentence(policy: str, kind: str, name: str, words: str) -> str:
    """Return what must stand there, with the labels of the policy."""
    first, _, rest = words.partition("; ")
    match kind:
        case "form":
            return f"“{_label(policy, name)}” says: {_labels(policy, first)}{rest and '; '}{rest}."
        case "register":
            return f"“{_label(policy, name)}” is kept by {_label(policy, first)}."
        case _:
            before = "approval" if rest == "approved" else _labels(policy, rest)
            return f"by {_label(policy, first)}; nothing is booked before {before}."


def _labels(policy: str, names: str) -> str:
    return ", ".join(_label(policy, name) for name in names.split())


def _label(policy: str, name: str) -> str:
    return "anybody" if name == "anybody" else bundle(policy).policy.label(name, "en").rstrip("?")
