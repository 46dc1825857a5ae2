"""Where cards are shown, which state of their case they show, and which they should."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, insert, or_, select, text, update

from complaints.people import is_member_id
from complaints.ports import OutboxRow, StaleCard
from storage.codec import dump, load
from storage.tables import DESK, card_cases, case_files, cases, logs, notices
from storage.tables import posted_cards as cards
from storage.wire import Sql, Wire, among, insert_into

HOME = "home"
"""The card that heads a case's thread; the other cards link to it."""

UNDELIVERED = "undelivered"
"""The desk officer's list of what did not arrive: it names cases, and is rewritten only where it must not tell any more."""

ORIGINAL, LINKED = "approval", ("reminder_slip", "inquiry_slip")
"""The card of a stage, and the slips that link to it."""

FURTHEST = timedelta(hours=12)
"""No card is left alone for longer; what is put off further was so by a clock that was wrong."""

_LOCKED_SEQ = Sql(select(cases.c.seq).where(cases.c.id == bindparam("case_id")).with_for_update(read=True))
_LOCKED_DESK = Sql(select(logs.c.seq).where(logs.c.log_id == DESK).with_for_update(read=True))
_INSERT_COLUMNS = tuple(c.name for c in cards.c if c.name != "id")
_INSERT = Sql(insert(cards).values({n: bindparam(n) for n in _INSERT_COLUMNS}).inline().returning(cards.c.id))
_FILES_FOLLOW = Sql(
    update(case_files).where(case_files.c.case_id == bindparam("of_case"), case_files.c.shared == 1).values(shared=0)
)
_INSERT_CASE = insert_into(card_cases)
_CASES_OF = Sql(
    select(notices.c.case_id)
    .where(notices.c.message == bindparam("message"), notices.c.case_id != "")
    .distinct()
    .order_by(notices.c.case_id)
)
_MOVE = Sql(
    update(cards)
    .where(cards.c.case_id == bindparam("of_case"), cards.c.live == 1, cards.c.merged == 0)
    .values(
        wanted_seq=bindparam("seq"),
        clicked=case((cards.c.visit == bindparam("clicked_visit"), 1), else_=cards.c.clicked),
        next_attempt_at=None,
    )
)
_MOVE_MERGED = Sql(
    update(cards)
    .where(
        cards.c.id.in_(select(card_cases.c.card).where(card_cases.c.case_id == bindparam("of_case"))),
        cards.c.live == 1,
    )
    .values(wanted_seq=cards.c.wanted_seq + 1, next_attempt_at=None)
)
_BEHIND = case((cards.c.shown_seq < cards.c.wanted_seq, cards.c.shown_seq), else_=cards.c.wanted_seq) - 1
"""Marks a card as stale though its case did not move: further behind each time, so that who draws it just now sees the mark."""

