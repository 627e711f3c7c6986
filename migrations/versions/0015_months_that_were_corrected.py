"""Those who publish are told of months that firms have corrected since

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MESSAGES = (
    "'new_match', 'counterpart_confirmed', 'approval_wanted', 'deadline_near', 'trade_ended', "
    "'cancel_asked', 'escalated', 'new_offer', 'round_opened', 'round_cleared', 'shipment_due', "
    "'shipment_arrived', 'discrepancy', 'rejection', 'silo_full', 'data_looked_up', "
    "'import_done', 'hazard_found', 'grade_moves', 'declaration_due', "
    "'declaration_late', 'flag_asked'"
)
TABLES = ("notification", "notification_preference")


def upgrade() -> None:
    _word_notifications(f"{MESSAGES}, 'month_corrected'")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DELETE FROM {table} WHERE kind = 'month_corrected'")
    _word_notifications(MESSAGES)


def _word_notifications(messages: str) -> None:
    for name in TABLES:
        check = f"ck_{name}_kind"
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(check), type_="check")
            table.create_check_constraint(op.f(check), sa.text(f"kind IN ({messages})"))
