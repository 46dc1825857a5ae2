"""What currencies are called where an amount is shown or asked: by their code in English, by their name in Chinese."""

from __future__ import annotations

from complaints.policy_parts import Words

_NAMES = {
    "TWD": Words("TWD", "新台币", "新臺幣"),
    "CNY": Words("CNY", "人民币", "人民幣"),
}
"""Currencies whose unit is 元: the name stands before the number, the unit behind it."""

_UNITS = {
    "HKD": Words("HKD", "港元", "港元"),
    "MOP": Words("MOP", "澳门元", "澳門元"),
    "SGD": Words("SGD", "新加坡元", "新加坡元"),
    "USD": Words("USD", "美元", "美元"),
    "EUR": Words("EUR", "欧元", "歐元"),
    "GBP": Words("GBP", "英镑", "英鎊"),
    "JPY": Words("JPY", "日元", "日圓"),
    "KRW": Words("KRW", "韩元", "韓元"),
}
"""Currencies whose name is their unit: it stands behind the number. Others go by their code in every language."""

YUAN = "元"


def in_currency(number: str, currency: str, language: str) -> str:
    """Return *number* with its currency: `TWD 12,000`; `新臺幣 12,000 元`, `12,000 歐元`."""
    if language.startswith("zh"):
        if currency in _NAMES:
            return f"{_NAMES[currency].in_language(language)} {number} {YUAN}"
        if currency in _UNITS:
            return f"{number} {_UNITS[currency].in_language(language)}"
    return f"{currency} {number}"


def unit_of(currency: str, language: str) -> str:
    """Return what stands behind the question for an amount: `TWD`, `新臺幣元`, `歐元`."""
    if not language.startswith("zh"):
        return currency
    if currency in _NAMES:
        return f"{_NAMES[currency].in_language(language)}{YUAN}"
    return _UNITS[currency].in_language(language) if currency in _UNITS else currency


def asked_in(question: str, currency: str, language: str) -> str:
    """Return the question for an amount with its currency: `Amount (TWD)`, `金額（新臺幣元）`; one bracket, not two."""
    unit, is_chinese = unit_of(currency, language), language.startswith("zh")
    if question.endswith((")", "）")):
        return f"{question[:-1]}{'，' if is_chinese else ', '}{unit}{question[-1]}"
    return f"{question}（{unit}）" if is_chinese else f"{question} ({unit})"
