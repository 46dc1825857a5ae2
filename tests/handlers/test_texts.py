"""The catalogues of the three languages agree, and people's words can't fake a card."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter

import pytest

from handlers import texts
from handlers.harmless import quoted
from handlers.texts import LANGUAGES, escape, fit, one_line, plain, say, slack_locale, when, when_plain

HANDLERS = Path(texts.__file__).parent
IDS = sorted(texts.catalogue("en"))
CARD_IDS = sorted(texts._read(texts.LOCALES / "en" / "cards.po"))
BOLD = re.compile(r"\*[^*\n]+\*")
TAIPEI = "Asia/Taipei"


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


# --- catalogues --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", texts.DOMAINS)
def test_every_message_exists_in_all_three_languages(domain: str) -> None:
    ids = {language: set(texts._read(texts.LOCALES / language / f"{domain}.po")) for language in LANGUAGES}

    assert ids["en"] == ids["zh-Hans"] == ids["zh-Hant"]


def test_a_message_names_the_same_facts_in_every_language() -> None:
    """A plural may leave its number out of the singular ("Ask one thing")."""
    for message in IDS:
        found = {language: texts.catalogue(language)[message] for language in LANGUAGES}
        assert all(form.strip() for forms in found.values() for form in forms), message
        names = [set().union(*map(placeholders, forms)) - {"n", "total"} for forms in found.values()]
        assert names[0] == names[1] == names[2], message


def test_english_has_no_chinese_in_it() -> None:
    chinese = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
    assert [m for m in IDS if chinese.search("".join(texts.catalogue("en")[m]))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_bold_stands_between_spaces_or_line_ends(language: str) -> None:
    """Next to a Chinese character or a full-width comma Slack prints the asterisks (CARDS, principle 14)."""
    for message in IDS:
        for form in texts.catalogue(language)[message]:
            for found in BOLD.finditer(form):
                before, after = form[: found.start()][-1:], form[found.end() :][:1]
                assert before in ("", " ", "\n", "\u3000") or not before.isalnum(), (language, form)
                assert before != "，", (language, form)
                assert after in ("", " ", "\n", "."), (language, form)


def test_every_message_of_the_cards_is_used() -> None:
    """What nobody says any more is deleted; ids built from a state are found by their beginning."""
    code = "\n".join(p.read_text(encoding="utf-8") for p in HANDLERS.rglob("*.py")).replace("'", '"')
    begun = tuple(re.findall(r'f"([a-z]+\.[a-z_]*)\{', code))

    unused = [i for i in CARD_IDS if f'"{i}"' not in code and not (begun and i.startswith(begun))]

    assert unused == []


def test_a_plural_takes_its_number_from_n() -> None:
    assert say("en", "card.photos", n=1) == "1 photo"
    assert say("en", "card.photos", n=2) == "2 photos"
    assert say("zh-Hant", "card.photos", n=1) == "照片 1 張"


def test_an_unknown_message_is_a_fault_not_an_empty_text() -> None:
    with pytest.raises(texts.UnknownMessage):
        say("en", "card.nonsense")


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-TW", "zh-Hant"), ("zh-HK", "zh-Hant"), ("zh_TW", "zh-Hant"), ("zh-CN", "zh-Hans"), ("zh", "zh-Hans"),
        ("en-US", "en"), ("en-GB", "en"), ("de-DE", "en"), ("", "en"), (None, "en"),
    ],
)  # fmt: skip
def test_a_locale_of_slack_gives_a_language_of_ours(locale: str | None, language: str) -> None:
    assert slack_locale(locale) == language


# --- times -------------------------------------------------------------------------------------------------

END_OF_WEDNESDAY = datetime(2026, 11, 11, 16, 0, tzinfo=UTC)
WEDNESDAY_EVENING = datetime(2026, 11, 11, 10, 0, tzinfo=UTC)


def test_the_end_of_a_day_is_shown_as_its_last_minute() -> None:
    """CARDS, principle 5: 24:00 in the database, 23:59 of that day on the card, in the token as in its fallback."""
    last = int(END_OF_WEDNESDAY.timestamp()) - 60
    token = "{day_divider_pretty} {time}"

    assert when(END_OF_WEDNESDAY, "zh-Hant", TAIPEI) == f"<!date^{last}^{token}|11/11（三）23:59>"
    assert when(END_OF_WEDNESDAY, "en", TAIPEI) == f"<!date^{last}^{token}|Wed 11 Nov 23:59>"


def test_an_event_at_midnight_is_shown_as_it_was() -> None:
    assert when_plain(END_OF_WEDNESDAY, "en", TAIPEI, "at") == "Thu 12 Nov 00:00"


def test_other_times_and_days() -> None:
    assert when_plain(WEDNESDAY_EVENING, "zh-Hans", TAIPEI) == "11/11（三）18:00"
    assert when_plain(END_OF_WEDNESDAY, "zh-Hant", TAIPEI, "day") == "11/11（三）"
    assert texts.day(date(2026, 10, 26), "en") == "26 Oct 2026"
    assert texts.day(date(2026, 10, 26), "zh-Hant") == "2026/10/26"


# --- people's words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("<!channel> <@U1> <https://x|y>", "&lt;!channel&gt; &lt;@U1&gt; &lt;https://x|y&gt;"),
        ("R&D > QA", "R&amp;D &gt; QA"),
        ("*due* _now_ `x` ~y~", "＊due＊ ＿now＿ ｀x｀ ～y～"),
        ("P4_2208_B at 10:20:30", "P4_2208_B at 10:20:30"),
        (":warning: late :white_check_mark:", "：warning: late ：white_check_mark:"),
        ("a\u202eb\u200bc\u2066d\x00e", "abcde"),
        ("x" + "\u0301" * 20, "x" + "\u0301" * 3),
        ("北橋儀器\u2028黑墊", "北橋儀器\n黑墊"),
    ],
)
def test_words_of_people_are_harmless(typed: str, shown: str) -> None:
    assert escape(typed).replace("́", "\u0301") == shown


def test_a_one_line_place_stays_one_line() -> None:
    assert one_line("late\n\n*Complaint 261107 | Approved*\r\n") == "late ＊Complaint 261107 | Approved＊"
    assert plain("a\u2029b\tc") == "a b c"


def test_every_line_of_a_quote_carries_its_sign() -> None:
    assert quoted("first\n\n> second\r*third*", 100) == ">first\n>&gt; second\n>＊third＊"


def test_a_cut_is_visible() -> None:
    assert fit("12345", 5) == "12345"
    assert fit("123456", 5) == "1234…"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_stands_in_two_files_of_a_language(language: str) -> None:
    files = {path.name: set(texts._read(path)) for path in (texts.LOCALES / language).glob("*.po")}
    ids = sorted(i for own in files.values() for i in own)

    assert len(files) > 2
    assert [i for i in set(ids) if ids.count(i) > 1] == []
