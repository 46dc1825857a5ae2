"""The renderer: what the courier asks for becomes a card, drawn from the record as it stands now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from complaints.authority import registry_of, sees_all
from complaints.case import Case, Deadline, Visit
from complaints.desk import DeskSettings, Shelf
from complaints.events import PolicyProposed, PolicyPutInForce, Recorded
from complaints.notices import Notice
from complaints.people import DeskPlan
from complaints.policy_changes import policy_changes
from complaints.ports import DESK_LOG, CaseCount, Clock, OutboxRow, Reader, StaleCard
from complaints.reports import kinds_of
from complaints.restricted import COPY, may_know, restricted_to
from complaints.views import HomeRow, Look
from complaints.views_case import case_view
from complaints.views_duty import DutyList, duty_list, span_of
from complaints.views_late import rung_source
from complaints.views_rows import row_of_visit
from complaints.views_visit import stage_deadline
from complaints.world import World
from handlers.cards.desk import (
    Ends,
    NewVersion,
    Undelivered,
    checkup_card,
    no_direct_messages_card,
    outage_card,
    policy_card,
    qualification_card,
    undelivered_card,
)
from handlers.cards.drawing import Matter, draw, needs_log
from handlers.cards.notes import restricted_card
from handlers.cards.parts import Drawn, case_title, context
from handlers.cards.reminder import MOST_ROWS, reminder_card
from handlers.texts import say

OWED = frozenset({"reminder", "reminder_slip", "escalation", "urge", "turn"})
"""Kinds that tell nobody anything once their stage is decided."""
WITH_LIST = frozenset({"approval", "duty"})
"""Kinds that show the cases of a duty."""
SLIPS = frozenset({"reminder_slip", "inquiry_slip"})
"""Kinds that link to the card that they are about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """
    A message as it looks now. *digest*: equal for equal looks. *shown_seq*: the last event that was looked at.
    *is_last*: whatever happens, it will never look different.
    """

    text: str
    blocks: Sequence[Mapping[str, Any]]
    digest: str
    shown_seq: int = 0
    broadcast: bool = False
    is_last: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NotReady:
    """It can't be drawn yet; try again after *seconds*."""

    why: str
    seconds: float = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Nothing:
    """There is nothing to tell any more."""

    why: str


class CoveredNotices(Protocol):
    """Tells which notices one message covers, by its outbox row (`storage.outbox.StoredOutbox.notices`)."""

    def __call__(self, message: int) -> Sequence[Notice]: ...


def no_link(channel: str, ts: str) -> str | None:
    """Know no address of a message."""
    return None


