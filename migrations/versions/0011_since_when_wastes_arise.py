"""Since when each waste of a site is registered, and so has to be declared

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FROM_THE_TRAIL = """
    UPDATE waste_source SET registered_at = COALESCE(
        (
            SELECT min(audit_event.at)
            FROM audit_event
            WHERE audit_event.verb = 'source.added'
            AND audit_event.object_kind = 'waste_source'
            AND audit_event.object_id = CAST(waste_source.id AS VARCHAR(64))
        ),
        changed_at
    )
"""
"""The audit trail says when a waste was entered."""


def upgrade() -> None:
    with op.batch_alter_table("waste_source") as table:
        table.add_column(sa.Column("registered_at", sa.DateTime(), nullable=True))
    op.execute(FROM_THE_TRAIL)
    with op.batch_alter_table("waste_source") as table:
        table.alter_column("registered_at", existing_type=sa.DateTime(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("waste_source") as table:
        table.drop_column("registered_at")
