"""Tickets are found by the time they were weighed, so that a month's page reads that month alone

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-23
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket") as table:
        table.create_index(table.f("ix_ticket_weighed_at"), ["weighed_at"])


def downgrade() -> None:
    with op.batch_alter_table("ticket") as table:
        table.drop_index(table.f("ix_ticket_weighed_at"))
