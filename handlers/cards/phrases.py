"""What cards say again and again: who, until when, the customer, the evidence, where on the route, which clause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from complaints.people import is_member_id
from complaints.views import (
    CaseFacts,
    CustomerFacts,
    Due,
    FileFacts,
    LockFacts,
    Pair,
    Quote,
    Reckoned,
    ReplyRules,
    Source,
    Stop,
    Team,
    VisitFacts,
)
from complaints.views_words import date_text, listed
from handlers.cards.parts import bold, case_title, first_of, lines, mentions, spaced
from handlers.harmless import quoted
from handlers.texts import escape, fit, join, one_line, plain, say, when, when_plain

LONGEST_FIELD, LONGEST_QUOTE, LONGEST_CLAUSE, LONGEST_MATTER = 160, 400, 60, 200
MOST_BOOKED, MOST_LOCKS, MOST_POINTS, MOST_RECKONED = 30, 4, 12, 3
LATE = ":warning:"

# --- who and until when ------------------------------------------------------------------------------------


def team_name(team: Team | None) -> str:
    """Return a department's name for a plain-text place."""
    return plain(team.label, 60) if team is not None and team.label else ""


def team_text(team: Team, language: str) -> str:
    """Return the department in bold and who answers for it: the regulation obliges the one, the other may change."""
    label = bold(one_line(team.label, 60)) if team.label else ""
    people = mentions(team.people, language)
    return spaced(label, people or ("" if label else say(language, "card.nobody")))


def due_text(due: Due, language: str, zone: str) -> str:
    """Return a due time as a date token, said to be provisional where it is."""
    token = when(due.at, language, zone)
    return say(language, "card.provisional", due=token) if due.provisional else token


def by_when(due: Due | None, language: str, zone: str) -> str:
    """Return "by …" or, once the clock wrote it, "due …", with what it was before an extension."""
    if due is None:
        return ""
    text = say(language, "card.due" if due.overdue else "card.by", due=due_text(due, language, zone))
    if due.was is None:
        return text
    return f"{text} {say(language, 'card.was', due=when(due.was, language, zone, 'day'))}"


def who_and_when(team: Team, due: Due | None, language: str, zone: str) -> str:
    """Return the first line of place 2."""
    sign = LATE if due is not None and due.overdue else ""
    text = spaced(team_text(team, language), by_when(due, language, zone))
    return f"{sign} {text}" if sign else text


def promise_text(case: CaseFacts) -> str:
    """Return the second line of place 2: when the whole case closes, or that it has."""
    if case.closed_at is not None:
        return say(case.language, "card.case_closed", at=when(case.closed_at, case.language, case.zone, "at"))
    if case.promise is None:
        return ""
    message = "card.case_late" if case.promise.overdue else "card.case_by"
    text = say(case.language, message, due=due_text(case.promise, case.language, case.zone))
    if case.promise_team is None:
        return text
    owed = say(case.language, "card.owed_by", who=team_text(case.promise_team, case.language))
    return join((text, owed), case.language)


def waiting_text(visit: VisitFacts) -> str:
    """Return the third line of place 2 while the customer is waited for."""
    language, zone = visit.case.language, visit.case.zone
    if visit.waiting_until is None:
        return ""
    until = when(visit.waiting_until, language, zone)
    reason = visit.waiting_reason.text if visit.waiting_reason else None
    if reason:
        return say(language, "card.waiting_why", reason=one_line(reason, 120), until=until)
    return say(language, "card.waiting", until=until)


def extension_text(visit: VisitFacts) -> str:
    if visit.extension_asked is None:
        return ""
    until = when(visit.extension_asked, visit.case.language, visit.case.zone)
    return say(visit.case.language, "card.extension_asked", until=until)


def push_text(header: str, due: Due | None, language: str, zone: str) -> str:
    """Return the words of a locked phone: the header and the deadline, dates written out."""
    text = escape(header)
    if due is None:
        return text
    message = "card.push_late" if due.overdue else "card.push"
    return say(language, message, header=text, due=when_plain(due.at, language, zone))


