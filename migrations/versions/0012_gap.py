"""What investments cost, how far a run's market is from its plan, and scenarios that are kept

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_costs()
    _create_reports()
    _create_scenarios()


def downgrade() -> None:
    for table in ("scenario", "gap_report", "investment_cost"):
        op.drop_table(table)


def _word(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _create_costs() -> None:
    op.create_table(
        "investment_cost",
        sa.Column("means", _word("means", "silo", "line", "month", "route"), nullable=False),
        sa.Column("per", _word("per", "piece", "tonne"), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.Column("size_kg", sa.BigInteger(), nullable=False),
        sa.Column("life_months", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("confidence", _word("confidence", "V", "K", "U"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("means", "valid_from", name=op.f("pk_investment_cost")),
    )


def _create_reports() -> None:
    op.create_table(
        "gap_report",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("measured_at", sa.DateTime(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["clearing_run.id"], name=op.f("fk_gap_report_run_id_clearing_run")
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_gap_report")),
    )


def _create_scenarios() -> None:
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("edits", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("solved_at", sa.DateTime(), nullable=True),
        sa.Column("box", sa.LargeBinary(), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user_account.id"], name=op.f("fk_scenario_owner_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["clearing_run.id"], name=op.f("fk_scenario_run_id_clearing_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("number", name=op.f("uq_scenario_number")),
    )
    with op.batch_alter_table("scenario") as table:
        table.create_index(table.f("ix_scenario_region"), ["region"])
