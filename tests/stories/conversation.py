"""What the stories share: a case brought to a stage by clicks, the acts of More…, and the case as the record has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from click.testing import CliRunner

from bot.cli import cli
from bot.playground import Playground
from sandbox.client import Form, Member, Outcome, Shown
from sandbox.tour.scene import MAIN_BUTTONS, Scene
from sandbox.tour.story import PAGE_1, PAGE_2, PRODUCTION, QUALITY, REGISTRAR, REP, production_answers, quality_names

_PARTS = count(1)
STAGE_BUTTONS = (*MAIN_BUTTONS, "visit.return", "visit.more")
CHANNELS = {QUALITY: "CQUALITY", PRODUCTION: "CPRODUCTION", REGISTRAR: "CREGISTRY", REP: "CSALES"}

FINDING = {
    "field.sample_confirmed": "yes", "field.cause_class": "quality_abnormality", "field.quality_finding": "化金厚度不足",
    "field.liable_unit": "production", "field.rnd_opinion_needed": "no", "field.third_party_involved": "no",
}  # fmt: skip
ANSWER = {"field.production_finding": "槽液老化", "field.production_origin": "二廠", "field.countermeasure": "換槽"}


@dataclass
class Story(Scene):
    """A scene on a playground of ours, with the record beside it."""

    place: Playground | None = None

    # --- the case in the record -------------------------------------------------------------------------------

    def redress(self, *words: str) -> Any:
        """Return what a `redress … --json` command prints."""
        assert self.place is not None
        kept = dict.fromkeys(("REDRESS_DATABASE_URL", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"))
        done = CliRunner().invoke(cli, [*words, "--json"], env={**kept, **self.place.environment()})
        assert done.exit_code == 0, f"redress {' '.join(words)}: {done.output}"
        return json.loads(done.stdout)

    def recorded(self, case: str = "") -> Any:
        """Return the case as it stands in the record, with its log."""
        return self.redress("case", "show", case or self.case, "--words")

    def events(self, kind: str, case: str = "") -> list[dict[str, Any]]:
        """Return what happened of that kind, in order."""
        return [line["facts"] for line in self.recorded(case)["log"] if line["event"] == kind]

    def waits_at(self, case: str = "") -> list[str]:
        """Return the stages that wait now."""
        visits = self.recorded(case)["case"]["visits"].values()
        return [visit["stage"] for visit in visits if visit["ended"] is None]

    # --- a case on its way --------------------------------------------------------------------------------------

    def logged(self, who: str = REP, **fields: Any) -> str:
        """Log a complaint about a part of its own, so that it repeats none; return its id."""
        page = {**PAGE_1, "part_no": f"T-{next(_PARTS):04}", **{n: v for n, v in fields.items() if n in PAGE_1}}
        self.log(who, [page, {**PAGE_2, **{n: v for n, v in fields.items() if n in PAGE_2}}])
        return self.case

    def registered(self, who: str = REP, **fields: Any) -> str:
        self.logged(who, **fields)
        self.act("registration", REGISTRAR, "accept")
        return self.case

    def at_production(self, **also: Any) -> str:
        """Bring a case to production's analysis."""
        self.registered()
        quality_names(self, **also)
        return self.case

    def at_manager(self, **also: Any) -> str:
        self.at_production()
        production_answers(self, **also)
        return self.case

    # --- acts -----------------------------------------------------------------------------------------------

    def member(self, who: str) -> Member:
        return self.desk.as_member(who)

    def cards(self, member: Member, action: str, contains: str = "") -> Iterator[tuple[Shown, dict[str, Any]]]:
        """
        Return the messages that ask for *action*, as the scene does, without those of stages that are over.

        A card is rewritten after the commit, so one whose stage somebody else ended (taken back, withdrawn) still has
        its buttons for a moment: the record says that it asks for nothing.
        """
        for message, button in super().cards(member, action, contains):
            if action not in STAGE_BUTTONS or self._is_open(str(button["value"])):
                yield message, button

    def _is_open(self, value: str) -> bool:
        _, case, visit, *_ = value.split("|")
        return self.recorded(case)["case"]["visits"][visit]["ended"] is None

    def card_of(self, who: str, contains: str = "") -> Shown:
        return self.card(who, MAIN_BUTTONS, contains)[0]

    def more(self, who: str, act: str, contains: str = "", *, button: str | tuple[str, ...] = "visit.more") -> Form:
        """Open More… on the person's card and press the row of *act*; return what opens."""
        message, action = self.card(who, button, contains)
        rows = message.click(action).view()
        return rows.click(act).view()

    def more_of_case(self, who: str, act: str, case: str = "") -> Form:
        """Find the case by `/complaint show`, open its More… and press the row of *act*; return what opens."""
        return self._rows_of_case(who, case).click(act).view()

    def rows_of_case(self, who: str, case: str = "") -> list[str]:
        view = self._rows_of_case(who, case)
        view.close()
        return row_names(view)

    def _rows_of_case(self, who: str, case: str) -> Form:
        member = self.member(who)
        member.command("/complaint", f"show {case or self.case}")
        shown = [m for m in member.ephemerals() if self.button(m, "case.more")]
        assert shown, f"{who} is shown nothing of {case or self.case}: {[m.words for m in member.ephemerals()][-1:]}"
        return shown[-1].click("case.more").view()

    def rows(self, who: str, contains: str = "", *, button: str = "visit.more") -> list[str]:
        """Return the names of the rows that More… offers this person."""
        message, action = self.card(who, button, contains)
        view = message.click(action).view()
        view.close()
        return row_names(view)

    def answer(self, form: Form, values: Mapping[str, Any] | None = None, **more: Any) -> Outcome:
        """Fill a form by block ids, submit it, and return what came of it."""
        for block, value in {**(values or {}), **more}.items():
            form.fill(block, value)
            form = form.now()
        return form.submit()

    def done(self, form: Form, values: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Fill and submit a form that is to be taken."""
        outcome = self.answer(form, values, **more)
        assert outcome.get("response_action") == "clear", (outcome, form.member.view_now())

    # --- what people see ----------------------------------------------------------------------------------------

    def notice(self, who: str) -> str:
        """Return the words of the notice on top of a person's modals, and close them all."""
        member = self.member(who)
        found = self.until(lambda: _notice(member), f"a notice for {who}")
        words = Form(member, found).words
        member.act("view/close", all=True)
        return words

    def whispered(self, who: str, contains: str) -> Shown:
        """Wait for words that only this person sees."""
        return self.member(who).wait_ephemeral(contains)

    def eventually(self, look: Callable[[], Any], what: str) -> Any:
        return self.until(look, what)

    def dms_of(self, who: str, contains: str) -> list[Shown]:
        return [m for m in self.member(who).dms() if contains in m.words]


def row_names(view: Form) -> list[str]:
    return [str(b["text"]["text"]).split("\n")[0].strip("*") for b in view.blocks if b.get("accessory")]


def _notice(member: Member) -> dict[str, Any] | None:
    view = member.view_now()
    return view if view is not None and view.get("callback_id") == "notice" else None
