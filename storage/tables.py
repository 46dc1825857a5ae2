"""The tables. The log (`events`, `words`) is the truth; delivery, leases and drafts are operational; the rest can be rebuilt."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from complaints.ports import DESK_LOG
from storage.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

DESK = DESK_LOG
"""The desk's own log: same table, same chain."""

# Ids and keys are compared byte for byte on both databases, whatever language the database sorts in.
Id = Text().with_variant(Text(collation="C"), "postgresql")

# A number that the database counts up; SQLite counts only INTEGER PRIMARY KEY.
Counter = BigInteger().with_variant(Integer(), "sqlite")


def _partial_index(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


# --- the truth: append-only -----------------------------------------------------------------------------

events = Table(
    "events",
    metadata,
    Column("log_id", Id, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False, comment="JSON of the event, byte for byte as hashed"),
    Column("digests", Text, nullable=False, comment="JSON: word id to sha256(salt + text), as hashed"),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("log_id", "seq"),
    _partial_index("ix_events_registers", "at", where="kind = 'RegisterEntered'"),
    sqlite_with_rowid=False,
)

words = Table(
    "words",
    metadata,
    Column("id", Id, primary_key=True),
    Column("log_id", Id, nullable=False, index=True),
    Column("salt", String(32), nullable=False),
    Column("text", Text, nullable=False),
)

acts = Table(
    "acts",
    metadata,
    Column("key", Id, primary_key=True),
    Column("log_id", Id, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("contents", String(64), comment="digest of the form by which it came, until the case's words are erased"),
    sqlite_with_rowid=False,
)

serials = Table(
    "serials",
    metadata,
    Column("series", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("series", "period"),
)

logs = Table(
    "logs",
    metadata,
    Column("log_id", Id, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("head_hash", String(64), nullable=False),
    comment="Head of the desk's log; a case's head stands in its own row",
)

anchored = Table(
    "anchored",
    metadata,
    Column("log_id", Id, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("anchor", Integer, nullable=False, index=True, comment="counts the HeadsAnchored of the desk's log"),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("log_id", "seq"),
    sqlite_with_rowid=False,
)

# --- what the logs add up to ----------------------------------------------------------------------------

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Id, unique=True),
    Column("old_number", Id, index=True),
    Column("policy", Text, nullable=False),
    Column("bundle", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reporter", Text, nullable=False),
    Column("owner", Text),
    Column("parent", Id, index=True),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant, index=True),
    Column("finished_at", Instant),
    Column("due_at", Instant),
    Column("outcome", Text),
    Column("search", Text, nullable=False, server_default=""),
    Column("seq", Integer, nullable=False),
    Column("head_hash", String(64), nullable=False),
    Column("state", Text, nullable=False, comment="JSON of the case, without what stands in case_past"),
    Index(None, "opened_at"),
    Index(None, "reporter", "opened_at"),
    Index(None, "status", "opened_at"),
    Index(None, "policy", "opened_at"),
)

case_past = Table(
    "case_past",
    metadata,
    Column("case_id", Id, nullable=False),
    Column("part", Text, nullable=False, comment="visit or deadline"),
    Column("number", Integer, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("case_id", "part", "number"),
    comment="Visits and deadlines that are over: read with the case, written once",
    sqlite_with_rowid=False,
)

case_fields = Table(
    "case_fields",
    metadata,
    Column("case_id", Id, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("case_id", "field", "value"),
    Index(None, "field", "value", "case_id"),
    sqlite_with_rowid=False,
)

open_seats = Table(
    "open_seats",
    metadata,
    Column("case_id", Id, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("seat", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("role", Text),
    Column("member", Text),
    Column("due_at", Instant),
    PrimaryKeyConstraint("case_id", "visit", "seat"),
    _partial_index("ix_open_seats_role", "role", "due_at", where="member IS NULL"),
    _partial_index("ix_open_seats_member", "member", "due_at", where="member IS NOT NULL"),
    sqlite_with_rowid=False,
)

case_files = Table(
    "case_files",
    metadata,
    Column("case_id", Id, nullable=False),
    Column("file", Id, nullable=False, comment="the id at Slack"),
    Column("name", Id, nullable=False, comment="id of the words that hold the name"),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64)),
    Column("state", Text, nullable=False, comment="given, stored, missed, erased"),
    Column("upload", Text, comment="operational: id of our upload of it"),
    Column("shared", Integer, nullable=False, server_default="0", comment="operational: it needs no sharing any more"),
    PrimaryKeyConstraint("case_id", "file"),
    _partial_index("ix_case_files_given", "case_id", where="state = 'given'"),
    _partial_index("ix_case_files_unshared", "case_id", where="state = 'stored' AND shared = 0"),
    sqlite_with_rowid=False,
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("case_id", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("next_at", Instant, nullable=False, index=True),
    Column("due_at", Instant, nullable=False),
    Column("clock", Text, nullable=False),
    Column("visit", Integer),
    PrimaryKeyConstraint("case_id", "number"),
    sqlite_with_rowid=False,
)

policies_in_force = Table(
    "policies_in_force",
    metadata,
    Column("policy", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("bundle", Id, nullable=False),
    Column("since", Instant, nullable=False),
)

# --- operational: delivery ------------------------------------------------------------------------------

notices = Table(
    "notices",
    metadata,
    Column("id", Id, nullable=False),
    Column("case_id", Id, nullable=False, comment="empty for the desk's own"),
    Column("kind", Text, nullable=False),
    Column("dest", Text, nullable=False),
    Column("visit", Integer),
    Column("deadline", Integer),
    Column("facts", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("message", BigInteger, nullable=False, index=True, comment="outbox row that covers it"),
    Column("covered_at", Instant),
    PrimaryKeyConstraint("case_id", "id"),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Counter, primary_key=True),
    Column("key", Id, nullable=False, comment="random; travels in the message's metadata"),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("dest", Text, nullable=False),
    Column("case_id", Id),
    Column("visit", Integer),
    Column("deadline", Integer),
    Column("thread", Text),
    Column("priority", Integer, nullable=False),
    Column("not_before", Instant, comment="procedure time"),
    Column("merge_key", Text),
    Column("live", Integer, nullable=False),
    Column("facts", Text, nullable=False),
    Column("state", Text, nullable=False, comment="pending, sending, sent, nothing, uncertain, failed"),
    Column("created_at", Instant, nullable=False, comment="machine time since when it may be sent"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant, comment="machine time"),
    Column("lease_until", Instant, comment="machine time"),
    Column("sent_from", Instant, comment="machine time of the first attempt"),
    Column("sent_at", Instant),
    Column("channel", Text),
    Column("ts", Text),
    Column("error", Text),
    _partial_index("ix_outbox_pending", "dest", "priority", "id", where="state = 'pending' AND not_before IS NULL"),
    _partial_index("ix_outbox_deferred", "not_before", where="state = 'pending' AND not_before IS NOT NULL"),
    _partial_index("ix_outbox_sending", "lease_until", where="state = 'sending'"),
    _partial_index("ix_outbox_merge", "merge_key", where="state = 'pending' AND merge_key IS NOT NULL"),
    _partial_index("ix_outbox_troubled", "id", where="state IN ('uncertain', 'failed')"),
)

posted_cards = Table(
    "posted_cards",
    metadata,
    Column("id", Counter, primary_key=True),
    Column("message", BigInteger, nullable=False, comment="outbox row"),
    Column("case_id", Id, nullable=False, comment="the desk's log for a card about the desk"),
    Column("visit", Integer),
    Column("deadline", Integer),
    Column("kind", Text, nullable=False),
    Column("dest", Text, nullable=False),
    Column("thread", Text),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("live", Integer, nullable=False),
    Column("merged", Integer, nullable=False, comment="1: of several cases (card_cases), its seqs count their moves"),
    Column("facts", Text, nullable=False),
    Column("shown_digest", Text),
    Column("shown_seq", Integer, nullable=False),
    Column("wanted_seq", Integer, nullable=False),
    Column("clicked", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant, comment="machine time"),
    Column("error", Text),
    UniqueConstraint("channel", "ts"),
    Index(None, "case_id", "kind", "visit"),
    _partial_index("ix_posted_cards_stale", "clicked", "id", where="live = 1 AND shown_seq < wanted_seq"),
)

card_cases = Table(
    "card_cases",
    metadata,
    Column("case_id", Id, nullable=False),
    Column("card", BigInteger, nullable=False),
    PrimaryKeyConstraint("case_id", "card"),
    comment="Cases of a merged live card",
    sqlite_with_rowid=False,
)

# --- the register and the shelf -------------------------------------------------------------------------

customers = Table(
    "customers",
    metadata,
    Column("code", Id, primary_key=True),
    Column("names", Text, nullable=False),
    Column("aliases", Text, nullable=False),
    Column("value_texts", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("merged_into", Text),
    Column("changed_at", Instant, nullable=False),
)

customer_names = Table(
    "customer_names",
    metadata,
    Column("code", Id, ForeignKey("customers.code", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False, comment="case-folded code, name or alias"),
    PrimaryKeyConstraint("code", "name"),
    Index(None, "name"),
)

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("bundle", Id, primary_key=True),
    Column("policy", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("texts", Text, nullable=False, comment="JSON: file name to its text"),
    Column("proposed_at", Instant, nullable=False),
    UniqueConstraint("policy", "label"),
)

# --- operational: drafts, files, processes --------------------------------------------------------------

drafts = Table(
    "drafts",
    metadata,
    Column("member", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("entries", Text, nullable=False),
    Column("kept_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("member", "form"),
)

leases = Table(
    "leases",
    metadata,
    Column("holder", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", Text, primary_key=True),
    Column("beat_at", Instant, nullable=False),
    Column("facts", Text, nullable=False),
)
