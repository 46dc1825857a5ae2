"""The regulation in plain sentences, for its owner to sign."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from complaints.policy import LoadedPolicy
from complaints.policy_names import CASE_EVENTS, CLOCK_EVENTS, STAGE_EVENTS
from complaints.policy_parts import Happening
from complaints.policy_phrases import Speaker
from complaints.policy_reading import read_policy
from complaints.policy_show import policy_show
from tests.complaints.test_policy import small
from tests.support.desks import bundle
from tests.support.each import each

ROOT = Path(__file__).parents[2]


@cache
def shown(policy: str, language: str) -> str:
    """Return a regulation in plain sentences, written once for all that is looked for in it."""
    return policy_show(bundle(policy).policy, language)


@pytest.fixture(scope="module")
def pcb() -> LoadedPolicy:
    return bundle("pcb-manufacturer")


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "en",
            (
                "Put in force by: General manager. [(十五)]",
                "9. Quality analysis: by Quality; within Domestic 2 days, Foreign 3 days [ours: The table of limits per department",
                "only if “Is an opinion of R&D needed”: yes",
                "“Customer refuses” opens a new linked case with this one attached",
                "TWD 10,000 is below “Loss or allowance” and “Loss or allowance” is at most TWD 50,000 → Deputy general manager",
                "at 80 % of the limit: a reminder to the owner [D5]",
                "No answer to the customer before “Approval” is done or the case is closed. [(九)11]",
                "Records are kept 3 years",
                "every month by the 10th",
                "# Annex: Administrative punishment",
            ),
        ),
        (
            "zh-Hant",
            (
                "核准實施：總經理",
                "品管分析：由 品管部 辦理；期限：國內 2 天、國外 3 天 [本公司設定: 各單位期限表 (十)2 缺漏]",
                "僅當 「是否需研發部意見」＝是",
                "「客戶不接受」：另立新案並附原案",
                "新臺幣 10,000 元小於 「損失／折讓金額」，且「損失／折讓金額」不超過 新臺幣 50,000 元 → 副總經理",
                "展延由總經理附理由核准",
                "# 附件：客戶投訴行政處罰準則",
            ),
        ),
        ("zh-Hans", ("质量分析：由 质量部 办理", "“客户不接受”：另立新案并附原案", "延期由总经理附理由批准")),
    ],
)
def test_the_whole_regulation_can_be_read_aloud(pcb: LoadedPolicy, language: str, sentences: tuple[str, ...]) -> None:
    text = policy_show(pcb, language)

    assert [sentence for sentence in sentences if sentence not in text] == []


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_no_id_and_no_placeholder_is_left_over(pcb: LoadedPolicy, language: str) -> None:
    """Only the places of our choices (`values.…`) and quoted clauses speak the file's language."""
    text = policy_show(pcb, language)
    sentences = [
        line
        for line in text.splitlines()
        if ":" in line
        and not line.startswith(
            (
                "- values",
                "- fields",
                "- tables",
                "- stages",
                "- measures",
                "- policy",
                "- clocks",
                "- papers",
                "- roles",
            )
        )
    ]

    assert "None" not in text
    assert [line for line in sentences if "_" in line] == []


@pytest.mark.parametrize("path", each(sorted((ROOT / "policies").glob("*.yml")), lambda path: path.stem))
@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_every_regulation_can_be_shown(path: Path, language: str) -> None:
    assert shown(path.stem, language).startswith("# ")


@pytest.mark.parametrize(
    ("by", "english", "chinese"),
    [
        ("10th", "10th", "10 日"),
        ("5th working day", "5th working day", "第 5 个工作日"),
        ("last day", "last day", "最后一天"),
        ("last working day", "last working day", "最后一个工作日"),
        ("saturday 12:00", "Saturday 12:00", "周六 12:00"),
        ("monday", "Monday", "周一"),
        ("18:00", "18:00", "18:00"),
        ("2 working days", "2 working days", "2 个工作日"),
        (None, "—", "—"),
    ],
)
def test_by_when_a_duty_is_due_is_said_in_the_readers_language(by: str | None, english: str, chinese: str) -> None:
    policy = bundle("pcb-manufacturer").policy
    assert (Speaker(policy, "en").by(by), Speaker(policy, "zh-Hans").by(by)) == (english, chinese)