def inside(label: str, language: str) -> str:
    """Return a label for the middle of a sentence: "production analysis", but "GM office"."""
    if language != "en":
        return label
    return " ".join(w[:1].lower() + w[1:] if w[1:].islower() else w for w in label.split(" "))


# --- the case ----------------------------------------------------------------------------------------------


def customer_text(customer: CustomerFacts | None, language: str) -> str:
    if customer is None:
        return ""
    name = say(language, "card.erased") if customer.name is None else one_line(customer.name, 80)
    if customer.is_new:
        return say(language, "card.customer_new", name=name)
    if customer.code is None:
        return name
    code = one_line(customer.code, 40)
    return (
        code if customer.name is None and not customer.erased else say(language, "card.customer", name=name, code=code)
    )


def reporter_text(case: CaseFacts) -> str:
    role = one_line(case.reporter_role, 40) if case.reporter_role else ""
    return f"{role} <@{case.reporter}>".strip()


def matter_text(case: CaseFacts) -> str:
    """Return place 3: the matter in one bold line."""
    return bold(one_line(case.matter, LONGEST_MATTER)) if case.matter else ""


def files_text(files: FileFacts, language: str) -> str:
    """Return how much evidence there is; what has not arrived is said."""
    parts = [
        say(language, message, n=n) for message, n in (("card.photos", files.photos), ("card.files", files.others)) if n
    ]
    text = join(parts, language)
    if text and files.arriving:
        text = say(language, "card.arriving", files=text)
    return join([text, say(language, "card.files_missed", n=files.missed) if files.missed else ""], language)


def linked(text: str, link: str | None) -> str:
    return f"<{link}|{text}>" if text and link else text


def pair_value(pair: Pair, language: str) -> str:
    return mentions(pair.people, language) if pair.people else one_line(pair.value, LONGEST_FIELD)


def pairs_for_fields(pairs: Sequence[Pair], language: str) -> list[tuple[str, str]]:
    return [(one_line(p.label, 40), pair_value(p, language)) for p in pairs if p.value or p.people]


def pairs_in_line(pairs: Sequence[Pair], language: str) -> str:
    """Return results in one line: "Responsible: Production  ·  Cause: surface finish"."""
    parts = [_pair(one_line(p.label, 40), pair_value(p, language), language) for p in pairs]
    return ("  ·  " if language == "en" else "　").join(parts)


def _pair(label: str, value: str, language: str) -> str:
    """Return "Responsible: Production"; a question takes no colon."""
    return f"{label} {value}" if label.endswith(("?", "？")) else say(language, "card.pair", label=label, value=value)


def quote_text(quote: Quote | None, language: str, limit: int = LONGEST_QUOTE) -> str:
    """Return somebody's words as a quote, with whose they are when they are not the customer's."""
    if quote is None:
        return ""
    words = f">{say(language, 'card.erased')}" if quote.text is None else quoted(quote.text, limit)
    return lines(one_line(quote.label, 60) if quote.label else "", words)


def reply_text(case: CaseFacts) -> str:
    """Return whether the customer may be answered: it is locked, or by which ways."""
    if case.reply == "locked":
        return say(case.language, "card.locked")
    if case.reply != "open":
        return ""
    channels = channels_text(case)
    text = (
        say(case.language, "card.reply_open_by", channels=channels)
        if channels
        else say(case.language, "card.reply_open")
    )
    only = say(case.language, "card.reply_only", by=one_line(case.reply_by, 60)) if case.reply_by else ""
    return join((text, only), case.language)


def reply_rules_text(rules: ReplyRules | None, language: str) -> str:
    """Return how the customer is answered: in writing only, with or without an apology, and what stays inside."""
    if rules is None:
        return ""
    apology = f"reply.{rules.apology}" if rules.apology else None
    said = lines(
        say(language, "reply.written", channels=_named(rules.written, language)) if rules.written else "",
        say(language, apology, words=one_line(rules.script, 200)) if apology else "",
        say(language, "reply.never", papers=_named(rules.never, language)) if rules.never else "",
    )
    return lines(said, source_text(rules.source, language) if said and rules.source else "")


def _named(labels: Sequence[str], language: str) -> str:
    """Return the policy's words for things as a list."""
    return listed([one_line(label, 60) for label in labels], language)


