"""What each feed's document says of when to ask for it, so that a 304 after a restart does not forget it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add it, unknown until the feed's next document."""
    op.add_column("feeds", sa.Column("rhythm", sa.Text()))
