"""Amounts name their currency as each language says it."""

from __future__ import annotations

import pytest

from complaints.currencies import asked_in, in_currency


@pytest.mark.parametrize(
    ("currency", "en", "hans", "hant"),
    [
        ("TWD", "TWD 12,000", "新台币 12,000 元", "新臺幣 12,000 元"),
        ("CNY", "CNY 12,000", "人民币 12,000 元", "人民幣 12,000 元"),
        ("EUR", "EUR 12,000", "12,000 欧元", "12,000 歐元"),
        ("JPY", "JPY 12,000", "12,000 日元", "12,000 日圓"),
        ("XTS", "XTS 12,000", "XTS 12,000", "XTS 12,000"),  # a code that nobody named
    ],
)
def test_an_amount_is_said_with_its_currency(currency: str, en: str, hans: str, hant: str) -> None:
    said = [in_currency("12,000", currency, language) for language in ("en", "zh-Hans", "zh-Hant")]
    assert said == [en, hans, hant]


@pytest.mark.parametrize(
    ("question", "currency", "language", "asked"),
    [
        ("Loss", "TWD", "en", "Loss (TWD)"),
        ("損失金額", "TWD", "zh-Hant", "損失金額（新臺幣元）"),
        ("损失金额", "EUR", "zh-Hans", "损失金额（欧元）"),
        ("Cost with repeats (D)", "CNY", "en", "Cost with repeats (D, CNY)"),
        ("更正费用（A）", "CNY", "zh-Hans", "更正费用（A，人民币元）"),
        ("Loss", "XTS", "zh-Hant", "Loss（XTS）"),
    ],
)
def test_a_question_for_an_amount_names_the_currency_in_one_bracket(
    question: str, currency: str, language: str, asked: str
) -> None:
    assert asked_in(question, currency, language) == asked
