"""The settlement of pcb-manufacturer (十三): allowance, return, rework, and the receivable."""

from __future__ import annotations

import pytest

from complaints import events as e
from complaints.refusals import FieldErrors, NotAuthorized
from tests.support.pcb import PROOF, SIGNED_CERTIFICATE, PcbDesk, a_case

ID = "pcb-manufacturer"


def settled(**changes: object) -> PcbDesk:
    """A case that is told and settled as *changes* say, without improvement."""
    desk = a_case("closed", own_quality_problem=False, **changes)
    desk.pass_stage("execution", collection_affected=bool(changes.get("collection_affected", False)))
    desk.call("reached", solved=True, score="4")
    return desk


# --- A: allowance, compensation -----------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(十三)1")
@pytest.mark.capabilities("OS-03")
@pytest.mark.parametrize("kind", ["allowance", "compensation"])
def test_the_certificate_is_signed_by_manager_and_deputy_and_by_the_customer(kind: str) -> None:
    """(十三)1 「開立銷貨折讓證明單一式二聯,呈經(副)理、總(副)經理核簽及送客戶簽章后一份存業務部,一份送會計作帳」."""
    desk = settled(settlement=kind, approved_quantity=None)
    assert desk.open_stages() == ["allowance_slip"]
    with pytest.raises(FieldErrors) as refused:
        desk.decide("USALES1", "allowance_slip", "issue", amount="12000")
    assert set(refused.value.errors) == {"customer_signature"}

    desk.decide("USALES1", "allowance_slip", "issue", amount="12000", files=(SIGNED_CERTIFICATE,))
    with pytest.raises(NotAuthorized):
        desk.decide("UDGM", "allowance_slip")
    desk.decide("USMGR", "allowance_slip")
    desk.decide("UDGM", "allowance_slip")

    assert desk.happened(e.CopiesSent)[-1].to == ("sales", "accounting")
    with pytest.raises(FieldErrors) as refused:
        desk.decide("USALES1", "allowance_proof", "send", allowance_proof_kind="certificate_stamped")
    assert set(refused.value.errors) == {"proof"}
    desk.decide("USALES1", "allowance_proof", "send", allowance_proof_kind="certificate_stamped", files=(PROOF,))
    desk.decide("UACC", "allowance_booking", "book", voucher_no="V-1")
    assert desk.case().status == "finished"


@pytest.mark.clauses(ID, "(十三)5")
@pytest.mark.capabilities("OS-03")
def test_a_proof_that_accounting_returns_keeps_its_file() -> None:
    """D18: what is on the case stays on it; the kind of proof is asked anew."""
    desk = settled(settlement="allowance", approved_quantity=None)
    desk.decide("USALES1", "allowance_slip", "issue", amount="12000", files=(SIGNED_CERTIFICATE,))
    desk.decide("USMGR", "allowance_slip")
    desk.decide("UDGM", "allowance_slip")
    desk.decide("USALES1", "allowance_proof", "send", allowance_proof_kind="certificate_stamped", files=(PROOF,))

    desk.decide("UACC", "allowance_booking", "return", reason="Wrong kind", to_stage="allowance_proof")
    desk.decide("USALES1", "allowance_proof", "send", allowance_proof_kind="invoice_copy_stamped")
    assert desk.open_stages() == ["allowance_booking"]


# --- B: return, rework ------------------------------------------------------------------------------------------------------


def returned(received: str, approved: str = "100", customer: str = "C-0417", **fields: object) -> PcbDesk:
    desk = settled(settlement="goods_return", approved_quantity=approved, customer=customer)
    desk.decide("USALES1", "return_slip", "issue", return_reason="Black pads", return_basis="Decision 261101")
    desk.decide("USMGR", "return_slip")
    desk.decide("UWH", "goods_receipt", "receive", received_quantity=received, **fields)
    return desk


@pytest.mark.clauses(ID, "(十三)2")
@pytest.mark.capabilities("OS-03", "RD-02")
@pytest.mark.parametrize("kind", ["goods_return", "exchange", "rework"])
def test_goods_come_back_with_a_slip_in_four_copies(kind: str) -> None:
    """(十三)2 「開立成品退貨單注明退貨原因,處理方式及退回依據后呈經(副)理核示后,除第一聯自存督促外其余三聯送成品倉儲」."""
    desk = settled(settlement=kind)
    with pytest.raises(FieldErrors) as refused:
        desk.decide("USALES1", "return_slip", "issue")
    assert set(refused.value.errors) == {"return_reason", "return_basis"}
    desk.decide("USALES1", "return_slip", "issue", return_reason="Black pads", return_basis="Decision 261101")
    assert desk.open_stages() == ["return_slip"]
    desk.decide("USMGR", "return_slip")

    assert desk.open_stages() == ["goods_receipt"]
    assert desk.happened(e.CopiesSent)[-1].to == ("sales", "fg_warehouse", "fg_warehouse", "fg_warehouse")


@pytest.mark.clauses(ID, "(十三)2b")
def test_after_the_receipt_the_copies_go_to_warehouse_accounting_and_sales() -> None:
    """(十三)2 「成品退貨單第二聯成品倉儲存,第三聯會計科存,第四聯業務部存」."""
    assert returned("100").happened(e.CopiesSent)[-1].to == ("fg_warehouse", "accounting", "sales")