def booked_text(case: CaseFacts) -> str:
    """Return what a month took by a ledger: one line for each person and case."""
    if not case.booked:
        return ""
    first = case.booked[0]
    head = bold(say(case.language, "card.booked", ledger=one_line(first.ledger, 60), month=one_line(first.month, 20)))
    rows = [spaced(_who(b.who), one_line(b.case, 40), one_line(b.amount, 40)) for b in case.booked[:MOST_BOOKED]]
    rest = len(case.booked) - len(rows)
    return lines(head, *rows, say(case.language, "duty.more", n=rest) if rest else "")


def reckoned_text(visit: VisitFacts) -> str:
    """Return what the calculators give: the sum, and a line for each one on whom a part of it falls."""
    return lines(
        *first_of([_reckoned(r, visit.case.language) for r in visit.reckoned], MOST_RECKONED, visit.case.language)
    )


def _reckoned(amount: Reckoned, language: str) -> str:
    rows = [spaced(_who(p.who), bold(one_line(p.amount, 40)), one_line(p.why, 40)) for p in amount.parts[:MOST_BOOKED]]
    rest = len(amount.parts) - len(rows)
    head = spaced(one_line(amount.label, 60), bold(one_line(amount.total, 40)))
    return lines(head, *rows, say(language, "duty.more", n=rest) if rest else "")


def _who(who: str) -> str:
    return f"<@{who}>" if is_member_id(who) else one_line(who, 60)


def archive_text(case: CaseFacts) -> str:
    """Return who keeps the record of a finished case, and until when."""
    if case.archive is None:
        return ""
    by, language = one_line(case.archive.by, 60), case.language
    if case.archive.until is None:
        return say(language, "card.archive", by=by)
    return say(language, "card.archive_until", by=by, until=date_text(case.archive.until, language))


def locks_text(case: CaseFacts) -> str:
    """Return what rules lock, until when, and which clause says so: one line each. The reply has its own line."""
    found = [text for lock in case.locks if (text := _lock_text(lock, case.language))]
    return lines(*first_of(found, MOST_LOCKS, case.language))


def _lock_text(lock: LockFacts, language: str) -> str:
    acts = [say(language, f"lock.{act}") for act in lock.acts if act != "reply"]
    if not acts:
        return ""
    clause = source_text(lock.source, language) if lock.source else ""
    message = "card.acts_locked_until" if lock.until else "card.acts_locked"
    text = say(language, message, acts=listed(acts, language), until=one_line(lock.until, 80))
    return spaced(text, clause)


def before_closing_text(visit: VisitFacts) -> str:
    """Return the checklist of what must be there before the case closes, with the clause that wants it."""
    language = visit.case.language
    if not visit.before_closing:
        return ""
    sources = list(dict.fromkeys(source_text(c.source, language) for c in visit.before_closing if c.source))
    head = spaced(say(language, "card.before_closing"), join(sources, language))
    points = [f"{'✓' if c.there else '☐'} {one_line(c.label, 60)}" for c in visit.before_closing]
    return lines(head, *first_of(points, MOST_POINTS, language))


def channels_text(case: CaseFacts) -> str:
    """Return the allowed ways to answer: "letter or telephone"."""
    names = [one_line(name, 40) for name in case.reply_channels]
    if case.language == "en":
        names = [name.lower() for name in names]
    if len(names) < 2:
        return names[0] if names else ""
    first = join(names[:-1], case.language) if len(names) > 2 else names[0]
    return say(case.language, "card.or", a=first, b=names[-1])


# --- where on the route, and which clause ------------------------------------------------------------------


def place_text(case: CaseFacts, stops: Sequence[Stop], *, follow_up: bool = False) -> str:
    """Return the small line of the route: the stage before, the one now, the one after."""
    language = case.language
    if follow_up:
        start = say(language, "card.after_closing") if case.closed_at is not None else ""
    else:
        start = say(language, "card.place", n=case.place, of=case.of) if case.place and case.of else ""
    return spaced(start, around(stops, language))


