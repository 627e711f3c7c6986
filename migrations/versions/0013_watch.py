"""What the watch goes by, and what it found

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

from app.core.append_only import guard, unguard

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("flag_event", "flag", "watch_term", "arising_factor")
APPEND_ONLY = "flag_event"
MESSAGES = (
    "'new_match', 'counterpart_confirmed', 'approval_wanted', 'deadline_near', 'trade_ended', "
    "'cancel_asked', 'escalated', 'new_offer', 'round_opened', 'round_cleared', 'shipment_due', "
    "'shipment_arrived', 'discrepancy', 'rejection', 'silo_full', 'data_looked_up', "
    "'import_done', 'hazard_found', 'grade_moves', 'declaration_due', "
    "'declaration_late', 'flag_asked'"
)


def upgrade() -> None:
    _create_factors()
    _create_terms()
    _create_flags()
    _create_history()
    _word_notifications(MESSAGES)
    for statement in guard(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    for statement in unguard(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    for table in ("notification", "notification_preference"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'flag_asked'")
    _word_notifications(MESSAGES.replace(", 'flag_asked'", ""))
    for table in TABLES:
        op.drop_table(table)


def _create_factors() -> None:
    op.create_table(
        "arising_factor",
        sa.Column(
            "side",
            sa.Enum(
                "generated",
                "taken",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("activity", sa.String(length=32), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("low_milli", sa.Integer(), nullable=False),
        sa.Column("central_milli", sa.Integer(), nullable=False),
        sa.Column("high_milli", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=24), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "confidence",
            sa.Enum(
                "V",
                "K",
                "U",
                name="confidence",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "side", "activity", "material", "valid_from", name=op.f("pk_arising_factor")
        ),
    )


def _create_terms() -> None:
    op.create_table(
        "watch_term",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "confidence",
            sa.Enum(
                "V",
                "K",
                "U",
                name="confidence",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "material", "valid_from", name=op.f("pk_watch_term")),
    )


def _create_flags() -> None:
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "balance_open",
                "stock_open",
                "stock_broken",
                "stock_overdrawn",
                "stock_over_capacity",
                "stock_too_old",
                "dumped",
                "arisings_off",
                "arisings_changed",
                "use_without_tickets",
                "tickets_beyond_use",
                "intake_off",
                "over_permit",
                "repeated_weights",
                "shared_weights",
                "mirrored_weights",
                "constant_tare",
                "tare_off",
                "round_weights",
                "overweight",
                "too_fast",
                "too_long",
                "two_places",
                "gate_closed",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "severity",
            sa.Enum(
                "notice",
                "warning",
                "serious",
                name="severity",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=True),
        sa.Column("plate", sa.String(length=12), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("loads", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.String(length=300), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "taken",
                "asked",
                "answered",
                "closed",
                name="flagstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "confirmed",
                "corrected",
                "explained",
                "dismissed",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("raised_at", sa.DateTime(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "(status = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_flag_ends_with_an_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_flag_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_flag_material_material")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user_account.id"], name=op.f("fk_flag_owner_id_user_account")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_flag_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("key", name=op.f("uq_flag_key")),
        sa.UniqueConstraint("number", name=op.f("uq_flag_number")),
    )
    with op.batch_alter_table("flag") as table:
        table.create_index("ix_flag_adcode_status", ["adcode", "status"])
        table.create_index(table.f("ix_flag_company_id"), ["company_id"])
        table.create_index(table.f("ix_flag_month"), ["month"])


def _create_history() -> None:
    op.create_table(
        "flag_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column(
            "deed",
            sa.Enum(
                "raise",
                "take",
                "ask",
                "answer",
                "close",
                name="deed",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_flag_event_flag_id_flag")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_event")),
    )
    with op.batch_alter_table("flag_event") as table:
        table.create_index(table.f("ix_flag_event_flag_id"), ["flag_id"])


def _word_notifications(messages: str) -> None:
    for name in ("notification", "notification_preference"):
        check = f"ck_{name}_kind"
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(check), type_="check")
            table.create_check_constraint(op.f(check), sa.text(f"kind IN ({messages})"))