_LINK_HOME = Sql(
    update(cards)
    .where(cards.c.case_id == bindparam("of_case"), cards.c.live == 1, cards.c.merged == 0, cards.c.kind != HOME)
    .values(shown_seq=_BEHIND)
)
_LINK_ORIGINAL = Sql(
    update(cards)
    .where(
        cards.c.case_id == bindparam("of_case"), cards.c.visit == bindparam("of_visit"), cards.c.live == 1,
        cards.c.merged == 0, cards.c.kind.in_(LINKED),
    )
    .values(shown_seq=_BEHIND)
)  # fmt: skip
_PEOPLE = Sql(
    update(cards)
    .where(cards.c.case_id == bindparam("of_case"), cards.c.live == 1, cards.c.merged == 0)
    .values(shown_seq=_BEHIND)
)
_ALL_OF_CASE = Sql(
    update(cards)
    .where(
        or_(
            cards.c.case_id == bindparam("of_case"),
            cards.c.id.in_(select(card_cases.c.card).where(card_cases.c.case_id == bindparam("of_case"))),
        )
    )
    .values(live=1, shown_seq=_BEHIND, next_attempt_at=None)
)
_BEGUN_BY = Sql(select(cases.c.id).where(cases.c.parent == bindparam("of_case")).order_by(cases.c.id))
_SHOWN_TO = among(cards.c.dest, "readers", cards.c.id, where=or_(cards.c.live == 1, cards.c.kind == UNDELIVERED))
_READERS = Sql(
    lambda dialect: (
        update(cards).where(cards.c.id.in_(_SHOWN_TO(dialect))).values(live=1, shown_seq=_BEHIND, next_attempt_at=None)
    )
)
_BEHIND_NOW = text("live = 1 AND shown_seq < wanted_seq")
_STALE = Sql(
    select(
        cards.c.id, cards.c.case_id, cards.c.visit, cards.c.kind, cards.c.channel, cards.c.ts, cards.c.shown_digest,
        cards.c.wanted_seq, cards.c.facts, cards.c.clicked, cards.c.message, cards.c.deadline, cards.c.dest,
        cards.c.shown_seq,
    )
    .where(
        _BEHIND_NOW,
        or_(
            cards.c.next_attempt_at.is_(None),
            cards.c.next_attempt_at <= bindparam("now"),
            cards.c.next_attempt_at > bindparam("furthest"),
        ),
    )
    .order_by(cards.c.clicked.desc(), cards.c.id.desc())
    .limit(bindparam("limit"))
)  # fmt: skip
_HOW_MANY = Sql(select(func.count()).select_from(cards).where(_BEHIND_NOW))
_LONGEST = Sql(
    select(cards.c.id, cards.c.shown_seq, cards.c.channel)
    .where(_BEHIND_NOW)
    .order_by(cards.c.id)
    .limit(bindparam("limit"))
)
_REFRESHED = Sql(
    update(cards)
    .where(cards.c.id == bindparam("of_id"), cards.c.shown_digest.is_not_distinct_from(bindparam("before")))
    .values(
        shown_digest=bindparam("digest"),
        shown_seq=case((cards.c.shown_seq == bindparam("was"), bindparam("seq")), else_=cards.c.shown_seq),
        live=bindparam("live_after"),
        clicked=case((cards.c.wanted_seq == bindparam("seen"), 0), else_=cards.c.clicked),
        next_attempt_at=None,
        error=None,
    )
)
_ANYBODYS_GUESS = Sql(
    update(cards)
    .where(cards.c.id == bindparam("of_id"), cards.c.live == 1)
    .values(shown_digest=None, shown_seq=_BEHIND, next_attempt_at=None)
)
_LATER = Sql(
    update(cards)
    .where(cards.c.id == bindparam("of_id"))
    .values(next_attempt_at=bindparam("next_at"), error=bindparam("why"))
)
_ADDRESS = Sql(
    select(cards.c.channel, cards.c.ts)
    .where(
        cards.c.case_id == bindparam("case_id"),
        cards.c.kind == bindparam("kind"),
        or_(bindparam("any_visit") == 1, cards.c.visit == bindparam("visit")),
        or_(bindparam("any_dest") == 1, cards.c.dest == bindparam("dest")),
    )
    .order_by(cards.c.id.desc())
    .limit(1)
)
_AT = Sql(select(cards.c.id).where(cards.c.channel == bindparam("channel"), cards.c.ts == bindparam("ts")))
_OF_THREAD = Sql(
    select(cards.c.case_id, cards.c.visit).where(
        cards.c.channel == bindparam("channel"), cards.c.ts == bindparam("ts"), cards.c.case_id != DESK
    )
)


def keep(wire: Wire, row: OutboxRow, *, channel: str, ts: str, digest: str, shown_seq: int) -> None:
    """
    Keep the address of a message that is shown.

    It is stale from the beginning when the case moved on while it was sent; the case is locked meanwhile, so that a
    record which is under way either sees the card or is seen here. A live message about several cases is
    always looked at once more: they have no common count of events. Once the home card stands, the others of its
    case are drawn again, with a link to it; so are the slips of a stage once its own card stands (it may come late,
    after a repair). The files of the case are shown in the thread of its newest home card: where it moved, they follow.
    The desk officer's list of what did not arrive is kept with the cases that it names.
    A home card that goes to a person may be a restricted case's: whatever stands elsewhere is looked at once more, about
    what began out of it too, which is as restricted.
    """
    is_list = (row.live or row.kind == UNDELIVERED) and len(row.notices) > 1
    named = _cases_of(wire, row) if is_list else [row.case_id] if row.case_id else []
    if not named and not row.live:
        return
    merged = len(named) > 1
    seqs = [found[0] for name in named if (found := wire.row(_LOCKED_SEQ, {"case_id": name}))]
    if row.case_id is None:
        seqs = [found[0]] if (found := wire.row(_LOCKED_DESK, {})) else []
    shown = 0 if merged else shown_seq
    made = wire.row(
        _INSERT,
        {
            "message": row.id, "case_id": row.case_id or DESK, "visit": row.visit, "deadline": row.deadline,
            "kind": row.kind, "dest": row.to, "thread": row.thread, "channel": channel, "ts": ts,
            "live": int(row.live), "merged": int(merged), "facts": dump(dict(row.facts)), "shown_digest": digest,
            "shown_seq": shown, "wanted_seq": 1 if merged else max([shown, *seqs]), "clicked": 0,
            "next_attempt_at": None, "error": None,
        },
    )  # fmt: skip
    assert made is not None
    if row.kind == HOME and row.case_id is not None:
        wire.run(_LINK_HOME, {"of_case": row.case_id})
        wire.run(_FILES_FOLLOW, {"of_case": row.case_id})
        if is_member_id(row.to):
            family_again(wire, row.case_id)
    if row.kind == ORIGINAL and row.case_id is not None and row.visit is not None:
        wire.run(_LINK_ORIGINAL, {"of_case": row.case_id, "of_visit": row.visit})
    if merged or (named and row.case_id is None):
        wire.many(_INSERT_CASE, [{"case_id": name, "card": made[0]} for name in named])


def _cases_of(wire: Wire, row: OutboxRow) -> list[str]:
    return [found[0] for found in wire.rows(_CASES_OF, {"message": row.id})]


