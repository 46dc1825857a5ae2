"""A form that was recorded is told from a changed one, also after a restart and by another bot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COMMENT = "digest of the form by which it came, until the case's words are erased"


def upgrade() -> None:
    op.add_column("acts", sa.Column("contents", sa.String(64), comment=COMMENT))


def downgrade() -> None:
    op.drop_column("acts", "contents")
