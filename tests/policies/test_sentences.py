"""
What the owner of a regulation reads before signing it: who takes the first step and by when, whom a late case climbs to, what a
figure counts, what tells the customer, whether the whole case has a limit. Each row is a sentence of the text, or a choice of ours
where the text is silent; the walks of the regulations show that the desk then does so.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from complaints.policy_show import policy_show
from tests.support.desks import bundle

NO_LIMIT = "case is closed: no limit"
D5 = (
    ("at 80 % of the limit", "a reminder to the owner [D5]"),
    ("at the due time", "a reminder slip to the owner, the head of the owner [D5]"),
    ("1 working day later", "an escalation for decision to General manager [D5]"),
    ("then every 1 working day", "an escalation for decision to General manager [D5]"),
)
SAYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "after-sales-dispatch": (
        ("“Dispatch”: at the due time", "first in tomorrow's queue to Clerk, Service supervisor"),
        ("“Dispatch”: 1 working day later", "an escalation for decision to General manager"),
        ("“Dispatch”: then every 1 working day", "an escalation for decision to General manager"),
        ("“Repair”: at 80 % of the limit", "a reminder to the owner, Service supervisor [(十四)]"),
        ("“Repair”: at the due time", "a reminder slip to the owner, the head of the owner, Service supervisor"),
        ("“Repair”: 1 working day later", "an escalation for decision to General manager"),
        ("“Repair”: then every 1 working day", "an escalation for decision to General manager"),
        ("“A maintenance contract”: 1 month before", "a reminder to Clerk, Service supervisor [(二十)]"),
        ("“A maintenance contract”: at the due time", "a reminder slip to Clerk, Service supervisor, Service department"),
        ("“A maintenance contract”: 1 working day later", "an escalation for decision to General manager"),
        ("“A maintenance contract”: then every 1 working day", "an escalation for decision to General manager"),
    ),
    "after-sales-integrated": (
        ("Joint analysis", "Was anybody hurt, Amount at stake"),
        ("again from “Progress”", "until “What was done” is filled, at most 20 times"),
        ("Not our fault", "this tells the customer the outcome"),
        ("Light case", "recusal is waived (二2 light)"),
        ("Approval of the departments", "by Engineering; together with Marketing, Quality inspection, Design (all must agree)"),
        ("Implementation", "by the department in “Responsible department”", "within 1 month"),
        ("Tracking", "this tells the customer the outcome"),
        ("Effect", "within 1 month"),
        ("When “Joint analysis” is done", "the department in “Responsible department” is told. [二2 analyse]"),
    ),
    "airport-group": (
        ("From “Grading” is done", "Grumble 3 working days, Class 2 5 working days, Class 1 3 working days"),
        ("Complaint taken", "by Quality and safety; within 2 hours", "“Send” goes on"),
        ("Grading", "recusal is waived (5.1.2)"),
        ("On the spot", "by the head of the department in “Responsible unit”; within 2 hours", "recusal is waived (route 3)"),
        ("Confirmation", "“It is valid” goes on"),
        ("Report of the unit", "Class 2 2 working days, Class 1 1 working day"),
        ("Answer to the customer", "this tells the customer the outcome"),
        ("Proposal", "“Decline” goes on", "recusal is waived (5.1.2)"),
    ),
    "auto-dealer-dcrc": (
        ("“Handling”: at 80 % of the limit", "a reminder to the owner"),
        ("“Handling”: 1 working day later", "an escalation for decision to General manager"),
        ("“Handling”: then every 1 working day", "an escalation for decision to General manager"),
        ("“Handling”: at the due time", "a reminder slip to the owner, the head of the owner, Customer relations centre [重点2]"),
        ("“Handled in time”", "with “Stage” is Handling"),
        ("“Effective rectifications”", "with “Stage” is Verified in the next month"),
        ("Rectification", "within 1 month"),
        ("Rectified again", "within 1 month"),
    ),
    "business-hall": (
        ("Calming and inviting", "by Staff of the hall; within 2 working hours"),
        ("Record", "by whoever was contacted first; within 2 working hours"),
    ),
    "construction-quality-accident": (
        ("Report to the authorities", "within no limit"),
        ("“Report within 48 hours”, “Report within 24 hours”: then every 24 hours", "an escalation for decision to General manager"),
        ("“In time by severity”", "of the cases with “What is it” is Quality accident"),
        ("From “Report” is done", NO_LIMIT),
        ("From “When did it happen” is filled", "48 hours", "Project department answers for it. [二5]"),
        ("From “When did it happen” is filled", "24 hours", "Head of the site answers for it. [二6]"),
        ("Rectification", "within 10 working days"),
        ("Treatment", "by Project department; within 10 working days"),
        ("Treatment plan", "Slight 2 working days, Affects structural quality 5 working days, Major 5 working days"),
    ),
    "construction-quality-inspection": (
        ("From “Record” is done", NO_LIMIT),
        ("Treatment", "by Project department; within 10 working days"),
        ("“Passed the re-check”", "with “Stage” is Re-check"),
    ),
    "customer-service-conduct": (
        ("Complaint taken", "by Customer service; together with Sales staff (any one suffices); within 1 working day"),
        ("“From customers”", "the share with “Who complains” is Customer, of the cases"),
        ("When “Callback” “Not satisfied”", "Department manager is told"),
        ("Deduction from the pay", "by Payroll; within 1 month", "not before Fine"),
    ),
    "electrical-equipment": (
        ("Entry", "by Quality; together with Technical department, Sales (any one suffices); within 2 working hours"),
        ("Returned goods", "by Product warehouse; together with Sales, Production (each signs)"),
        ("Verification", "by Sales; together with Quality, Technical department (each signs)"),
        ("Answer", "by Quality; within 2 working hours", "this tells the customer the outcome"),
        ("Answer", "by Quality; together with Sales, Technical department (any one suffices)", "this tells the customer the outcome"),
        ("Training offered", "by Technical department; together with Sales (any one suffices)", "this tells the customer the outcome"),
    ),
    "employee-suggestions": (
        ("Plan", "together with the department in “Departments concerned” (the first decides)"),
        ("Carrying out", "within 1 month"),
        ("Decision", "not before Analysis"),
        ("Reward given", "not before Approval of the reward"),
    ),
    "fitness-club-graded": (
        ("Answer in 24 hours", "this tells the customer the outcome. [4]"),
        ("Answer to a demand", "this tells the customer the outcome. [2.1.2]"),
        ("Answer to an opinion", "this tells the customer the outcome"),
        ("Grading", "by the head of Customer service; within the same day"),
        ("Reply", "this tells the customer the outcome"),
        ("Objection", "the department in “Further departments concerned”, Customer service, within 5 working days"),
    ),
    "furniture-mall-tenant": (
        ("Check", "What is complained of; “Checked” goes on"),
        ("Tenant's solution", "within no limit"),
        ("Answer to the customer", "this tells the customer the outcome. [四(一)5]"),
        ("Sanction", "“Refuse” goes on"),
        ("Renewal", "by Mall manager; within 1 year [四(一)2 renewal]"),
        ("“Renewal”: at the due time", "a reminder slip to the owner, the head of the owner"),
        ("“Renewal”: 1 working day later", "an escalation for decision to General manager"),
        ("“Renewal”: then every 1 working day", "an escalation for decision to General manager"),
        ("“Tenants who answer”", "of the cases with “Did the tenant give a solution” is filled"),
    ),
    "gov-service-centre": (
        ("Complaint raised", "by the reporter; within 2 working hours"),
        ("Callback", "“Satisfied” goes on; “Not reached” goes on", "at most 3 attempts, 1 working day apart"),
    ),
    "group-supervision": (
        ("Result told", "this tells the customer the outcome"),
        ("Closing", "this tells the customer the outcome"),
        ("Callback", "“Satisfied” goes on"),
        ("When “Acceptance” “Accept”", "only if “Who complains” is External and “Who received it” is Member company: Supervision office is told"),
        ("When “Callback” “Not satisfied”", "the head of Supervision office is told"),
    ),
    "group-supervision-trial": (
        ("Complaint received", "“Send” goes on", "recusal is waived (2.1.1)"),
        ("Nature", "never by the department in “Accused unit”"),
        ("Final ruling", "never by the department in “Accused unit”"),
        ("Result told", "this tells the customer the outcome"),
        ("Closing", "this tells the customer the outcome", "recusal is waived (1.3.1)"),
        ("Callback", "“Satisfied” goes on"),
        ("When “Callback” “Not satisfied”", "the head of Supervision office is told"),
        ("“Closed in time by source”", "of the cases with “Who complains” is not Internal"),
    ),
    "health-food-nonconforming": (
        ("From “Report” is done", NO_LIMIT),
        ("“Loss by kind”", "of the cases with “Kind” is filled"),
        ("“Sale stopped in time”", "with “Stage” is Stop of sale"),
    ),
    "hospital": (
        ("Complaint taken", "by the reporter; within 2 working hours"),
        ("Answer", "by the person in “Who handles it”; within 1 working day", "this tells the customer the outcome"),
    ),
    "instrument-after-sales": (
        ("Money handed in", "by Finance; within 1 working day", "not before Consent to the charge"),
    ),
    "market-dev-first-contact": (
        ("First contact", "by whoever was contacted first; within 2 working hours"),
        ("Explain and help", "this tells the customer the outcome"),
        ("Answer and solution", "this tells the customer the outcome"),
        ("Instalments", "by Administration; together with the person in “Employee” (each signs)"),
        ("at the due time", "a reminder slip to the owner, the head of the owner, Market development"),
        ("“Case”: at 80 % of the limit", "a reminder to the owner"),
        ("“Case”: 1 working day later", "an escalation for decision to General manager"),
        ("“Case”: then every 1 working day", "an escalation for decision to General manager"),
        ("“Case”: at the due time", "a reminder slip to the owner, the head of the owner, whoever was contacted first, Market development, the head of Administration"),
        ("1 working day later", "an escalation for decision to General manager"),
        ("then every 1 working day", "an escalation for decision to General manager"),
        ("When the case is overdue", "whoever was contacted first is told. [(四)1]"),
        ("When “Approval of the sanction” is done", "the person in “Deductions from pay”, the person in “Employee” is told. [(四)7]"),
        ("When “Ruling on the appeal” is done", "the person in “Deductions from pay”, the person in “Employee” is told. [(四)7]"),
        ("Deduction", "by Administration; within 1 month", "not before Approval of the sanction"),
    ),
    "meat-recall": (
        ("From the case has its number", NO_LIMIT),
        ("From “Confirmation” is done", "Quality inspection answers for it. [4.2]"),
        ("Recall plan", "by Quality inspection; within no limit"),
        ("“Plan due”: at 80 % of the limit", "to Quality inspection, the head of Quality inspection"),
        ("“Plan due”: at the due time", "to Quality inspection, the head of Quality inspection, General manager"),
        ("“Closed in time”", "with “Stage” is Recall plan"),
    ),
    "metering-after-sales": (
        ("By telephone", "within 1 working hour", "this tells the customer the outcome"),
        ("On site", "within 1 working day [4.1.3.4]"),
        ("Service", "this tells the customer the outcome"),
        ("Answer passed on", "this tells the customer the outcome"),
        ("Measure", "recusal is waived (4.6.4)"),
        ("Measure carried out", "within 1 month"),
        ("Measure closed", "by Quality and safety"),
        ("Measure", "by Quality and safety; within 5 working days"),
    ),
    "nonconforming-ab-control": (
        ("Disposal", "recusal is waived (4.1.3)"),
    ),
    "nonconforming-disposition-modes": (
        ("From “Marking and isolation” is done", NO_LIMIT),
        ("Effect check", "within 1 month"),
        ("“Passed after rework”", "with “Passed the re-inspection” is filled"),
    ),
    "nonconforming-loss-sharing": (
        ("Write-down", "by Commercial", "not before Approval"),
        ("Scrapping", "by Warehouse", "not before Approval"),
        ("Signatures of six departments", "together with Quality, Process engineering, Finance, Commercial, Production (each signs)", "recusal is waived (二2)"),
        ("Signature of Marketing", "recusal is waived (二3)"),
        ("Liability of Finance", "may be opened by Quality, General manager"),
    ),
    "pcb-admin-penalty": (
        ("From the case begins", "“Publication” is done: no limit"),
        ("Loss and shares", "within 10 days"),
        ("Deduction", "within 1 month"),
        *D5,
        ("Publication", "by Personnel", "not before Approval"),
        ("Deduction", "by Accounting", "not before Approval"),
    ),
    "pcb-economic-penalty": (
        ("From the case begins", "“Approval” is done: no limit"),
        ("Deduction", "within 1 month [(三)4]; fills in: Month of the deduction"),
        ("at 80 % of the limit", "a reminder to the owner"),
        ("Deduction", "by Accounting", "not before Approval"),
    ),
    "pcb-manufacturer": (
        ("Complaint form", "by Sales; within 2 working hours"),
        ("Allowance certificate", "by Sales; within 1 working day"),
        ("“Case”: at 80 % of the limit", "a reminder to the owner"),
        ("“Case”: at the due time", "a reminder slip to the owner, the head of the owner [(十四)]"),
        ("“Case”: 1 working day later", "an escalation for decision to General manager"),
        ("“Case”: then every 1 working day", "an escalation for decision to General manager"),
        ("at the due time", "a reminder slip to the owner, the head of the owner [(十四)]"),
    ),
    "property-hq-branches": (
        ("Complaint taken", "by Site customer service; within 2 working hours", "“Send” goes on"),
    ),
    "property-operations": (
        ("Complaint taken", "by the reporter; within 2 working hours [4.2.4]"),
        ("On the spot", "by the reporter", "within no limit [4.2.1]"),
        ("Objection", "may be opened by the department in “Responsible department”, Responsible department, Reception, within 5 working days"),
    ),
    "property-owner-classes": (
        ("Reply", "this tells the customer the outcome"),
        ("“Follow-up with the developer”: at 80 % of the limit", "a reminder to the owner"),
        ("“Follow-up with the developer”: at the due time", "a reminder slip to the owner, the head of the owner"),
        ("“Follow-up with the developer”: then every 3 working days", "a reminder to the owner"),
        ("“Follow-up with the developer”: 1 working day later", "an escalation for decision to General manager"),
        ("“Follow-up with the developer”: then every 3 working days", "an escalation for decision to General manager"),
        ("“Share of class 2”", "the share with “Class” is Class 2, of the cases"),
    ),
    "property-template": (
        ("Reply", "by Reception; only if “Anonymous”: no; within the same day"),
        ("Objection", "may be opened by the department in “Responsible team”, Complaint handler, Reception"),
        ("When “Callback” “Not satisfied”", "Manager of the service centre is told"),
        ("When “Classification” is done", "Manager of the service centre is told"),
        ("Handling", "recusal is waived (责任投诉)"),
    ),
    "quality-dept-capa": (
        ("From “Cause found” is done", NO_LIMIT),
        ("In the process", "within 10 working days"),
        ("Supplier tracked", "within 10 working days"),
        ("“Complaints by cause”", "the share with “Cause found” is filled, of the cases"),
        ("“Effective measures”", "of the cases with “Is it effective” is filled"),
    ),
    "retail-stores": (
        ("Record card", "by Store; within 2 working hours"),
        ("Explanation to the customer", "this tells the customer the outcome. [七]"),
        ("Approval of the amount", "“Approve” goes on", "is more than CNY 1,000"),
        ("Investigation", "recusal is waived (十一)"),
        ("Measures carried out", "recusal is waived (十七)"),
    ),
    "sales-visit-first": (
        ("Intake", "by Salesperson; together with After-sales (any one suffices); within 2 working hours"),
        ("Reply", "this tells the customer the outcome. [4.1]"),
        ("Improvement", "within 1 month"),
        ("“Site visit”: then every 1 working day", "an escalation for decision to General manager"),
        ("“Visits in time”", "with “Stage” is Site visit"),
        ("Classification", "recusal is waived (4.3)"),
        ("When “Approval” is done", "Product quality and “Cost of the handling” is more than CNY 10,000: the answer to the customer is locked"),
    ),
    "telecom-service-norms": (
        ("Receive", "by First receiver; within 2 working hours"),
        ("Tell the customer", "“Return” goes back", "this tells the customer the outcome. [1 first]"),
        ("Tell the customer", "this tells the customer the outcome. [D17]"),
        ("Callback", "Is the problem solved (if “Decision” is not Not reached), How satisfied, 1 to 5 (if “Decision” is not Not reached)"),
        ("Quality check", "within 1 month"),
    ),
    "telecom-voice-desk": (
        ("Feedback", "by Complaint clerk; within the same day", "this tells the customer the outcome. [一1]"),
        ("at the due time", "a reminder slip to the owner, the head of the owner, Duty manager [二注]"),
        ("1 working day later", "an escalation for decision to Branch manager"),
        ("then every 1 working day", "an escalation for decision to Branch manager"),
    ),
    "testing-laboratory": (
        ("“Satisfied customers”", "of the cases with “Is the customer satisfied” is filled"),
        ("Acceptance", "by Technical business office; within 1 working day [1.2]"),
        ("Handling by the department", "recusal is waived (2.1.1)", "(if “Too difficult for the department”: no and “Is the complaint reasonable”: yes)"),
        ("Joint investigation", "the department in “Department complained of”, the person in “Members of the group” (the first decides)"),
        ("Written answer", "this tells the customer the outcome"),
        ("Written notice", "this tells the customer the outcome"),
        ("Written refusal", "this tells the customer the outcome"),
        ("Customer's opinion", "recusal is waived (3.3)"),
        ("New investigation", "only if “Is the customer satisfied” is filled and “Is the customer satisfied”: no", "recusal is waived (4)"),
        ("New answer", "only if “Is the customer satisfied” is filled and “Is the customer satisfied”: no", "The letter", "recusal is waived (3.2)"),
        ("Answer with the ruling", "The letter", "recusal is waived (3.2)"),
        ("Compensation", "recusal is waived (6)"),
    ),
    "tobacco-three-types": (
        ("Taken", "by the reporter; within 2 working hours [四 consultation]", "“Send” goes on"),
        ("Answer", "within 24 hours", "this tells the customer the outcome"),
        ("Reply", "within 1 working day", "this tells the customer the outcome", "[四 suggestion]"),
        ("Dispatch", "within the same day [四 dispatch]", "recusal is waived (三 county)"),
        ("Investigator named", "by the head of the department in “Responsible department”", "recusal is waived (四 complaint)"),
        ("Investigation", "by the person in “Who investigates”", "recusal is waived (四 complaint)"),
        ("Verification", "recusal is waived (三 county)"),
        ("Callback", "“Satisfied” goes on"),
        ("When “Callback” “Not satisfied”", "the head of Order department of the branch is told"),
    ),
}  # fmt: skip
ROWS = [(policy, number) for policy, rows in SAYS.items() for number in range(len(rows))]


@pytest.mark.parametrize(("policy", "number"), ROWS)
def test_the_sentences_say_what_the_text_says(policy: str, number: int) -> None:
    start, *parts = SAYS[policy][number]
    begun = [line for line in _shown(policy) if line.startswith((start + ":", start + ";", start + " ", start + ","))]
    assert any(all(part in line for part in parts) for line in begun), begun


@cache
def _shown(policy: str) -> list[str]:
    """Return the lines without what numbers them."""
    return [re.sub(r"^\s*(\d+\.|-)\s+", "", line) for line in policy_show(bundle(policy), "en").splitlines()]
