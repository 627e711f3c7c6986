"""What laboratories found, what kind of waste an offer is, and what a buyer asks of a lot

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

from app.core.append_only import guard, unguard

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APPEND_ONLY = ("assay_value", "assay_offer", "site_fact")
KIND_OF_LISTING = "fk_listing_kind_waste_kind"
ONLY_KINDS = """
    UPDATE listing SET kind = (
        SELECT max(waste_kind.code)
        FROM listing_material
        JOIN waste_kind ON waste_kind.material = listing_material.material_code
        WHERE listing_material.listing_id = listing.id
        HAVING count(*) = 1
    )
    WHERE side = 'offer'
"""
"""Of an offer whose material has only one kind, that kind."""

REASONS = (
    "'placed', 'zero', 'stock', 'no_lane_material', 'no_lane_distance', 'no_lane_listed', "
    "'quality', 'month', 'price', 'lot_too_large', 'lot_too_small', 'costs', 'silo', 'full', "
    "'tie', 'idle', 'changed'"
)
MESSAGES = (
    "'new_match', 'counterpart_confirmed', 'approval_wanted', 'deadline_near', 'trade_ended', "
    "'cancel_asked', 'escalated', 'new_offer', 'round_opened', 'round_cleared', 'shipment_due', "
    "'shipment_arrived', 'discrepancy', 'rejection', 'silo_full', 'data_looked_up', "
    "'import_done', 'hazard_found', 'grade_moves'"
)


def upgrade() -> None:
    _change_uses()
    _change_listings()
    _create_reports()
    _create_assays()
    _create_values()
    _create_facts()
    _create_shut_outs()
    _create_trials()
    _word_runs(REASONS)
    _word_notifications(MESSAGES)
    for table in APPEND_ONLY:
        for statement in guard(op.get_bind().dialect.name, table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        for statement in unguard(op.get_bind().dialect.name, table):
            op.execute(statement)
    op.drop_table("clearing_trial")
    with op.batch_alter_table("clearing_run") as table:
        table.drop_column("tried_at")
    op.drop_table("clearing_shut_out")
    _word_runs(REASONS.replace("'quality', ", ""))
    _word_notifications(MESSAGES.replace(", 'hazard_found', 'grade_moves'", ""))
    for table in ("site_fact", "assay_offer", "assay_value", "assay", "assay_report"):
        op.drop_table(table)
    op.drop_table("listing_limit")
    with op.batch_alter_table("listing") as table:
        table.drop_constraint(table.f(KIND_OF_LISTING), type_="foreignkey")
        table.drop_column("accepts_not_shown")
        table.drop_column("kind")
    with op.batch_alter_table("waste_use") as table:
        table.drop_column("tolerates_unknown")


def _change_uses() -> None:
    """Loading the reference data fills the column in."""
    _add_flag("waste_use", "tolerates_unknown", sa.false())


def _change_listings() -> None:
    """Requirements from before anybody could show anything go on taking what is not shown."""
    with op.batch_alter_table("listing") as table:
        table.add_column(sa.Column("kind", sa.String(length=32), nullable=True))
        table.create_foreign_key(table.f(KIND_OF_LISTING), "waste_kind", ["kind"], ["code"])
    _add_flag("listing", "accepts_not_shown", sa.false())
    op.execute("UPDATE listing SET accepts_not_shown = (side = 'requirement')")
    op.execute(ONLY_KINDS)
    op.create_table(
        "listing_limit",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("parameter", sa.String(length=32), nullable=False),
        sa.Column("minimum", sa.String(length=24), nullable=True),
        sa.Column("maximum", sa.String(length=24), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_limit_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["parameter"],
            ["quality_parameter.code"],
            name=op.f("fk_listing_limit_parameter_quality_parameter"),
        ),
        sa.PrimaryKeyConstraint("listing_id", "parameter", name=op.f("pk_listing_limit")),
    )


def _add_flag(name: str, column: str, before: sa.sql.elements.ColumnElement[bool]) -> None:
    """A flag that stands so in the rows there are, and has no default from then on."""
    with op.batch_alter_table(name) as table:
        table.add_column(sa.Column(column, sa.Boolean(), nullable=False, server_default=before))
    with op.batch_alter_table(name) as table:
        table.alter_column(column, existing_type=sa.Boolean(), server_default=None)


def _create_reports() -> None:
    op.create_table(
        "assay_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("listing_number", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("thrown_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_assay_report_company_id_company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assay_report")),
    )
    with op.batch_alter_table("assay_report") as table:
        table.create_index(table.f("ix_assay_report_company_id"), ["company_id"])
        table.create_index(table.f("ix_assay_report_listing_number"), ["listing_number"])


def _create_assays() -> None:
    op.create_table(
        "assay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("sampled_on", sa.Date(), nullable=True),
        sa.Column("laboratory", sa.String(length=80), nullable=False),
        sa.Column("certificate", sa.String(length=24), nullable=False),
        sa.Column("report_number", sa.String(length=40), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "dry",
                "as_received",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("batch_kg", sa.BigInteger(), nullable=True),
        sa.Column("moisture", sa.String(length=16), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("voided_at", sa.DateTime(), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_assay_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["assay_report.id"], name=op.f("fk_assay_report_id_assay_report")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_assay_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assay")),
        sa.UniqueConstraint("number", name=op.f("uq_assay_number")),
    )
    with op.batch_alter_table("assay") as table:
        table.create_index(table.f("ix_assay_company_id"), ["company_id"])


def _create_values() -> None:
    op.create_table(
        "assay_value",
        sa.Column("assay_id", sa.Integer(), nullable=False),
        sa.Column("parameter", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=24), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("cell", sa.String(length=8), nullable=False),
        sa.Column("low", sa.String(length=24), nullable=True),
        sa.Column("high", sa.String(length=24), nullable=True),
        sa.Column("low_open", sa.Boolean(), nullable=False),
        sa.Column("high_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assay_id"], ["assay.id"], name=op.f("fk_assay_value_assay_id_assay")
        ),
        sa.PrimaryKeyConstraint("assay_id", "parameter", name=op.f("pk_assay_value")),
    )
    op.create_table(
        "assay_offer",
        sa.Column("assay_id", sa.Integer(), nullable=False),
        sa.Column("listing_number", sa.String(length=16), nullable=False),
        sa.Column("carried_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assay_id"], ["assay.id"], name=op.f("fk_assay_offer_assay_id_assay")
        ),
        sa.PrimaryKeyConstraint("assay_id", "listing_number", name=op.f("pk_assay_offer")),
    )
    with op.batch_alter_table("assay_offer") as table:
        table.create_index(table.f("ix_assay_offer_listing_number"), ["listing_number"])


def _create_facts() -> None:
    op.create_table(
        "site_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("told_at", sa.DateTime(), nullable=False),
        sa.Column("told_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_fact_site_id_site")),
        sa.ForeignKeyConstraint(
            ["told_by"], ["user_account.id"], name=op.f("fk_site_fact_told_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_fact")),
    )
    with op.batch_alter_table("site_fact") as table:
        table.create_index(table.f("ix_site_fact_site_id"), ["site_id"])


def _create_trials() -> None:
    with op.batch_alter_table("clearing_run") as table:
        table.add_column(sa.Column("tried_at", sa.DateTime(), nullable=True))
    op.create_table(
        "clearing_trial",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("listing_number", sa.String(length=16), nullable=False),
        sa.Column("parameter", sa.String(length=40), nullable=False),
        sa.Column("value_at_limit", sa.String(length=24), nullable=False),
        sa.Column("value_typical", sa.String(length=24), nullable=True),
        sa.Column("buyers_at_limit", sa.Integer(), nullable=False),
        sa.Column("buyers_typical", sa.Integer(), nullable=True),
        sa.Column("kg_at_limit", sa.BigInteger(), nullable=True),
        sa.Column("kg_typical", sa.BigInteger(), nullable=True),
        sa.Column("price_at_limit", sa.Integer(), nullable=True),
        sa.Column("price_typical", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["clearing_run.id"], name=op.f("fk_clearing_trial_run_id_clearing_run")
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "listing_number", "parameter", name=op.f("pk_clearing_trial")
        ),
    )


def _create_shut_outs() -> None:
    op.create_table(
        "clearing_shut_out",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("listing_number", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("use", sa.String(length=32), nullable=False),
        sa.Column("if_accepted", sa.Boolean(), nullable=False),
        sa.Column("finding", sa.JSON(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["clearing_run.id"], name=op.f("fk_clearing_shut_out_run_id_clearing_run")
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "listing_number", "position", name=op.f("pk_clearing_shut_out")
        ),
    )


def _word_runs(reasons: str) -> None:
    _choose("clearing_run_order", "unplaced", "reason", reasons)
    _choose("clearing_run_order", "plan_unplaced", "plan_reason", reasons)


def _word_notifications(messages: str) -> None:
    for table in ("notification", "notification_preference"):
        _choose(table, "kind", "kind", messages)


def _choose(table_name: str, word: str, column: str, choices: str) -> None:
    """Let a column of words hold these."""
    name = f"ck_{table_name}_{word}"
    with op.batch_alter_table(table_name) as table:
        table.drop_constraint(op.f(name), type_="check")
        table.create_check_constraint(op.f(name), sa.text(f"{column} IN ({choices})"))
