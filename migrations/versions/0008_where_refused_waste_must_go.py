"""Where refused waste must go

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


NAMES = ("go_to_zh", "go_to_en")


def upgrade() -> None:
    """Loading the reference data fills the columns in."""
    with op.batch_alter_table("blocked_waste") as table:
        for name in NAMES:
            table.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("blocked_waste") as table:
        for name in NAMES:
            table.alter_column(name, existing_type=sa.Text(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("blocked_waste") as table:
        for name in NAMES:
            table.drop_column(name)