@dataclass(frozen=True, kw_only=True)
class CardRenderer:
    """
    Draws cards. *language_of*: a member's language, from memory. *link*: the url of a message, or None.

    A channel's card is in the desk's language, a direct message in its reader's.
    """

    reader: Reader
    shelf: Shelf
    settings: DeskSettings
    clock: Clock
    notices: CoveredNotices
    language_of: Callable[[str], str]
    link: Callable[[str, str], str | None] = no_link
    cache: dict[str, object] = field(default_factory=dict)

    def render(self, row: OutboxRow) -> Card | NotReady | Nothing:
        """Draw the message of an outbox row."""
        if row.kind == "reminder":
            drawn = self._reminder(row.id, row.to)
            return Nothing(why="all of it is decided") if drawn.is_last else drawn
        if row.kind == "undelivered":
            return self._undelivered(row.id, row.to)
        if row.kind == "policy":
            return self._policy(row.facts, row.to)
        if row.kind == "checkup":
            found = row.facts
            language, label = self.language_of(row.to), self.settings.plan().role_label
            return as_card(checkup_card(found["todo"], int(found["n"]), language, label), 0)
        if row.kind == "qualification":
            return self._qualification(row.facts, row.to)
        if row.kind == "outage":
            return self._outage(row.facts, row.to)
        if row.kind == "no_direct_messages":
            return as_card(no_direct_messages_card(str(row.facts["officer"]), self.language_of(row.to)), 0)
        if row.case_id is None:
            return Nothing(why="it is about no case")
        case = self.reader.case(row.case_id)
        if case is None:
            return NotReady(why="its case is not in the record yet")
        visit = case.visits.get(row.visit or 0)
        if row.kind in OWED and (visit is None or not visit.is_open):
            return Nothing(why="the stage is decided")
        deadline = case.deadlines.get(row.deadline or 0)
        return self._draw(row.kind, case, visit, deadline, row.facts, row.to)

    def _qualification(self, facts: Mapping[str, Any], to: str) -> Card:
        plan, language = self.settings.plan(), self.language_of(to)
        ends = Ends(
            member=str(facts["member"]),
            role=plan.role_label(str(facts["role"]), language),
            qualification=str(facts["labels"].get(language) or facts["labels"]["en"]),
            until=datetime.fromisoformat(str(facts["until"])),
            is_over=bool(facts["ended"]),
        )
        return as_card(qualification_card(ends, language, plan.timezone), 0)

    def _outage(self, facts: Mapping[str, Any], to: str) -> Card:
        since, until = (datetime.fromisoformat(str(facts[name])) for name in ("since", "until"))
        zone = self.settings.plan().timezone
        return as_card(outage_card(since, until, int(facts["late"]), self.language_of(to), zone), 0)

    def refresh(self, card: StaleCard) -> Card | Nothing:
        """Draw a posted card again."""
        if card.kind == "reminder":
            return self._reminder(card.message, card.to)
        if card.kind == "undelivered":
            return replace(self._undelivered(card.message, card.to), is_last=True)
        if card.kind == "policy":
            return self._policy(card.facts, card.to)
        case = self.reader.case(card.case_id)
        if case is None:
            return Nothing(why="its case is not in the record")
        visit = case.visits.get(card.visit or 0)
        deadline = case.deadlines.get(card.deadline or 0)
        return self._draw(card.kind, case, visit, deadline, card.facts, card.to)

    # --- one card ------------------------------------------------------------------------------------------

    def _draw(
        self, kind: str, case: Case, visit: Visit | None, deadline: Deadline | None, facts: Mapping[str, Any], to: str
    ) -> Card | Nothing:
        look = self.look(case, to)
        if _is_closed_to(case, to, kind, look.world):
            return as_card(_redirected(restricted_card(look.language), facts, look.language), case.seq)
        if needs_log(kind, visit):
            look = replace(look, log=tuple(self.reader.log(case.id)))
        about = Matter(
            case=case, look=look, visit=visit, deadline=deadline, facts=facts, links=self._links(case, visit, kind, to),
            listed=self._listed(case, look, to) if kind in WITH_LIST else None, to=to,
        )  # fmt: skip
        drawn = draw(kind, about)
        if drawn is None:
            return Nothing(why=f"nobody draws a card of kind {kind}")
        return as_card(_redirected(drawn, facts, look.language), case.seq - self._lacks_link(case, visit, kind))

    def look(self, case: Case, to: str) -> Look:
        """Return the eyes of who reads the message: language, whole or masked names, the words of the case."""
        people = self.settings.plan()
        world = self._world(case, people)
        return Look(
            world=world,
            language=people.language if is_channel(to) else self.language_of(to),
            words=self.reader.words(case.id),
            full=sees_names(to, case, world),
            reader=to,
        )

    def _world(self, case: Case, people: DeskPlan) -> World:
        return World(
            now=self.clock.now(),
            bundle=self.shelf.bundle(case.bundle),
            people=people,
            calendars=self.settings.calendars(),
            serial=_no_serial,
            count=_no_count,
            load=self.reader.case,
            customer=self.reader.customer,
            bundles=self.shelf.bundle,
            cache=self.cache,
        )

    def _listed(self, case: Case, look: Look, to: str) -> DutyList | None:
        """Return the cases that a duty is about, as its reader may see them; None for any other case."""
        span = span_of(case, look) if case.duty is not None else None
        if span is None:
            return None
        ids = self.reader.cases_of(
            case.policy, kinds_of(look.world.policy(case)), what=span.what, begin=span.begin, end=span.end
        )
        in_channel, people = is_channel(to), self.settings.plan()
        found = [c for case_id in ids if (c := self.reader.case(case_id)) is not None]
        found = [c for c in found if in_channel or may_know(c, to, self._world(c, people))]
        return duty_list(case, span, ((c, self.look(c, to)) for c in found), in_channel=in_channel)

    def _links(self, case: Case, visit: Visit | None, kind: str, to: str) -> dict[str, str]:
        """Return the urls that the card at *to* may show: the case's thread (where the files are) and the original card."""
        found: dict[str, str] = {}
        home = self.reader.card(case.id, "home")
        if home is not None and (url := self.link(*home)) is not None:
            found = {"whole": url, "evidence": url} if kind != "home" else {}
        if kind in SLIPS and visit is not None:
            original = self._original(case, visit, to)
            if original is not None and (url := self.link(*original)) is not None:
                found["original"] = url
        return found

    def _original(self, case: Case, visit: Visit, to: str) -> tuple[str, str] | None:
        """Return where the stage's card stands that who reads *to* can open: theirs, else one in a channel."""
        theirs = self.reader.card(case.id, "approval", visit.id, to)
        latest = theirs or self.reader.card(case.id, "approval", visit.id)
        return latest if latest is not None and (theirs is not None or not latest[0].startswith("D")) else None

    def _lacks_link(self, case: Case, visit: Visit | None, kind: str) -> bool:
        """Say whether a card that this one links to is not posted yet: it is then looked at once more."""
        if kind in SLIPS and visit is not None and self.reader.card(case.id, "approval", visit.id) is None:
            return True
        return kind != "home" and case.kind != "duty" and self.reader.card(case.id, "home") is None

    # --- the merged reminder ---------------------------------------------------------------------------------

    def _reminder(self, message: int, to: str) -> Card:
        """Draw one message for all reminders that it covers; what is decided meanwhile says so, the nearest is first."""
        covered = {(n.case_id, n.visit): n for n in self.notices(message)}
        found: list[tuple[Case, Visit, Notice]] = []
        for (case_id, number), notice in covered.items():
            case = self.reader.case(case_id) if case_id is not None else None
            visit = case.visits.get(number or 0) if case is not None else None
            if case is not None and visit is not None and may_know(case, to, self._world(case, self.settings.plan())):
                found.append((case, visit, notice))
        if not found:  # all of them were restricted since
            return replace(as_card(restricted_card(self.language_of(to)), 0), is_last=True)
        return self._digest(found, to)

    def _digest(self, found: list[tuple[Case, Visit, Notice]], to: str) -> Card:
        case, visit, notice = found[0]
        nearest_first = sorted(found, key=lambda item: _due_order(item[0], item[1]))
        rows = [self._row(case, visit, to, n < MOST_ROWS) for n, (case, visit, _) in enumerate(nearest_first)]
        look = self.look(case, to)
        deadline = case.deadlines.get(notice.deadline or 0) or stage_deadline(case, visit)
        slip = rung_source(case, look, deadline, "reminder_slip")
        drawn = reminder_card(
            rows,
            look.language,
            look.zone,
            percent=_percent(case, look, deadline, notice),
            slip_clause=slip.clause if slip is not None and slip.kind == "clause" else "",
        )
        card = as_card(drawn, max(c.seq for c, _, _ in found))
        return replace(card, is_last=all(not visit.is_open for _, visit, _ in found))

    # --- about the desk itself -------------------------------------------------------------------------------

    def _undelivered(self, message: int, to: str) -> Card:
        """Draw one message for all that did not arrive since the last one, with the names that its reader may know now."""
        language = self.language_of(to)
        lost = [self._lost(notice, language, to) for notice in self.notices(message)]
        return as_card(undelivered_card(lost, language), 0)

    def _lost(self, notice: Notice, language: str, row_to: str) -> Undelivered:
        case = self.reader.case(notice.case_id) if notice.case_id is not None else None
        facts = notice.facts
        name = ""
        if case is not None and may_know(case, row_to, self._world(case, self.settings.plan())):
            name = case_title(case_view(case, self.look(case, notice.to)))
        return Undelivered(
            message=int(facts["message"]), case=name, to=str(facts["undelivered_to"]),
            went_to=facts.get("went_to"), error=str(facts.get("error") or ""),
        )  # fmt: skip

    def _policy(self, facts: Mapping[str, Any], to: str) -> Card:
        """Draw the card of a policy version as the desk's log tells of it."""
        people, name = self.settings.plan(), str(facts["policy"])
        log = self.reader.log(DESK_LOG)
        put = [r for r in log if isinstance(r.event, PolicyPutInForce) and r.event.policy == name]
        mine = next((r for r in reversed(put) if getattr(r.event, "bundle", "") == facts["digest"]), None)
        now = put[-1] if put else None
        before = next((r for r in reversed(put) if mine is None or r.seq < mine.seq), None)
        language = people.language if is_channel(to) else self.language_of(to)
        version = NewVersion(
            policy=name, name=self._called(str(facts["digest"]), language) or str(facts.get("name") or name), digest=str(facts["digest"]), label=str(facts["label"]),
            label_now=str(getattr(now.event, "label", "")) if now else "", since=now.at if now else None,
            by=mine.actor if mine else None, at=mine.at if mine else None, is_overtaken=mine is None and _is_overtaken(log, name, str(facts["digest"]), now),
            changes=self._changes(before, str(facts["digest"]), language), officer=people.officer,
        )  # fmt: skip
        return replace(as_card(policy_card(version, language, people.timezone), 0), is_last=mine is not None)

    def _called(self, digest: str, language: str) -> str:
        """Return what readers of *language* call a regulation, "" where its file does not say."""
        policy = self.shelf.bundle(digest).policy
        return policy.label(policy.id, language) if policy.id in policy.texts else ""

    def _changes(self, before: Recorded | None, digest: str, language: str) -> tuple[str, ...] | None:
        """Return what a version changes against the one before it, whose content older records may not name."""
        content = str(getattr(before.event, "bundle", "")) if before is not None else ""
        if not content:
            return None
        was, now = (self.shelf.bundle(one) for one in (content, digest))
        return tuple(policy_changes((was.policy, *was.annexes.values()), (now.policy, *now.annexes.values()), language))

    # --- helpers of the merged reminder ----------------------------------------------------------------------

    def _row(self, case: Case, visit: Visit, to: str, shown: bool) -> HomeRow:
        look = (
            self.look(case, to)
            if shown
            else Look(world=self._world(case, self.settings.plan()), language=self.language_of(to), reader=to)
        )
        return row_of_visit(case, visit, look)


