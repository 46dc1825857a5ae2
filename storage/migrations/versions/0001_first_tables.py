"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "acts",
        sa.Column("key", Id, nullable=False),
        sa.Column("log_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_acts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "anchored",
        sa.Column("log_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.Integer(), nullable=False, comment="counts the HeadsAnchored of the desk's log"),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "seq", name=op.f("pk_anchored")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_anchored_anchor"), "anchored", ["anchor"], unique=False)
    op.create_table(
        "case_fields",
        sa.Column("case_id", Id, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "field", "value", name=op.f("pk_case_fields")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_case_fields_field_value_case_id"), "case_fields", ["field", "value", "case_id"], unique=False
    )
    op.create_table(
        "case_files",
        sa.Column("case_id", Id, nullable=False),
        sa.Column("file", Id, nullable=False, comment="the id at Slack"),
        sa.Column("name", Id, nullable=False, comment="id of the words that hold the name"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("state", sa.Text(), nullable=False, comment="given, stored, missed, erased"),
        sa.Column("upload", sa.Text(), nullable=True, comment="operational: id of our upload of it"),
        sa.Column(
            "shared",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="operational: it needs no sharing any more",
        ),
        sa.PrimaryKeyConstraint("case_id", "file", name=op.f("pk_case_files")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_case_files_given",
        "case_files",
        ["case_id"],
        unique=False,
        sqlite_where=sa.text("state = 'given'"),
        postgresql_where=sa.text("state = 'given'"),
    )
    op.create_index(
        "ix_case_files_unshared",
        "case_files",
        ["case_id"],
        unique=False,
        sqlite_where=sa.text("state = 'stored' AND shared = 0"),
        postgresql_where=sa.text("state = 'stored' AND shared = 0"),
    )
    op.create_table(
        "card_cases",
        sa.Column("case_id", Id, nullable=False),
        sa.Column("card", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "card", name=op.f("pk_card_cases")),
        comment="Cases of a merged live card",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_past",
        sa.Column("case_id", Id, nullable=False),
        sa.Column("part", sa.Text(), nullable=False, comment="visit or deadline"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "part", "number", name=op.f("pk_case_past")),
        comment="Visits and deadlines that are over: read with the case, written once",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cases",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", Id, nullable=True),
        sa.Column("old_number", Id, nullable=True),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("bundle", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("parent", Id, nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), server_default="", nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="JSON of the case, without what stands in case_past"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index(op.f("ix_cases_closed_at"), "cases", ["closed_at"], unique=False)
    op.create_index(op.f("ix_cases_old_number"), "cases", ["old_number"], unique=False)
    op.create_index(op.f("ix_cases_opened_at"), "cases", ["opened_at"], unique=False)
    op.create_index(op.f("ix_cases_parent"), "cases", ["parent"], unique=False)
    op.create_index(op.f("ix_cases_policy_opened_at"), "cases", ["policy", "opened_at"], unique=False)
    op.create_index(op.f("ix_cases_reporter_opened_at"), "cases", ["reporter", "opened_at"], unique=False)
    op.create_index(op.f("ix_cases_status_opened_at"), "cases", ["status", "opened_at"], unique=False)
    op.create_table(
        "customers",
        sa.Column("code", Id, nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("value_texts", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_customers")),
    )
    op.create_table(
        "deadlines",
        sa.Column("case_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_deadlines")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_deadlines_next_at"), "deadlines", ["next_at"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("member", "form", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_kept_at"), "drafts", ["kept_at"], unique=False)
    op.create_table(
        "events",
        sa.Column("log_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="JSON of the event, byte for byte as hashed"),
        sa.Column("digests", sa.Text(), nullable=False, comment="JSON: word id to sha256(salt + text), as hashed"),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "seq", name=op.f("pk_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("beat_at", Instant(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "leases",
        sa.Column("holder", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("beat_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("holder", name=op.f("pk_leases")),
    )
    op.create_table(
        "logs",
        sa.Column("log_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("log_id", name=op.f("pk_logs")),
        comment="Head of the desk's log; a case's head stands in its own row",
    )
    op.create_table(
        "notices",
        sa.Column("id", Id, nullable=False),
        sa.Column("case_id", Id, nullable=False, comment="empty for the desk's own"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dest", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=True),
        sa.Column("deadline", sa.Integer(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False, comment="outbox row that covers it"),
        sa.Column("covered_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "id", name=op.f("pk_notices")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_notices_message"), "notices", ["message"], unique=False)
    op.create_table(
        "open_seats",
        sa.Column("case_id", Id, nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("member", sa.Text(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "visit", "seat", name=op.f("pk_open_seats")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_open_seats_member",
        "open_seats",
        ["member", "due_at"],
        unique=False,
        sqlite_where=sa.text("member IS NOT NULL"),
        postgresql_where=sa.text("member IS NOT NULL"),
    )
    op.create_index(
        "ix_open_seats_role",
        "open_seats",
        ["role", "due_at"],
        unique=False,
        sqlite_where=sa.text("member IS NULL"),
        postgresql_where=sa.text("member IS NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Counter, nullable=False),
        sa.Column("key", Id, nullable=False, comment="random; travels in the message's metadata"),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dest", sa.Text(), nullable=False),
        sa.Column("case_id", Id, nullable=True),
        sa.Column("visit", sa.Integer(), nullable=True),
        sa.Column("deadline", sa.Integer(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True, comment="procedure time"),
        sa.Column("merge_key", sa.Text(), nullable=True),
        sa.Column("live", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="pending, sending, sent, nothing, uncertain, failed"),
        sa.Column("created_at", Instant(), nullable=False, comment="machine time since when it may be sent"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=True, comment="machine time"),
        sa.Column("lease_until", Instant(), nullable=True, comment="machine time"),
        sa.Column("sent_from", Instant(), nullable=True, comment="machine time of the first attempt"),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_merge",
        "outbox",
        ["merge_key"],
        unique=False,
        sqlite_where=sa.text("state = 'pending' AND merge_key IS NOT NULL"),
        postgresql_where=sa.text("state = 'pending' AND merge_key IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["dest", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending' AND not_before IS NULL"),
        postgresql_where=sa.text("state = 'pending' AND not_before IS NULL"),
    )
    op.create_index(
        "ix_outbox_deferred",
        "outbox",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("state = 'pending' AND not_before IS NOT NULL"),
        postgresql_where=sa.text("state = 'pending' AND not_before IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_sending",
        "outbox",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_outbox_troubled",
        "outbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('uncertain', 'failed')"),
        postgresql_where=sa.text("state IN ('uncertain', 'failed')"),
    )
    op.create_table(
        "policies_in_force",
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("bundle", Id, nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("policy", name=op.f("pk_policies_in_force")),
    )
    op.create_table(
        "policy_versions",
        sa.Column("bundle", Id, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False, comment="JSON: file name to its text"),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("bundle", name=op.f("pk_policy_versions")),
        sa.UniqueConstraint("policy", "label", name=op.f("uq_policy_versions_policy_label")),
    )
    op.create_table(
        "posted_cards",
        sa.Column("id", Counter, nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False, comment="outbox row"),
        sa.Column("case_id", Id, nullable=False, comment="the desk's log for a card about the desk"),
        sa.Column("visit", sa.Integer(), nullable=True),
        sa.Column("deadline", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dest", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("live", sa.Integer(), nullable=False),
        sa.Column(
            "merged",
            sa.Integer(),
            nullable=False,
            comment="1: of several cases (card_cases), its seqs count their moves",
        ),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("shown_digest", sa.Text(), nullable=True),
        sa.Column("shown_seq", sa.Integer(), nullable=False),
        sa.Column("wanted_seq", sa.Integer(), nullable=False),
        sa.Column("clicked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=True, comment="machine time"),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted_cards")),
        sa.UniqueConstraint("channel", "ts", name=op.f("uq_posted_cards_channel_ts")),
    )
    op.create_index(
        op.f("ix_posted_cards_case_id_kind_visit"), "posted_cards", ["case_id", "kind", "visit"], unique=False
    )
    op.create_index(
        "ix_posted_cards_stale",
        "posted_cards",
        ["clicked", "id"],
        unique=False,
        sqlite_where=sa.text("live = 1 AND shown_seq < wanted_seq"),
        postgresql_where=sa.text("live = 1 AND shown_seq < wanted_seq"),
    )
    op.create_table(
        "serials",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "period", name=op.f("pk_serials")),
    )
    op.create_table(
        "words",
        sa.Column("id", Id, nullable=False),
        sa.Column("log_id", Id, nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_words")),
    )
    op.create_index(op.f("ix_words_log_id"), "words", ["log_id"], unique=False)
    op.create_table(
        "customer_names",
        sa.Column("code", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="case-folded code, name or alias"),
        sa.ForeignKeyConstraint(
            ["code"], ["customers.code"], name=op.f("fk_customer_names_code_customers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code", "name", name=op.f("pk_customer_names")),
    )
    op.create_index(op.f("ix_customer_names_name"), "customer_names", ["name"], unique=False)


def downgrade() -> None:
    op.drop_table("customer_names")
    op.drop_table("words")
    op.drop_table("serials")
    op.drop_table("posted_cards")
    op.drop_table("policy_versions")
    op.drop_table("policies_in_force")
    op.drop_table("outbox")
    op.drop_table("open_seats")
    op.drop_table("notices")
    op.drop_table("logs")
    op.drop_table("leases")
    op.drop_table("heartbeats")
    op.drop_table("events")
    op.drop_table("drafts")
    op.drop_table("deadlines")
    op.drop_table("customers")
    op.drop_table("cases")
    op.drop_table("case_past")
    op.drop_table("card_cases")
    op.drop_table("case_files")
    op.drop_table("case_fields")
    op.drop_table("anchored")
    op.drop_table("acts")