@pytest.mark.clauses(ID, "(十三)2b")
def test_another_quantity_than_on_the_slip_needs_an_instruction() -> None:
    """(十三)2 「(如實際與成品退貨單所載不符時,得請示后依實際情況簽收)」."""
    with pytest.raises(FieldErrors) as refused:
        returned("80")
    assert set(refused.value.errors) == {"receipt_instruction"}


QUANTITIES = [  # approved 100: what came, the customer's tolerance, where it goes, what is booked
    ("100", "C-0417", "return_booking", "100"),
    ("80", "C-0417", "return_booking", "80"),
    ("105", "C-0417", "return_booking", "105"),
    ("106", "C-0417", "excess_ruling", None),
    ("105", "C-0333", "return_booking", "105"),  # no ratio of the customer's: the company's 5 %
    ("105.5", "C-0333", "excess_ruling", None),
]


@pytest.mark.clauses(ID, "(十三)2c", "(十三)2d")
@pytest.mark.capabilities("OS-04")
@pytest.mark.parametrize(("came", "customer", "next_stage", "booked"), QUANTITIES)
def test_accounting_books_what_came_back_within_the_tolerance(
    came: str, customer: str, next_stage: str, booked: str | None
) -> None:
    """(十三)2(1) 「實退量小于核定量或實退量大于核定量于一定比率(……若客戶未注明時依本公司規定)以內時,應依成品退貨單的實退數量開立傳票」."""
    extra = {} if came == "100" else {"receipt_instruction": "Sign what came"}
    desk = returned(came, customer=customer, **extra)
    assert desk.open_stages() == [next_stage]
    if booked is not None:
        assert desk.case().amounts["goods_booking"] == booked


@pytest.mark.clauses(ID, "(十三)2d")
@pytest.mark.capabilities("OS-04")
def test_the_ratio_of_the_customer_wins_over_the_companys() -> None:
    """(十三)2(1) 「即以該客戶訂制時注明的超量允收比率」."""
    desk = PcbDesk()
    desk.complain(customer="C-0808")
    desk.to("closed", own_quality_problem=False, settlement="goods_return", approved_quantity="100")
    desk.pass_stage("execution")
    desk.decide("USALES1", "return_slip", "issue", return_reason="Black pads", return_basis="Decision 261101")
    desk.decide("USMGR", "return_slip")
    desk.decide("UWH", "goods_receipt", "receive", received_quantity="108", receipt_instruction="Sign what came")
    assert "return_booking" in desk.open_stages()


@pytest.mark.clauses(ID, "(十三)2d")
@pytest.mark.capabilities("OS-04")
def test_an_excess_goes_back_to_the_authority() -> None:
    """Section 4, our default: more than the tolerated excess is not regulated; it stops and returns to the authority."""
    desk = returned("120", receipt_instruction="Ask")
    assert desk.roles("excess_ruling") == ["deputy_gm"]
    with pytest.raises(NotAuthorized):
        desk.decide("UACC", "excess_ruling", "rule", excess_decision="Book it")
    desk.decide("UDGM", "excess_ruling", "rule", excess_decision="Book it", approved_quantity="120")

    desk.decide("UACC", "return_booking", "book", voucher_no="V-2")
    assert desk.case().amounts["goods_booking"] == "120"


@pytest.mark.clauses(ID, "(十三)4")
@pytest.mark.parametrize("kind", ["original_invoice", "invoice_copy_quantities", "return_certificate"])
def test_sales_obtains_one_of_three_proofs(kind: str) -> None:
    """(十三)4 「應在下列三種方式中擇一取得退貨證明」."""
    desk = returned("100")
    desk.decide("UACC", "return_booking", "book", voucher_no="V-3")
    with pytest.raises(FieldErrors) as refused:
        desk.decide("USALES1", "return_proof", "send", return_proof_kind=kind)
    assert set(refused.value.errors) == {"proof"}
    desk.decide("USALES1", "return_proof", "send", return_proof_kind=kind, files=(PROOF,))
    assert desk.case().status == "finished"


# --- C: the receivable ---------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(十三)3")
@pytest.mark.capabilities("OS-05")
@pytest.mark.parametrize("affected", [True, False])
def test_a_receivable_held_up_by_the_complaint_is_taken_out_of_the_bonus_base(affected: bool) -> None:
    """(十三)3 「因客戶投訴之故,而影響應收款項回收時,會計部門……應依據客戶抱怨處理表所列料號之應收金額予以扣除」."""
    desk = settled(settlement="nothing", approved_quantity=None, collection_affected=affected)
    assert ("receivable_adjustment" in desk.open_stages()) is affected
    if affected:
        with pytest.raises(NotAuthorized):
            desk.decide("USALES1", "receivable_adjustment", "book", receivable_deducted="8000")
        desk.decide("UACC", "receivable_adjustment", "book", receivable_deducted="8000")
    assert desk.case().status == "finished"


def test_nothing_is_settled_before_the_customer_was_told() -> None:
    """(十三): only after the case is closed and copy 3 has reached sales."""
    desk = a_case("closed", settlement="allowance", approved_quantity=None)
    assert not {"allowance_slip", "return_slip"} & set(desk.open_stages())