# --- small helpers -----------------------------------------------------------------------------------------


def _is_overtaken(log: Sequence[Recorded], policy: str, digest: str, now: Recorded | None) -> bool:
    """Say whether the version in force *now* was proposed after that of *digest*."""
    proposed = [r.event.bundle for r in log if isinstance(r.event, PolicyProposed) and r.event.policy == policy]
    in_force = getattr(now.event, "bundle", "") if now is not None else ""
    return {digest, in_force} <= set(proposed) and proposed.index(digest) < proposed.index(in_force)


def as_card(drawn: Drawn, seq: int) -> Card:
    """Return what the courier sends: plain blocks, and a digest that is equal for equal looks."""
    blocks = [block.to_dict() for block in drawn.blocks]
    look = json.dumps([drawn.text, blocks], ensure_ascii=False, sort_keys=True)
    return Card(text=drawn.text, blocks=blocks, digest=hashlib.sha256(look.encode()).hexdigest(), shown_seq=seq)


def is_channel(address: str) -> bool:
    return not address.startswith(("U", "W"))


def _is_closed_to(case: Case, to: str, kind: str, world: World) -> bool:
    """Say whether a restricted case is none of the reader's business: a channel's, or somebody's who never had it."""
    allowed = restricted_to(case, world)
    return allowed is not None and to not in allowed and to not in case.people and kind != COPY