@pytest.mark.parametrize("event", sorted({*CASE_EVENTS, *STAGE_EVENTS, *CLOCK_EVENTS, "begun", "ended", "set"}))
def test_every_happening_has_words(event: str) -> None:
    policy = bundle("pcb-manufacturer").policy
    said = Speaker(policy, "zh-Hans").happening(Happening("case", event))
    assert not any(letter.isascii() and letter.isalpha() for letter in said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["(if “Decision” is not Not reached)", "“Not satisfied” is proposed if"]),
        ("zh-Hans", ["未联系上", "时建议“不满意”"]),
        ("zh-Hant", ["聯絡不上", "時建議「不滿意」"]),
    ],
)
def test_a_decision_in_a_condition_is_called_as_on_its_card(pcb: LoadedPolicy, language: str, said: list[str]) -> None:
    text = policy_show(pcb, language)

    assert all(words in text for words in said), said


def test_what_an_amount_comes_out_of_and_a_duty_shows_can_be_signed(pcb: LoadedPolicy) -> None:
    text = policy_show(pcb)

    assert "tolerating Tolerated excess" in text
    assert "The same Customer, Part no. again within 3 months counts as a repeat." in text
    assert "cases closed last month; " in text


FORMS_AND_ACCESS = [
    ("pcb-manufacturer", "en", "- Page 1: Customer, Part no., What happened, Order no., Shipping date, Shipped (boards), Defective (boards). [(九)1]"),
    ("pcb-manufacturer", "zh-Hans", "- 一次办完：客户反映、客诉处理表。 [(九)1]"),
    ("pcb-manufacturer", "zh-Hant", "- 第 1 頁：客戶、料號、發生什麼事、訂單編號、交運日期、交運數量（片）、不良數量（片）。 [(九)1]"),
    ("pcb-manufacturer", "en", "- “Shipping date”: “Shipping date” is at most “Today”. [(九)1]"),
    ("pcb-manufacturer", "en", "is at most “Shipped (boards)”; while nobody knows it “客戶加工中未確定” may stand instead. [(九)1b]"),
    ("pcb-manufacturer", "zh-Hant", "「不良數量（片）」：「不良數量（片）」不超過 「交運數量（片）」。 [(九)1]"),
    ("testing-laboratory", "en", "- “Customer”: not shown to Tester. [1.1]"),
    ("testing-laboratory", "zh-Hans", "- “客户”：不向 检验人员 显示。 [1.1]"),
    ("telecom-voice-desk", "en", "Statistics analyst, Branch manager know of a case; only if “Is it about our own staff”: yes. [二9]"),
    ("telecom-voice-desk", "zh-Hant", "除登錄人與目前承辦人外，僅 投訴處理員、覆核人員、值班經理、統計分析員、分公司總經理 可知悉案件"),
    ("airport-group", "en", "- “Comment boxes and books”: They stand at prominent places in the terminal and in every unit."),
    ("airport-group", "zh-Hant", "- 「旅客意見箱、意見簿」：設在航廈和各單位主要場所的顯著位置。"),
    ("airport-group", "en", "- Propose an improvement: may be opened by Quality and safety once the case is closed; fills in: Proposal. [5.1.2]"),
    ("airport-group", "zh-Hans", "案件 结案后，质量安全部 可提出；须填：建议"),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "language", "sentence"), FORMS_AND_ACCESS)
def test_forms_entries_access_and_what_is_published_can_be_signed(policy: str, language: str, sentence: str) -> None:
    assert sentence in shown(policy, language)


@pytest.mark.parametrize("path", each(sorted((ROOT / "policies").glob("*.yml")), lambda path: path.stem))
def test_no_route_is_said_to_be_open_for_a_time_that_nobody_set(path: Path) -> None:
    assert "within — after" not in shown(path.stem, "en")


def test_an_extension_without_a_reason_is_shown_as_such() -> None:
    raw = small()
    raw["stages"]["intake"]["extension"] = {"by": ["quality"], "reason": False, "source": "D21"}

    assert "may extend it, at most 1 times and by its own limit, without a reason" in policy_show(read_policy(raw))
