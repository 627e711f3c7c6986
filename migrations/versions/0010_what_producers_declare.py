"""Groups and parks, what producers declare of a month, and what is published of it

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

from app.core.append_only import guard, unguard

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APPEND_ONLY = ("declaration", "activity", "month_close")
MASSES = (
    "generated_kg",
    "self_used_kg",
    "entrusted_used_kg",
    "old_used_kg",
    "stored_kg",
    "disposed_kg",
    "old_disposed_kg",
    "dumped_kg",
    "opening_kg",
    "closing_kg",
)
TABLES = (
    "month_close",
    "monthly_flow",
    "monthly_fact",
    "fact_month",
    "activity",
    "declaration",
    "use_permit",
    "public_firm",
    "group_member",
    "firm_group",
)
MESSAGES = (
    "'new_match', 'counterpart_confirmed', 'approval_wanted', 'deadline_near', 'trade_ended', "
    "'cancel_asked', 'escalated', 'new_offer', 'round_opened', 'round_cleared', 'shipment_due', "
    "'shipment_arrived', 'discrepancy', 'rejection', 'silo_full', 'data_looked_up', "
    "'import_done', 'hazard_found', 'grade_moves', 'declaration_due', 'declaration_late'"
)
PARK_OF_SITE = "fk_site_park_park"


def upgrade() -> None:
    _create_catalogue()
    _give_sites_parks()
    _create_groups()
    _create_standing()
    _create_declarations()
    _create_facts()
    _create_flows()
    _create_closes()
    with op.batch_alter_table("ticket") as table:
        table.create_index(table.f("ix_ticket_recorded_at"), ["recorded_at"])
    _word_notifications(MESSAGES)
    for table in APPEND_ONLY:
        for statement in guard(op.get_bind().dialect.name, table):
            op.execute(statement)


def downgrade() -> None:
    _word_notifications(MESSAGES.replace(", 'declaration_due', 'declaration_late'", ""))
    for table in reversed(APPEND_ONLY):
        for statement in unguard(op.get_bind().dialect.name, table):
            op.execute(statement)
    with op.batch_alter_table("ticket") as ticket:
        ticket.drop_index(ticket.f("ix_ticket_recorded_at"))
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("site") as site:
        site.drop_constraint(site.f(PARK_OF_SITE), type_="foreignkey")
        site.drop_column("park")
    op.drop_table("chain_link")
    op.drop_table("park")


def _give_sites_parks() -> None:
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("park", sa.String(length=32), nullable=True))
        table.create_foreign_key(table.f(PARK_OF_SITE), "park", ["park"], ["code"])


def _masses() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in MASSES]


def _create_catalogue() -> None:
    op.create_table(
        "park",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
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
        sa.PrimaryKeyConstraint("code", name=op.f("pk_park")),
    )
    op.create_table(
        "chain_link",
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("becomes", sa.String(length=32), nullable=False),
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
        sa.PrimaryKeyConstraint("material", "product", "valid_from", name=op.f("pk_chain_link")),
    )


def _create_groups() -> None:
    op.create_table(
        "firm_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_group")),
        sa.UniqueConstraint("name", name=op.f("uq_firm_group_name")),
    )
    op.create_table(
        "group_member",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_group_member_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["firm_group.id"], name=op.f("fk_group_member_group_id_firm_group")
        ),
        sa.PrimaryKeyConstraint("company_id", "valid_from", name=op.f("pk_group_member")),
    )
    with op.batch_alter_table("group_member") as table:
        table.create_index(table.f("ix_group_member_group_id"), ["group_id"])


def _create_standing() -> None:
    op.create_table(
        "public_firm",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "agreed",
                "must_publish",
                name="publicbasis",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_public_firm_company_id_company")
        ),
        sa.PrimaryKeyConstraint("company_id", "valid_from", name=op.f("pk_public_firm")),
    )
    op.create_table(
        "use_permit",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("kg_per_year", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.CheckConstraint("kg_per_year > 0", name=op.f("ck_use_permit_allows_something")),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_use_permit_material_material")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_use_permit_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", "material", "valid_from", name=op.f("pk_use_permit")),
    )


def _create_declarations() -> None:
    op.create_table(
        "declaration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("park", sa.String(length=32), nullable=True),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("declared_at", sa.DateTime(), nullable=False),
        sa.Column("declared_by", sa.String(length=64), nullable=False),
        *_masses(),
        *(
            sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_declaration_{name}_not_negative"))
            for name in MASSES
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_declaration_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_declaration_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_declaration_material_material")
        ),
        sa.ForeignKeyConstraint(["park"], ["park.code"], name=op.f("fk_declaration_park_park")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_declaration_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
        sa.UniqueConstraint("number", name=op.f("uq_declaration_number")),
        sa.UniqueConstraint(
            "site_id",
            "material",
            "month",
            "version",
            name=op.f("uq_declaration_site_id_material_month_version"),
        ),
    )
    with op.batch_alter_table("declaration") as table:
        table.create_index(table.f("ix_declaration_company_id"), ["company_id"])
        table.create_index(table.f("ix_declaration_month"), ["month"])
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "coal_burnt",
                "alumina_made",
                "pvc_made",
                "copper_made",
                "alloy_made",
                "board_made",
                name="activitykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("declared_at", sa.DateTime(), nullable=False),
        sa.Column("declared_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_activity_not_negative")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_activity_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint(
            "site_id",
            "month",
            "kind",
            "version",
            name=op.f("uq_activity_site_id_month_kind_version"),
        ),
    )
    with op.batch_alter_table("activity") as table:
        table.create_index(table.f("ix_activity_month"), ["month"])


def _create_facts() -> None:
    op.create_table(
        "fact_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_fact_month")),
    )
    op.create_table(
        "monthly_fact",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("park", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ticketed_kg", sa.BigInteger(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("related_kg", sa.BigInteger(), nullable=False),
        sa.Column("chained_kg", sa.BigInteger(), nullable=False),
        *_masses(),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_monthly_fact_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_monthly_fact_material_material")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_monthly_fact_site_id_site")
        ),
        sa.PrimaryKeyConstraint("month", "site_id", "material", name=op.f("pk_monthly_fact")),
    )
    with op.batch_alter_table("monthly_fact") as table:
        table.create_index(table.f("ix_monthly_fact_company_id"), ["company_id"])
        table.create_index("ix_monthly_fact_month_adcode", ["month", "adcode"])


def _create_flows() -> None:
    op.create_table(
        "monthly_flow",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("trade_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("consumer_site_id", sa.Integer(), nullable=False),
        sa.Column("to_adcode", sa.String(length=6), nullable=False),
        sa.Column("received_kg", sa.BigInteger(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("is_related", sa.Boolean(), nullable=False),
        sa.Column("is_chained", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_site_id"], ["site.id"], name=op.f("fk_monthly_flow_consumer_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_monthly_flow_material_material")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_monthly_flow_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["trade_id"], ["trade.id"], name=op.f("fk_monthly_flow_trade_id_trade")
        ),
        sa.PrimaryKeyConstraint("month", "trade_id", name=op.f("pk_monthly_flow")),
    )
    with op.batch_alter_table("monthly_flow") as table:
        table.create_index(
            "ix_monthly_flow_month_site_id_material", ["month", "site_id", "material"]
        )
        table.create_index("ix_monthly_flow_month_to_adcode", ["month", "to_adcode"])


def _create_closes() -> None:
    op.create_table(
        "month_close",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.Column("definitions", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=False),
        sa.Column("closed_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_close")),
        sa.UniqueConstraint("month", "version", name=op.f("uq_month_close_month_version")),
    )


def _word_notifications(messages: str) -> None:
    for table_name in ("notification", "notification_preference"):
        name = f"ck_{table_name}_kind"
        with op.batch_alter_table(table_name) as table:
            table.drop_constraint(op.f(name), type_="check")
            table.create_check_constraint(op.f(name), sa.text(f"kind IN ({messages})"))