def case_moved(wire: Wire, case_id: str, seq: int, visit: int | None) -> None:
    """Mark the live cards of a case as stale, that of *visit* as the one to refresh first."""
    wire.many(_MOVE, [{"of_case": case_id, "seq": seq, "clicked_visit": -1 if visit is None else visit}])
    wire.many(_MOVE_MERGED, [{"of_case": case_id}])


def people_changed(wire: Wire, case_id: str) -> int:
    """Mark the live cards of a case to be looked at again: other people answer now, and the cards of stages that are
    decided name them as who comes next."""
    return wire.run(_PEOPLE, {"of_case": case_id})


def all_again(wire: Wire, case_id: str) -> None:
    """Mark every message about a case to be looked at again, notes and finished reminders too, which are not rewritten
    otherwise: its words were erased, or it is restricted now, and what was posted must not keep telling them."""
    wire.run(_ALL_OF_CASE, {"of_case": case_id})


def family_again(wire: Wire, case_id: str) -> None:
    """As `all_again`, for the case and whatever began out of it."""
    all_again(wire, case_id)
    for child in wire.rows(_BEGUN_BY, {"of_case": case_id}):
        family_again(wire, child[0])


def readers_changed(wire: Wire, readers: Sequence[str]) -> int:
    """
    Mark the live messages to *readers* to be looked at again, merged ones too: they may show more, or less, than before.
    All at once: each look for them goes through every message that ever was posted.
    """
    return wire.run(_READERS, {"readers": wire.listed(readers)}) if readers else 0


def desk_moved(wire: Wire, seq: int) -> None:
    """Mark the live cards about the desk itself (a policy that waits for its approval) as stale."""
    wire.run(_MOVE, {"of_case": DESK, "seq": seq, "clicked_visit": -1})


def stale(wire: Wire, limit: int, now: datetime, in_hand: Mapping[int, bool]) -> list[StaleCard]:
    """
    Return live cards that show an older state than the record has, clicked ones first, then the newest; of *limit* those
    that are not *in_hand* already, as urgent as they are.
    """
    asked = {"limit": limit, "now": wire.instant(now), "furthest": wire.instant(now + FURTHEST)}
    found = wire.rows(_STALE, asked)
    return [
        StaleCard(
            id=r[0], case_id=r[1], visit=r[2], kind=r[3], channel=r[4], ts=r[5], shown_digest=r[6],
            wanted_seq=r[7], facts=load(r[8]), clicked=bool(r[9]), message=r[10], deadline=r[11], to=r[12],
            shown_seq=r[13],
        )
        for r in found
        if r[0] not in in_hand or (r[9] and not in_hand[r[0]])
    ]  # fmt: skip


def behind(wire: Wire, limit: int) -> tuple[int, list[tuple[int, int, str]]]:
    """
    Return how many live cards show an older state than the record has, put off or not, and of the *limit* that were posted
    first the card, what it shows (another number: it was drawn since) and its channel.
    """
    counted = wire.row(_HOW_MANY, {})
    return int(counted[0]) if counted else 0, [(r[0], r[1], r[2]) for r in wire.rows(_LONGEST, {"limit": limit})]


def refreshed(wire: Wire, card: StaleCard, *, digest: str, gone: bool) -> None:
    """
    The card shows *card.wanted_seq* now; *gone*: there is no such message any more.

    If somebody else rewrote it since *card* was read (another replica), nobody knows whose rewriting Slack took last:
    it is drawn once more. If it was marked meanwhile (another card that it links to is posted now), it stays stale.
    """
    seen = card.wanted_seq
    done = wire.run(
        _REFRESHED,
        {"of_id": card.id, "digest": digest, "seq": seen, "live_after": int(not gone), "seen": seen,
         "before": card.shown_digest, "was": card.shown_seq},
    )  # fmt: skip
    if not done:
        wire.run(_ANYBODYS_GUESS, {"of_id": card.id})


def later(wire: Wire, card: StaleCard, *, at: datetime, error: str) -> None:
    """The card could not be rewritten; it stays stale and is tried again at *at* (machine time)."""
    wire.run(_LATER, {"of_id": card.id, "next_at": wire.instant(at), "why": error})


def address(wire: Wire, case_id: str, kind: str, visit: int | None, to: str | None = None) -> tuple[str, str] | None:
    """Return (channel, ts) of the latest card of that kind; *to*: that was meant for them."""
    asked = {
        "case_id": case_id, "kind": kind, "visit": visit, "any_visit": int(visit is None), "dest": to,
        "any_dest": int(to is None),
    }  # fmt: skip
    row = wire.row(_ADDRESS, asked)
    return (row[0], row[1]) if row else None


def is_taken(wire: Wire, channel: str, ts: str) -> bool:
    """Say whether a card of ours is kept at that place."""
    return wire.row(_AT, {"channel": channel, "ts": ts}) is not None


def of_thread(wire: Wire, channel: str, ts: str) -> tuple[str, int | None] | None:
    """Return (case id, visit) of the message that heads a thread."""
    row = wire.row(_OF_THREAD, {"channel": channel, "ts": ts})
    return (row[0], row[1]) if row else None
