"""Forms from opening to closing, with Bolt as the app."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sandbox.client import CannotDo, Member, SandboxClient
from tests.sandbox.bolt import SocketBolt
from tests.sandbox.shapes import actions, button, field, modal, option, plain, section, text_field

THREE = [option("Return", "return"), option("Rework", "rework"), option("Allowance", "allowance")]


def opens(bot: SocketBolt, view: dict[str, Any]) -> None:
    """Let the app open *view* for each command."""

    async def command(ack: Any, body: dict[str, Any], client: Any, **_: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    bot.on["command"] = command


def answers(bot: SocketBolt, **answer: Any) -> None:
    async def view(ack: Any, **_: Any) -> None:
        await ack(**answer)

    bot.on["view"] = view


def test_a_command_opens_a_form_and_its_submission_carries_the_values(bot: SocketBolt, lin: Member) -> None:
    opens(bot, modal(text_field("what"), private_metadata="m-1"))

    form = lin.command("/complaint", "a & b").view()
    form.fill("what", "Black pads")
    done = form.submit()

    view = bot.bodies("view")[0]["view"]
    assert done.ok
    assert bot.bodies("command")[0]["text"] == "a &amp; b"
    assert view["state"]["values"]["what"]["value"] == {"type": "plain_text_input", "value": "Black pads"}
    assert view["private_metadata"] == "m-1"
    assert lin.view_now() is None


FIELDS: list[tuple[dict[str, Any], Any, dict[str, Any]]] = [
    ({"type": "plain_text_input"}, "words", {"value": "words"}),
    ({"type": "number_input", "is_decimal_allowed": True}, 2.5, {"value": "2.5"}),
    ({"type": "email_text_input"}, "a@b.tw", {"value": "a@b.tw"}),
    ({"type": "url_text_input"}, "https://a.tw", {"value": "https://a.tw"}),
    ({"type": "static_select", "options": THREE}, "Rework", {"selected_option": THREE[1]}),
    ({"type": "static_select", "options": THREE}, "return", {"selected_option": THREE[0]}),
    ({"type": "multi_static_select", "options": THREE}, ["return", "Rework"], {"selected_options": THREE[:2]}),
    ({"type": "radio_buttons", "options": THREE}, "allowance", {"selected_option": THREE[2]}),
    ({"type": "checkboxes", "options": THREE}, ["Return"], {"selected_options": THREE[:1]}),
    ({"type": "datepicker"}, "2026-11-09", {"selected_date": "2026-11-09"}),
    ({"type": "timepicker"}, "09:30", {"selected_time": "09:30"}),
    ({"type": "datetimepicker"}, "2026-11-09T09:00:00+08:00", {"selected_date_time": 1794186000}),
    ({"type": "users_select"}, "陳品管", {"selected_user": "U02CHEN"}),
    ({"type": "multi_users_select"}, ["chen", "林佳穎"], {"selected_users": ["U02CHEN", "U01LIN"]}),
    ({"type": "channels_select"}, "#other", {"selected_channel": "C03OTHER"}),
    ({"type": "conversations_select"}, "quality", {"selected_conversation": "C02QA"}),
]


@pytest.mark.parametrize(("element", "entered", "value"), FIELDS, ids=[row[0]["type"] for row in FIELDS])
def test_each_kind_of_field_takes_what_a_person_enters(
    bot: SocketBolt, lin: Member, element: dict[str, Any], entered: Any, value: dict[str, Any]
) -> None:
    opens(bot, modal(field("f", element, label="Field")))

    form = lin.command("/complaint").view()
    form.fill("Field", entered)
    form.submit()

    assert bot.bodies("view")[0]["view"]["state"]["values"]["f"]["value"] == {"type": element["type"], **value}


def test_an_empty_field_has_an_empty_value(bot: SocketBolt, lin: Member) -> None:
    opens(bot, modal(text_field("a", optional=True), field("b", {"type": "multi_users_select"}, optional=True)))

    lin.command("/complaint").view().submit()

    values = bot.bodies("view")[0]["view"]["state"]["values"]
    assert values["a"]["value"]["value"] is None
    assert values["b"]["value"]["selected_users"] == []


def test_initial_values_are_submitted_untouched(bot: SocketBolt, lin: Member) -> None:
    opens(bot, modal(field("f", {"type": "static_select", "options": THREE, "initial_option": THREE[1]})))

    lin.command("/complaint").view().submit()

    assert bot.bodies("view")[0]["view"]["state"]["values"]["f"]["value"]["selected_option"] == THREE[1]


OWN_CHECKS = [
    ({"type": "plain_text_input"}, None, "required"),
    ({"type": "plain_text_input", "max_length": 3}, "four", "at most 3"),
    ({"type": "plain_text_input", "min_length": 3}, "no", "at least 3"),
    ({"type": "number_input", "is_decimal_allowed": False}, "2.5", "valid number"),
    ({"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}, "0", "at least 1"),
    ({"type": "email_text_input"}, "nobody", "email"),
]


@pytest.mark.parametrize(("element", "entered", "words"), OWN_CHECKS)
def test_slack_itself_refuses_before_it_sends(
    bot: SocketBolt, lin: Member, element: dict[str, Any], entered: Any, words: str
) -> None:
    opens(bot, modal(field("f", element)))
    form = lin.command("/complaint").view()
    form.fill("f", entered)

    done = form.submit()

    assert words in done["errors"]["f"]
    assert not done["sent"]
    assert bot.bodies("view") == []


def test_errors_are_shown_at_their_fields_and_the_form_stays(bot: SocketBolt, lin: Member) -> None:
    opens(bot, modal(text_field("what")))
    answers(bot, response_action="errors", errors={"what": "Say more."})
    form = lin.command("/complaint").view()
    form.fill("what", "x")

    done = form.submit()

    assert (done["ok"], done["response_action"], done["errors"]) == (False, "errors", {"what": "Say more."})
    assert form.now().errors == {"what": "Say more."}
    assert form.now().values["what"]["value"]["value"] == "x"


@pytest.mark.parametrize("errors", [{}, {"nowhere": "x"}])
def test_errors_for_no_input_block_are_trouble(bot: SocketBolt, lin: Member, errors: dict[str, str]) -> None:
    opens(bot, modal(text_field("what", optional=True)))
    answers(bot, response_action="errors", errors=errors)

    done = lin.command("/complaint").view().submit()

    assert not done.ok
    assert "trouble connecting" in done["shown"]


def test_update_replaces_the_view_and_push_covers_it(bot: SocketBolt, lin: Member) -> None:
    opens(bot, modal(title=plain("One")))
    answers(bot, response_action="update", view=modal(text_field("b", optional=True), title=plain("Two")))
    first = lin.command("/complaint").view()
    first.fill("what", "x")

    first.submit()
    second = lin.view()
    answers(bot, response_action="push", view=modal(title=plain("Three"), external_id="three"))
    second.submit()
    third = lin.view()

    assert (second.title, second.id) == ("Two", first.id)
    assert (third.title, third.content["previous_view_id"], third.content["root_view_id"]) == (
        "Three",
        first.id,
        first.id,
    )


def test_an_empty_answer_closes_one_view_and_clear_closes_all(bot: SocketBolt, lin: Member) -> None:
    opens(bot, modal(text_field(optional=True), title=plain("One")))
    answers(bot, response_action="push", view=modal(text_field(optional=True), title=plain("Two")))
    lin.command("/complaint").view().submit()

    answers(bot)
    lin.view().submit()
    after_one = lin.view().title
    answers(bot, response_action="push", view=modal(text_field(optional=True), title=plain("Two")))
    lin.view().submit()
    answers(bot, response_action="clear")
    lin.view().submit()

    assert after_one == "One"
    assert lin.view_now() is None


def test_a_stack_holds_three(bot: SocketBolt, lin: Member) -> None:
    opens(bot, modal(text_field(optional=True), title=plain("1")))
    answers(bot, response_action="push", view=modal(text_field(optional=True), title=plain("next")))
    lin.command("/complaint").view().submit()
    lin.view().submit()

    done = lin.view().submit()

    assert done["error"] == "push_limit_reached"


def test_a_fourth_view_cannot_be_pushed_by_the_api_either(bot: SocketBolt, lin: Member) -> None:
    pushing = modal(actions(button("Deeper", "deeper")))
    opens(bot, pushing)
    errors: list[str] = []

    async def action(ack: Any, body: dict[str, Any], client: Any, **_: Any) -> None:
        await ack()
        try:
            await client.views_push(trigger_id=body["trigger_id"], view=pushing)
        except Exception as refused:
            errors.append(refused.response["error"])

    bot.on["action"] = action
    lin.command("/complaint").view().click("Deeper")
    depth = lin.desk.wait_for(lambda: lin.view_now()["previous_view_id"])
    lin.view().click("Deeper")
    lin.desk.wait_for(lambda: lin.view_now()["previous_view_id"] != depth)
    lin.view().click("Deeper")

    lin.desk.wait_for(lambda: errors)
    assert errors == ["push_limit_reached"]


def test_typed_input_stays_where_block_and_action_stay(bot: SocketBolt, lin: Member, slack: Any) -> None:
    opens(bot, modal(text_field("keep"), text_field("lose")))
    form = lin.command("/complaint").view()
    form.fill("keep", "mine")
    form.fill("lose", "gone")

    slack.views_update(view_id=form.id, view=modal(text_field("keep"), text_field("renamed"), section("Found one")))

    values = form.now().values
    assert values["keep"]["value"]["value"] == "mine"
    assert values["renamed"]["value"]["value"] is None
    assert "lose" not in values


def test_a_dispatching_field_tells_the_app_at_once(bot: SocketBolt, lin: Member) -> None:
    opens(bot, modal(text_field("a", dispatch_action=True), text_field("b")))
    form = lin.command("/complaint").view()

    form.fill("b", "quiet")
    form.fill("a", "loud")

    body = bot.bodies("action")[0]
    assert (body["actions"][0]["block_id"], body["actions"][0]["value"]) == ("a", "loud")
    assert body["view"]["state"]["values"]["b"]["value"]["value"] == "quiet"
    assert body["container"] == {"type": "view", "view_id": form.id}


def test_options_are_searched_in_the_app(bot: SocketBolt, lin: Member) -> None:
    async def options(ack: Any, body: dict[str, Any], **_: Any) -> None:
        await ack(options=[option(f"北橋儀器 {body['value']}", "C-0417")])

    bot.on["options"] = options
    opens(bot, modal(field("customer", {"type": "external_select", "min_query_length": 2})))
    form = lin.command("/complaint").view()

    too_short = form.suggest("value", "北")
    form.fill("customer", "北橋")
    form.submit()

    assert too_short["asked"] is False
    chosen = bot.bodies("view")[0]["view"]["state"]["values"]["customer"]["value"]["selected_option"]
    assert chosen["value"] == "C-0417"
    assert bot.bodies("options")[0]["value"] == "北橋"


def test_over_100_suggested_options_are_not_shown(bot: SocketBolt, lin: Member) -> None:
    async def options(ack: Any, **_: Any) -> None:
        await ack(options=[option(str(n)) for n in range(101)])

    bot.on["options"] = options
    opens(bot, modal(field("customer", {"type": "external_select", "min_query_length": 0})))

    found = lin.command("/complaint").view().suggest("value", "")

    assert "no more than 100 items" in found["error"]


def test_files_are_given_in_a_form(bot: SocketBolt, lin: Member, slack: Any) -> None:
    opens(bot, modal(field("photos", {"type": "file_input", "filetypes": ["jpg"], "max_files": 2})))
    form = lin.command("/complaint").view()
    with pytest.raises(CannotDo, match="kinds of files"):
        form.fill("photos", [("virus.exe", b"x")])

    form.fill("photos", [("pad.jpg", b"bytes of a photo")])
    form.submit()

    file = bot.bodies("view")[0]["view"]["state"]["values"]["photos"]["value"]["files"][0]
    assert (file["name"], file["size"]) == ("pad.jpg", 16)
    assert slack.files_info(file=file["id"])["file"]["url_private_download"].endswith("pad.jpg")


def test_no_answer_within_three_seconds_keeps_the_form_with_an_error(
    bot: SocketBolt, lin: Member, desk: SandboxClient
) -> None:
    opens(bot, modal(text_field(optional=True)))

    async def late(ack: Any, **_: Any) -> None:
        await asyncio.to_thread(desk.advance_machine, 3.2)
        await ack()

    bot.on["view"] = late
    form = lin.command("/complaint").view()

    done = form.submit()

    assert (done.ok, done.error) == (False, "operation_timeout")
    assert form.now().errors == {"": "We had some trouble connecting. Try again?"}


def test_a_wrong_view_in_an_answer_is_trouble_and_noted(bot: SocketBolt, lin: Member, desk: SandboxClient) -> None:
    opens(bot, modal(text_field(optional=True)))
    answers(bot, response_action="update", view=modal(title=plain("x" * 25)))

    done = lin.command("/complaint").view().submit()

    assert not done.ok
    assert "must be less than 25 characters" in desk.deliveries("interactive")[-1]["note"]


def test_cancel_names_the_view_and_the_x_names_the_root(bot: SocketBolt, lin: Member) -> None:
    told = {"notify_on_close": True}
    opens(bot, modal(text_field(optional=True), title=plain("One"), **told))
    answers(bot, response_action="push", view=modal(title=plain("Two"), **told))
    first = lin.command("/complaint").view()
    first.submit()

    lin.view().close()
    cancelled = bot.bodies("closed")[-1]
    first.submit()
    lin.view().close(all_of_them=True)
    crossed = bot.bodies("closed")[-1]

    assert (cancelled["view"]["title"]["text"], cancelled["is_cleared"]) == ("Two", False)
    assert (crossed["view"]["title"]["text"], crossed["is_cleared"]) == ("One", True)
    assert lin.view_now() is None


def test_closing_is_told_only_where_asked(bot: SocketBolt, lin: Member) -> None:
    opens(bot, modal())

    done = lin.command("/complaint").view().close()

    assert done["sent"] is False


def test_a_form_can_carry_a_response_url(bot: SocketBolt, lin: Member) -> None:
    select = {"type": "conversations_select", "response_url_enabled": True}
    opens(bot, modal(field("where", select)))
    form = lin.command("/complaint").view()
    form.fill("where", "registry")

    form.submit()

    assert bot.bodies("view")[0]["response_urls"][0]["channel_id"] == "C01REG"


def test_a_field_that_is_not_there_is_named_with_those_that_are(bot: SocketBolt, lin: Member) -> None:
    opens(bot, modal(text_field("what")))

    with pytest.raises(CannotDo, match=r"no field “when”.*what"):
        lin.command("/complaint").view().fill("when", "x")