def around(stops: Sequence[Stop], language: str) -> str:
    """Return "✓ before  ● now  → after"; several stages may be under way side by side."""
    now = [n for n, stop in enumerate(stops) if stop.state == "now"]
    if not now:
        return ""
    before = [s for s in stops[: now[0]] if s.state == "done"][-1:]
    after = [s for s in stops[now[-1] + 1 :] if s.state == "later"][:1]
    parts = [f"✓ {one_line(s.label, 40)}" for s in before]
    parts += [say(language, "card.now", stage=one_line(stops[n].label, 40)) for n in now]
    parts += [f"→ {one_line(s.label, 40)}" for s in after]
    return spaced(*parts)


def sources_text(sources: Sequence[Source | None], language: str) -> str:
    """Return the smallest line: the clause with its words; what is our setting is said to be ours, once."""
    found = [s for s in sources if s is not None]
    limit_is_told = any(s.what == "stage" and s.kind != "clause" and s.limit for s in found)
    shown = (s for s in found if s.what != "limit" or s.kind == "clause" or not limit_is_told)
    return join((source_text(s, language) for s in shown), language)


def source_text(source: Source, language: str) -> str:
    if source.kind == "clause":
        if source.what == "reply":
            return say(language, "card.reply_from", clause=one_line(source.clause, 20))
        return (
            f"{one_line(source.clause, 20)}{in_marks(one_line(source.quote, LONGEST_CLAUSE)) if source.quote else ''}"
        )
    if source.what == "limit":
        message = "card.limit_ours" if source.kind == "ours" else "card.limit_default"
        return _of_limit(message, source.limit, language) if source.limit else ""
    if source.what == "rule" and source.limit:
        return _of_limit("card.rule_after", source.limit, language)
    if source.what == "stage" and source.limit:
        return _of_limit("card.stage_limit_ours", source.limit, language)
    return say(language, "card.stage_ours" if source.what == "stage" else "card.rule_ours")


def in_marks(words: str) -> str:
    """Return a clause's words in quotation marks, once: some policy files hold them with marks of their own."""
    opened, closed = words.count("「"), words.count("」")
    if words.startswith("「") and words.endswith("」") and opened == closed:
        return words
    if opened > closed:
        words = words.removeprefix("「")
    elif closed > opened:
        words = words.removesuffix("」")
    return f"「{words}」"


def _of_limit(message: str, limit: str, language: str) -> str:
    """Return words with a limit; no space stands before Chinese words such as "the same day"."""
    text, words = say(language, message, limit=one_line(limit, 40)), one_line(limit, 40)
    return text if words[:1].isascii() else text.replace(f" {words}", words)


def promise_source(case: CaseFacts) -> str:
    """Return why the case closes when it does: "Domestic: closes within 13 days (十)1"."""
    source, language = case.promise_source, case.language
    if source is None or not source.limit:
        return ""
    limit = one_line(source.limit, 40)
    if source.kind != "clause":
        return say(language, "card.promise_ours", limit=limit)
    clause = one_line(source.clause, 20)
    if case.market:
        return say(language, "card.promise_from", market=one_line(case.market, 40), limit=limit, clause=clause)
    return say(language, "card.promise_plain", limit=limit, clause=clause)


def event_time(at: datetime, case: CaseFacts) -> str:
    """Return when something happened, as a date token."""
    return when(at, case.language, case.zone, "at")


def is_signing(visit: VisitFacts) -> bool:
    """Say whether the stage's own work is done and only those who sign it are waited for."""
    turns = [seat.kind for seat in visit.seats if seat.is_turn]
    return bool(turns) and all(kind == "sign" for kind in turns)


def ask_text(visit: VisitFacts) -> str:
    """Return what is asked now: the policy's words, else department and stage; the second round says so."""
    language = visit.case.language
    if is_signing(visit) and visit.team.label:
        ask = say(language, "card.ask_sign", team=team_name(visit.team), stage=visit.label)
    elif visit.informs:
        ask = say(language, "card.ask_inform", what=visit.label)
    else:
        ask = visit.ask or (
            say(language, "card.ask", team=team_name(visit.team), stage=visit.label)
            if visit.team.label
            else visit.label
        )
    return say(language, "card.round", ask=fit(ask, 90), n=visit.round) if visit.round > 1 else ask


def title_of(case: CaseFacts) -> str:
    return case_title(case)
