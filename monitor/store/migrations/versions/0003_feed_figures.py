"""What each feed is worth: how long its answers take, and how much of it was known already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add both figures, at nothing."""
    op.add_column("feeds", sa.Column("seconds", sa.Float(), nullable=False, server_default="0"))
    op.add_column("feeds", sa.Column("shared", sa.Integer(), nullable=False, server_default="0"))
