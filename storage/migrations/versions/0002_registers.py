"""Lines of registers are found without reading all events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHERE = sa.text("kind = 'RegisterEntered'")


def upgrade() -> None:
    op.create_index("ix_events_registers", "events", ["at"], sqlite_where=WHERE, postgresql_where=WHERE)


def downgrade() -> None:
    op.drop_index("ix_events_registers", "events", sqlite_where=WHERE, postgresql_where=WHERE)