def sees_names(to: str, case: Case, world: World) -> bool:
    """Say whether who reads there may see the customer's whole name: a person as in every form, a channel as the registry's;
    never because of what kind of card it is, for the same slip climbs to heads of departments."""
    if not is_channel(to):
        return sees_all(to, case, world)
    registry = registry_of(case, world)
    return registry is not None and to == world.people.channel(registry)


def _redirected(drawn: Drawn, facts: Mapping[str, Any], language: str) -> Drawn:
    """Add for whom the card was meant, when it could not be delivered there."""
    to = str(facts.get("undelivered_to") or "")
    if not to:
        return drawn
    who = f"<#{to}>" if is_channel(to) else f"<@{to}>"
    return Drawn(drawn.text, (*drawn.blocks, *context(say(language, "note.undelivered_to", who=who))))


def _due_order(case: Case, visit: Visit) -> tuple[bool, float]:
    deadline = case.deadline_of(visit.id)
    return deadline is None, deadline.due_at.timestamp() if deadline else 0.0


def _percent(case: Case, look: Look, deadline: Deadline | None, notice: Notice) -> int | None:
    """Return at which share of the limit the ladder reminded, None where it counts otherwise."""
    rungs = look.world.policy(case).ladder(deadline.ladder if deadline else None)
    rung, _, _ = str(notice.facts.get("step", "")).partition(".")
    return rungs[int(rung)].percent if rung.isdigit() and int(rung) < len(rungs) else None


def _no_serial(series: str, period: str) -> int:
    raise AssertionError("a card draws no serial")


def _no_count(query: CaseCount) -> int:
    return 0
