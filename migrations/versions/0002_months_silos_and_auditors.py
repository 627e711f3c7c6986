"""Months, silos, production stops, draws and auditors

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PRODUCTS = "'cement', {}'concrete', 'brick', 'block', 'plasterboard', 'road_base', 'desulfuriser', "
PRODUCTS += "'metal_recovery'"
KINDS = "'public', 'company', 'regulator', 'operator', {}'system'"
REASONS_BEFORE = (
    "'placed', 'zero', 'no_lane_material', 'no_lane_distance', 'no_lane_listed', 'price', 'full', "
    "'tie', 'changed'"
)
REASONS = (
    "'placed', 'zero', 'stock', 'no_lane_material', 'no_lane_distance', 'no_lane_listed', "
    "'month', 'price', 'lot_too_large', 'lot_too_small', 'costs', 'silo', 'full', 'tie', 'idle', "
    "'changed'"
)


def upgrade() -> None:
    _create_tables()
    _widen_listings()
    _widen_runs()
    _widen_run_orders()
    _choose("user_account", "actorkind", "kind", KINDS.format("'auditor', "))


def downgrade() -> None:
    """Rows that use what is taken away are refused by the constraints of old: nothing is guessed."""
    _choose("user_account", "actorkind", "kind", KINDS.format(""))
    _narrow_run_orders()
    with op.batch_alter_table("clearing_run") as table:
        table.drop_constraint(op.f("ck_clearing_run_horizon_forward"), type_="check")
        for name in ("plan_gap_kg", "surplus_gap_fen", "gap_kg", "plan_match_count", "last_month"):
            table.drop_column(name)
    with op.batch_alter_table("listing") as table:
        table.drop_constraint(op.f("ck_listing_holding_has_a_silo"), type_="check")
        table.drop_constraint(op.f("ck_listing_silo_holds_something"), type_="check")
        table.drop_column("holding_price")
        table.drop_column("silo_kg")
    _choose("listing", "product", "product", PRODUCTS.format(""))
    for name in ("clearing_auditor", "trade_draw", "production_stop"):
        op.drop_table(name)


def _create_tables() -> None:
    op.create_table(
        "production_stop",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("idle_from", sa.String(length=5), nullable=False),
        sa.Column("idle_to", sa.String(length=5), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
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
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_production_stop")),
    )
    op.create_table(
        "trade_draw",
        sa.Column("trade_id", sa.Integer(), nullable=False),
        sa.Column("listing_number", sa.String(length=16), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kg > 0", name=op.f("ck_trade_draw_draws_something")),
        sa.ForeignKeyConstraint(["trade_id"], ["trade.id"], name=op.f("fk_trade_draw_trade_id_trade")),
        sa.PrimaryKeyConstraint("trade_id", "listing_number", "month", name=op.f("pk_trade_draw")),
    )
    for listing in ("offer_number", "requirement_number"):
        op.execute(
            "INSERT INTO trade_draw (trade_id, listing_number, month, kg) "
            f"SELECT id, {listing}, month, kg FROM trade"
        )
    _create_auditors()


def _create_auditors() -> None:
    op.create_table(
        "clearing_auditor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("named_by", sa.String(length=64), nullable=False),
        sa.Column("named_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["clearing_run.id"], name=op.f("fk_clearing_auditor_run_id_clearing_run")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_clearing_auditor_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearing_auditor")),
    )
    with op.batch_alter_table("clearing_auditor") as table:
        table.create_index(table.f("ix_clearing_auditor_run_id"), ["run_id"], unique=False)
        table.create_index(table.f("ix_clearing_auditor_user_id"), ["user_id"], unique=False)


def _widen_listings() -> None:
    _choose("listing", "product", "product", PRODUCTS.format("'clinker', "))
    with op.batch_alter_table("listing") as table:
        table.add_column(sa.Column("silo_kg", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("holding_price", sa.Integer(), nullable=True))
        table.create_check_constraint(op.f("ck_listing_silo_holds_something"), sa.text("silo_kg > 0"))
        table.create_check_constraint(
            op.f("ck_listing_holding_has_a_silo"),
            sa.text("holding_price IS NULL OR (holding_price >= 0 AND silo_kg IS NOT NULL)"),
        )


def _widen_runs() -> None:
    """A run recorded so far cleared one month, and its verifier let no gap pass."""
    with op.batch_alter_table("clearing_run") as table:
        table.add_column(sa.Column("last_month", sa.Date(), nullable=True))
        table.add_column(sa.Column("plan_match_count", sa.Integer(), nullable=True))
        for name in ("gap_kg", "surplus_gap_fen", "plan_gap_kg"):
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
    op.execute("UPDATE clearing_run SET last_month = month")
    op.execute(
        "UPDATE clearing_run SET gap_kg = 0, surplus_gap_fen = 0, plan_gap_kg = 0 "
        "WHERE recorded_at IS NOT NULL"
    )
    with op.batch_alter_table("clearing_run") as table:
        table.alter_column("last_month", existing_type=sa.Date(), nullable=False)
        table.create_check_constraint(
            op.f("ck_clearing_run_horizon_forward"), sa.text("month <= last_month")
        )


def _widen_run_orders() -> None:
    with op.batch_alter_table("clearing_run_order") as table:
        table.add_column(sa.Column("month", sa.Date(), nullable=True))
        table.add_column(sa.Column("plan_reason", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("lever", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE clearing_run_order SET month = "
        "(SELECT month FROM clearing_run WHERE clearing_run.id = clearing_run_order.run_id)"
    )
    _choose("clearing_run_order", "unplaced", "reason", REASONS)
    with op.batch_alter_table("clearing_run_order") as table:
        table.alter_column("month", existing_type=sa.Date(), nullable=False)
        table.drop_constraint(op.f("uq_clearing_run_order_run_id_listing_number"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_clearing_run_order_run_id_listing_number_month"),
            ["run_id", "listing_number", "month"],
        )
        table.create_check_constraint(
            op.f("ck_clearing_run_order_plan_unplaced"), sa.text(f"plan_reason IN ({REASONS})")
        )


def _narrow_run_orders() -> None:
    with op.batch_alter_table("clearing_run_order") as table:
        table.drop_constraint(op.f("ck_clearing_run_order_plan_unplaced"), type_="check")
        table.drop_constraint(op.f("uq_clearing_run_order_run_id_listing_number_month"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_clearing_run_order_run_id_listing_number"), ["run_id", "listing_number"]
        )
        for name in ("lever", "plan_reason", "month"):
            table.drop_column(name)
    _choose("clearing_run_order", "unplaced", "reason", REASONS_BEFORE)


def _choose(table_name: str, word: str, column: str, choices: str) -> None:
    """Let a column of words hold these."""
    name = f"ck_{table_name}_{word}"
    with op.batch_alter_table(table_name) as table:
        table.drop_constraint(op.f(name), type_="check")
        table.create_check_constraint(op.f(name), sa.text(f"{column} IN ({choices})"))
