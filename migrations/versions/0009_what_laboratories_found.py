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


def upgrade() -> None:
    _change_uses()
    _change_listings()
    _create_reports()
    _create_assays()
    _create_values()
    _create_facts()
    for table in APPEND_ONLY:
        for statement in guard(op.get_bind().dialect.name, table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        for statement in unguard(op.get_bind().dialect.name, table):
            op.execute(statement)
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
