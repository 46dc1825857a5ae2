"""The page in a real browser, when one is installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.client import Member, SandboxClient
from tests.sandbox.bolt import SocketBolt
from tests.sandbox.shapes import actions, button, field, home, modal, option, plain, section, text_field

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="the page is tested only where Chromium is installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # imported late: only with a browser

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Any, desk: SandboxClient) -> Iterator[Any]:
    """A page whose script must not fail."""
    context = browser.new_context(viewport={"width": 1200, "height": 800}, locale="en-US")
    opened = context.new_page()
    opened.set_default_timeout(5_000)
    problems: list[str] = []
    opened.on("pageerror", lambda problem: problems.append(str(problem)))
    yield opened
    context.close()
    assert problems == []


def visit(page: Any, desk: SandboxClient, who: str = "lin", place: str = "C01REG") -> None:
    page.goto(f"{desk.url}/?as={who}&place={place}")
    page.wait_for_selector("#act-as")


def test_hostile_words_stay_words(page: Any, desk: SandboxClient, slack: Any) -> None:
    hostile = '<img src=x onerror="window.hacked=1"> &lt;script&gt;window.hacked=1&lt;/script&gt;'
    link = "<javascript:window.hacked=1|press me>"
    slack.chat_postMessage(channel="C01REG", text="t", blocks=[section(hostile), section(link)])

    visit(page, desk)
    shown = page.locator(".msg").last.inner_text()

    assert '<img src=x onerror="window.hacked=1">' in shown
    assert "<script>window.hacked=1</script>" in shown
    assert page.locator(".msg a", has_text="press me").count() == 0
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize(
    ("text", "selector", "words"),
    [
        ("a *bold* b", ".w b", "bold"),
        ("an _italic_ word", ".w i", "italic"),
        ("some `code` here", ".w code", "code"),
        ("> said", ".w blockquote", "said"),
        ("<https://example.com|a link>", ".w a", "a link"),
        ("for <@U02CHEN>", ".mention", "@陳品管"),
        ("*until <!date^1794412740^{day_divider_pretty} {time}|11/11> here*", ".w b", "until 11月11日"),
    ],
)
def test_marks_are_shown(page: Any, desk: SandboxClient, slack: Any, text: str, selector: str, words: str) -> None:
    desk.set_clock("2026-11-01T09:00:00+08:00")
    slack.chat_postMessage(channel="C01REG", text=text)

    visit(page, desk)

    assert words in page.locator(".msg").last.locator(selector).inner_text()


def test_signs_next_to_chinese_words_stay_signs_as_in_slack(page: Any, desk: SandboxClient, slack: Any) -> None:
    slack.chat_postMessage(channel="C01REG", text="請於*明天*前")

    visit(page, desk)

    assert page.locator(".msg").last.locator(".w b").count() == 0
    assert "*明天*" in page.locator(".msg").last.inner_text()


def test_a_form_from_the_composer_to_its_end(page: Any, desk: SandboxClient, bot: SocketBolt) -> None:
    choice = field("way", {"type": "static_select", "options": [option("Return", "return")]}, label="Way")
    form = modal(text_field("what", label="What?"), choice, title=plain("Log"))

    async def command(ack: Any, body: dict[str, Any], client: Any, **_: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=form)
        await ack()

    async def refuse_once(ack: Any, **_: Any) -> None:
        if len(bot.bodies("view")) == 1:
            await ack(response_action="errors", errors={"what": "Say more."})
        else:
            await ack()

    bot.on |= {"command": command, "view": refuse_once}
    visit(page, desk)

    page.fill("#composer textarea", "/compl")
    page.keyboard.press("Tab")
    page.keyboard.type("北橋")
    page.keyboard.press("Enter")
    page.fill('[data-block="what"] input', "Black pads")
    page.select_option('[data-block="way"] select', "return")
    page.click("#submit")
    page.wait_for_selector("text=Say more.")
    page.fill('[data-block="what"] input', "Black pads since Monday")
    page.click("#submit")
    page.wait_for_selector(".modal", state="detached")

    values = bot.bodies("view")[1]["view"]["state"]["values"]
    assert bot.bodies("command")[0]["text"] == "北橋"
    assert values["what"]["value"]["value"] == "Black pads since Monday"
    assert values["way"]["value"]["selected_option"]["value"] == "return"


def test_a_question_that_an_update_adds_comes_into_sight_where_it_asks_for_the_cursor(
    page: Any, desk: SandboxClient, bot: SocketBolt
) -> None:
    long = [text_field(f"part{n}", optional=True) for n in range(12)]
    asked = field("asked", {"type": "plain_text_input", "focus_on_load": True}, "Order no.")

    async def command(ack: Any, body: dict[str, Any], client: Any, **_: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(*long))
        await ack()

    async def ask_more(ack: Any, **_: Any) -> None:
        await ack(response_action="update", view=modal(*long, asked))

    bot.on |= {"command": command, "view": ask_more}
    visit(page, desk)
    page.fill("#composer textarea", "/complaint")
    page.press("#composer textarea", "Enter")
    page.click("#submit")

    page.wait_for_selector('[data-block="asked"] input:focus')
    page.wait_for_function(
        """() => { const box = document.querySelector('[data-block="asked"]').getBoundingClientRect();
                   return box.top > 0 && box.bottom < innerHeight; }"""
    )
    page.click("#overlay .x")  # a form that stays open waits for the next one who looks, as this person
    page.wait_for_selector("#overlay .x", state="detached")


def test_cards_are_pressed_and_heal_by_themselves(page: Any, desk: SandboxClient, bot: SocketBolt, slack: Any) -> None:
    async def action(ack: Any, body: dict[str, Any], client: Any, **_: Any) -> None:
        await ack()
        await client.chat_update(
            channel="C01REG", ts=body["message"]["ts"], text="t", blocks=[section("Decided by Lin")]
        )

    bot.on["action"] = action
    slack.chat_postMessage(channel="C01REG", text="t", blocks=[actions(button("Approve this", style="primary"))])
    visit(page, desk)

    page.click("text=Approve this")

    page.wait_for_selector("text=Decided by Lin")
    assert page.locator("text=Approve this").count() == 0


def test_what_arrives_elsewhere_is_marked_and_home_is_shown(
    page: Any, desk: SandboxClient, bot: SocketBolt, slack: Any
) -> None:
    async def event(ack: Any, body: dict[str, Any], client: Any, **_: Any) -> None:
        await ack()
        if body["event"]["type"] == "app_home_opened":
            await client.views_publish(user_id=body["event"]["user"], view=home(section("Waiting for me")))

    bot.on["event"] = event
    visit(page, desk)

    slack.chat_postMessage(channel="U01LIN", text="a reminder")
    page.wait_for_selector("#side .badge")
    page.click("#side .row:has-text('Home')")

    page.wait_for_selector("text=Waiting for me")


def test_the_clock_is_moved_from_the_bar(page: Any, desk: SandboxClient, lin: Member) -> None:
    desk.set_clock("2026-11-13T18:00:00+08:00")
    visit(page, desk)

    page.click("text=Next working morning 09:00")
    desk.wait_for(lambda: desk.clock()["now"] == "2026-11-16T09:00:00+08:00")
    page.select_option("#clock select", "zh-Hans")
    page.click("text=+1 小时")

    desk.wait_for(lambda: desk.clock()["now"] == "2026-11-16T10:00:00+08:00")


def test_a_phone_shows_all_without_scrolling_sideways(page: Any, desk: SandboxClient, slack: Any) -> None:
    wide = [section("x" * 400), {"type": "section", "fields": [plain("a"), plain("b" * 80)]}, actions(button("Go"))]
    slack.chat_postMessage(channel="C01REG", text="t", blocks=wide)
    page.set_viewport_size({"width": 390, "height": 800})

    visit(page, desk)
    page.wait_for_selector(".msg")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelector('#list').scrollWidth") <= 390
    page.click(".burger")
    page.wait_for_selector("#side >> text=registry")
