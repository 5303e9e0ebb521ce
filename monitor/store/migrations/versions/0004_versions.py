"""Which entities and rules a watchlist's memory was built for, so that an edit is known by what it changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add both, unknown: the next edit of each watchlist builds its memory anew."""
    op.add_column("watchlists", sa.Column("entities", sa.Text(), nullable=False, server_default=""))
    op.add_column("watchlists", sa.Column("rules", sa.Text(), nullable=False, server_default="{}"))
