"""What each stage of pcb-manufacturer must be told, and what its form asks."""

from __future__ import annotations

ID = "pcb-manufacturer"


MANDATORY = {
    "quality_analysis": ["sample_confirmed", "cause_class", "quality_finding", "liable_unit", "rnd_opinion_needed", "third_party_involved"],
    "production_analysis": ["production_finding", "production_origin", "countermeasure"],
    "manager_opinion": ["manager_remark"],
    "rnd_opinion": ["rnd_remark"],
    "gm_office_check": ["established"],
    "sales_opinion": ["sales_proposal", "settlement", "amount", "approved_quantity"],
    "consolidated_opinion_1": ["opinion_1"],
    "customer_negotiation": ["offer_accepted", "customer_position"],
    "consolidated_opinion_2": ["opinion_2", "occurred_unit", "own_quality_problem", "human_negligence", "handling_method", "department_losses", "punishment"],
    "execution": ["reply_channel", "answer_given", "collection_affected"],
}  # fmt: skip


INTAKE = ["part_no", "order_no", "shipped_on", "quantity", "defective_quantity", "wants", "return_quantity", "demand", "sales_remark"]  # fmt: skip
