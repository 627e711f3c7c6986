"""Letters that are owed: when each is tried next, how often it was, when it was handed over

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OWED = sa.text("mail_due IS NOT NULL")


def upgrade() -> None:
    """Only add, so that processes of the version before may go on telling meanwhile."""
    op.add_column("notification", sa.Column("mail_due", sa.DateTime(), nullable=True))
    op.add_column(
        "notification", sa.Column("mail_tries", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("notification", sa.Column("mailed_at", sa.DateTime(), nullable=True))
    op.create_index(
        op.f("ix_notification_mail_due"),
        "notification",
        ["mail_due"],
        unique=False,
        sqlite_where=OWED,
        postgresql_where=OWED,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_notification_mail_due"), table_name="notification")
    with op.batch_alter_table("notification") as table:
        for name in ("mailed_at", "mail_tries", "mail_due"):
            table.drop_column(name)
