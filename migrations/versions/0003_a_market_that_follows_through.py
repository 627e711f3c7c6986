"""Rounds, bids, cases, shipments, declarations, notifications, imports

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-23
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ACCOUNTS = "'outside', 'open', 'reserved', 'contracted', {}'withdrawn'"
ACCOUNTS_NEW = "'in_transit', 'utilised', 'rejected', 'difference', "
VERBS = "'issue', 'enlarge', 'reduce', 'reserve', 'give_back', 'contract', {}'withdraw'"
VERBS_NEW = "'release', 'dispatch', 'receive', 'reject', 'differ', 'return', "
DEAL_MODES = "'open', 'list_price', 'round', 'private'"
SOURCES = "'clearing', 'round', 'list_price', 'negotiation', 'elsewhere'"
STATUSES = "'proposed', 'confirmed', {}'declined', 'expired'{}"
REASONS_BEFORE = "'price', 'quantity', 'quality', 'transport', 'standstill', 'taken', 'other'"
REASONS = (
    "'delivered', 'delivered_short', 'price', 'quantity', 'quality', 'transport', 'standstill', "
    "'taken', 'other', 'no_answer', 'not_signed', 'both_agreed', 'operator', 'firm_suspended', "
    "'not_delivered', 'not_taken'"
)
PARTIES = "'producer', 'consumer'"
TIME_TO_SIGN = timedelta(days=7)
TRADE_MOMENTS = (
    "producer_signed_at",
    "consumer_signed_at",
    "contracted_at",
    "delivering_at",
    "reminded_at",
    "escalated_at",
)
NEW_TABLES = (
    "sent_form",
    "bidding_round",
    "ledger_head",
    "market_term",
    "clearing_leaf",
    "clearing_price_index",
    "ledger_seal",
    "vehicle",
    "facility",
    "gate",
    "notification",
    "notification_preference",
    "waste_source",
    "bid",
    "negotiation",
    "shipment",
    "trade_approval",
    "yard_event",
    "discrepancy",
    "negotiation_move",
    "ticket",
    "ticket_photo",
)


def upgrade() -> None:
    _one_series()
    _widen_ledger()
    _widen_companies()
    _widen_listings()
    _widen_trades()
    _widen_runs()
    _create_tables()


def downgrade() -> None:
    """Rows that use what is taken away are refused by the constraints of old: nothing is guessed."""
    for name in reversed(NEW_TABLES):
        op.drop_table(name)
    with op.batch_alter_table("clearing_run_order") as table:
        table.drop_constraint(
            op.f("uq_clearing_run_order_run_id_listing_number_month_step"), type_="unique"
        )
        table.create_unique_constraint(
            op.f("uq_clearing_run_order_run_id_listing_number_month"),
            ["run_id", "listing_number", "month"],
        )
        table.drop_column("step")
    with op.batch_alter_table("clearing_run") as table:
        table.drop_constraint(op.f("uq_clearing_run_round_number"), type_="unique")
        table.drop_column("root")
        table.drop_column("round_number")
    _narrow_trades()
    with op.batch_alter_table("listing") as table:
        table.drop_constraint(op.f("ck_listing_dealmode"), type_="check")
        table.drop_constraint(op.f("ck_listing_fixed_price_is_named"), type_="check")
        table.drop_column("version")
        table.drop_column("deal_mode")
    with op.batch_alter_table("company") as table:
        table.drop_constraint(op.f("ck_company_has_a_part"), type_="check")
        table.create_check_constraint(
            op.f("ck_company_has_a_side"), sa.text("is_producer OR is_consumer")
        )
        for name in ("barred_at", "defaults_released_at", "needs_two_approvals", "is_carrier"):
            table.drop_column(name)
    with op.batch_alter_table("entry") as table:
        table.drop_index(op.f("ix_entry_document"))
        table.drop_column("document")
    _choose("entry", "verb", "verb", VERBS.format(""))
    for name in ("balance", "posting"):
        _choose(name, "account", "account", ACCOUNTS.format(""))
    op.execute("DELETE FROM number_series WHERE prefix LIKE 'T-%'")
    op.rename_table("number_series", "listing_series")


def _one_series() -> None:
    """Listings had a series of their own; now every number of the product is counted in one table."""
    op.rename_table("listing_series", "number_series")
    with op.batch_alter_table("number_series") as table:
        table.alter_column("prefix", existing_type=sa.String(8), type_=sa.String(16))
    op.execute(
        "INSERT INTO number_series (prefix, last) "
        "SELECT substr(number, 1, 6), max(CAST(substr(number, 8) AS INTEGER)) "
        "FROM trade GROUP BY substr(number, 1, 6)"
    )


def _widen_ledger() -> None:
    for name in ("balance", "posting"):
        _choose(name, "account", "account", ACCOUNTS.format(ACCOUNTS_NEW))
    _choose("entry", "verb", "verb", VERBS.format(VERBS_NEW))
    with op.batch_alter_table("entry") as table:
        table.add_column(sa.Column("document", sa.String(32), nullable=False, server_default=""))
        table.create_index(op.f("ix_entry_document"), ["document"], unique=False)
    _without_default("entry", "document", sa.String(32))


def _widen_companies() -> None:
    with op.batch_alter_table("company") as table:
        for name in ("is_carrier", "needs_two_approvals"):
            table.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
        for name in ("defaults_released_at", "barred_at"):
            table.add_column(sa.Column(name, sa.DateTime(), nullable=True))
        table.drop_constraint(op.f("ck_company_has_a_side"), type_="check")
        table.create_check_constraint(
            op.f("ck_company_has_a_part"), sa.text("is_producer OR is_consumer OR is_carrier")
        )
    for name in ("is_carrier", "needs_two_approvals"):
        _without_default("company", name, sa.Boolean())


def _widen_listings() -> None:
    with op.batch_alter_table("listing") as table:
        table.add_column(
            sa.Column("deal_mode", sa.String(32), nullable=False, server_default="open")
        )
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        table.create_check_constraint(
            op.f("ck_listing_dealmode"), sa.text(f"deal_mode IN ({DEAL_MODES})")
        )
        table.create_check_constraint(
            op.f("ck_listing_fixed_price_is_named"),
            sa.text("deal_mode <> 'list_price' OR list_price IS NOT NULL"),
        )
    _without_default("listing", "deal_mode", sa.String(32))
    _without_default("listing", "version", sa.Integer())


def _widen_trades() -> None:
    """Every trade so far came from a clearing; a trade that expired did so without an answer."""
    later = "'contracted', 'delivering', 'completed', "
    _choose("trade", "tradestatus", "status", STATUSES.format(later, ", 'cancelled', 'defaulted'"))
    with op.batch_alter_table("trade") as table:
        table.add_column(
            sa.Column("source", sa.String(32), nullable=False, server_default="clearing")
        )
        for name in ("offer_step", "requirement_step"):
            table.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        table.add_column(
            sa.Column("contract_number", sa.String(40), nullable=False, server_default="")
        )
        for name in TRADE_MOMENTS:
            table.add_column(sa.Column(name, sa.DateTime(), nullable=True))
        for name in ("cancel_asked_by", "cancel_reason", "at_fault"):
            table.add_column(sa.Column(name, sa.String(32), nullable=True))
        table.drop_constraint(
            op.f("uq_trade_origin_offer_number_requirement_number_month"), type_="unique"
        )
        table.create_unique_constraint(
            op.f("uq_trade_meeting"),
            [
                "origin",
                "offer_number",
                "offer_step",
                "requirement_number",
                "requirement_step",
                "month",
            ],
        )
        table.drop_constraint(op.f("ck_trade_declinereason"), type_="check")
        for name, column, choices in (
            ("endreason", "ended_reason", REASONS),
            ("cancel_reason", "cancel_reason", REASONS),
            ("tradesource", "source", SOURCES),
            ("cancel_asker", "cancel_asked_by", PARTIES),
            ("side_at_fault", "at_fault", PARTIES),
        ):
            table.create_check_constraint(
                op.f(f"ck_trade_{name}"), sa.text(f"{column} IN ({choices})")
            )
    op.execute("UPDATE trade SET ended_reason = 'no_answer' WHERE status = 'expired'")
    _start_signing_clocks()
    for name in ("source", "contract_number"):
        _without_default("trade", name, sa.String(40))
    for name in ("offer_step", "requirement_step"):
        _without_default("trade", name, sa.Integer())


def _start_signing_clocks() -> None:
    """Contracts were signed elsewhere so far: what is confirmed has the time to do it here."""
    trade = sa.table("trade", sa.column("status"), sa.column("deadline", sa.DateTime))
    deadline = datetime.now(UTC).replace(tzinfo=None) + TIME_TO_SIGN
    op.execute(trade.update().where(trade.c.status == "confirmed").values(deadline=deadline))


def _narrow_trades() -> None:
    op.execute("UPDATE trade SET ended_reason = NULL WHERE status = 'expired'")
    with op.batch_alter_table("trade") as table:
        for name in ("endreason", "cancel_reason", "tradesource", "cancel_asker", "side_at_fault"):
            table.drop_constraint(op.f(f"ck_trade_{name}"), type_="check")
        table.create_check_constraint(
            op.f("ck_trade_declinereason"), sa.text(f"ended_reason IN ({REASONS_BEFORE})")
        )
        table.drop_constraint(op.f("uq_trade_meeting"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_trade_origin_offer_number_requirement_number_month"),
            ["origin", "offer_number", "requirement_number", "month"],
        )
        for name in (
            "at_fault",
            "cancel_reason",
            "cancel_asked_by",
            *reversed(TRADE_MOMENTS),
            "contract_number",
            "requirement_step",
            "offer_step",
            "source",
        ):
            table.drop_column(name)
    _choose("trade", "tradestatus", "status", STATUSES.format("", ""))


def _widen_runs() -> None:
    with op.batch_alter_table("clearing_run") as table:
        table.add_column(sa.Column("round_number", sa.String(16), nullable=True))
        table.add_column(sa.Column("root", sa.String(64), nullable=True))
        table.create_unique_constraint(op.f("uq_clearing_run_round_number"), ["round_number"])
    with op.batch_alter_table("clearing_run_order") as table:
        table.add_column(sa.Column("step", sa.Integer(), nullable=False, server_default="0"))
        table.drop_constraint(
            op.f("uq_clearing_run_order_run_id_listing_number_month"), type_="unique"
        )
        table.create_unique_constraint(
            op.f("uq_clearing_run_order_run_id_listing_number_month_step"),
            ["run_id", "listing_number", "month", "step"],
        )
    _without_default("clearing_run_order", "step", sa.Integer())


def _without_default(table_name: str, column: str, kind: sa.types.TypeEngine) -> None:
    """Rows of before have their value; new ones must say theirs."""
    with op.batch_alter_table(table_name) as table:
        table.alter_column(column, existing_type=kind, server_default=None)


def _choose(table_name: str, word: str, column: str, choices: str) -> None:
    """Let a column of words hold these."""
    name = f"ck_{table_name}_{word}"
    with op.batch_alter_table(table_name) as table:
        table.drop_constraint(op.f(name), type_="check")
        table.create_check_constraint(op.f(name), sa.text(f"{column} IN ({choices})"))


def _create_tables() -> None:
    op.create_table(
        "sent_form",
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_sent_form")),
    )
    op.create_table(
        "bidding_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("materials", sa.String(length=200), nullable=False),
        sa.Column("opens_at", sa.DateTime(), nullable=False),
        sa.Column("closes_at", sa.DateTime(), nullable=False),
        sa.Column("is_scheduled", sa.Boolean(), nullable=False),
        sa.Column("run_number", sa.String(length=16), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "opens_at < closes_at", name=op.f("ck_bidding_round_opens_before_it_closes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bidding_round")),
        sa.UniqueConstraint("number", name=op.f("uq_bidding_round_number")),
    )
    with op.batch_alter_table("bidding_round") as table:
        table.create_index(table.f("ix_bidding_round_closes_at"), ["closes_at"], unique=False)
        table.create_index(table.f("ix_bidding_round_month"), ["month"], unique=False)
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "market_term",
        sa.Column("code", sa.String(length=32), nullable=False),
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
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_market_term")),
    )
    op.create_table(
        "clearing_leaf",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.String(length=24), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("salt_box", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_clearing_leaf_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["clearing_run.id"], name=op.f("fk_clearing_leaf_run_id_clearing_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_clearing_leaf")),
    )
    with op.batch_alter_table("clearing_leaf") as table:
        table.create_index(table.f("ix_clearing_leaf_company_id"), ["company_id"], unique=False)
        table.create_index(table.f("ix_clearing_leaf_order_id"), ["order_id"], unique=False)
    op.create_table(
        "clearing_price_index",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("firms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_clearing_price_index_material_material")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["clearing_run.id"],
            name=op.f("fk_clearing_price_index_run_id_clearing_run"),
        ),
        sa.PrimaryKeyConstraint("run_id", "material", name=op.f("pk_clearing_price_index")),
    )
    op.create_table(
        "ledger_seal",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_ledger_seal_entry_id_entry")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_ledger_seal")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_ledger_seal_entry_id")),
    )
    op.create_table(
        "vehicle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("plate", sa.String(length=12), nullable=False),
        sa.Column("trailer_plate", sa.String(length=12), nullable=False),
        sa.Column(
            "emission",
            sa.Enum(
                "china_4",
                "china_5",
                "china_6",
                "new_energy",
                name="emissionclass",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("load_kg", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("registered_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_vehicle_company_id_company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
        sa.UniqueConstraint("plate", name=op.f("uq_vehicle_plate")),
    )
    with op.batch_alter_table("vehicle") as table:
        table.create_index(table.f("ix_vehicle_company_id"), ["company_id"], unique=False)
    op.create_table(
        "facility",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "storage",
                "use",
                "disposal",
                name="facilitykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=True),
        sa.Column("capacity_kg", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("capacity_kg > 0", name=op.f("ck_facility_holds_something")),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_facility_material_material")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_facility_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_facility_site_id_code")),
    )
    with op.batch_alter_table("facility") as table:
        table.create_index(table.f("ix_facility_site_id"), ["site_id"], unique=False)
    op.create_table(
        "gate",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("opens_hour", sa.Integer(), nullable=False),
        sa.Column("closes_hour", sa.Integer(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("trucks_per_slot", sa.Integer(), nullable=False),
        sa.Column(
            "least_emission",
            sa.Enum(
                "china_4",
                "china_5",
                "china_6",
                "new_energy",
                name="emissionclass",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("opens_hour < closes_hour", name=op.f("ck_gate_opens_before_it_closes")),
        sa.CheckConstraint("trucks_per_slot > 0", name=op.f("ck_gate_takes_trucks")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_gate_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_gate")),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "new_match",
                "counterpart_confirmed",
                "approval_wanted",
                "deadline_near",
                "trade_ended",
                "cancel_asked",
                "escalated",
                "new_offer",
                "round_opened",
                "round_cleared",
                "shipment_due",
                "shipment_arrived",
                "discrepancy",
                "rejection",
                "silo_full",
                "data_looked_up",
                "import_done",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_notification_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint(
            "user_id", "kind", "key", name=op.f("uq_notification_user_id_kind_key")
        ),
    )
    with op.batch_alter_table("notification") as table:
        table.create_index(table.f("ix_notification_at"), ["at"], unique=False)
        table.create_index(table.f("ix_notification_user_id"), ["user_id"], unique=False)
    op.create_table(
        "notification_preference",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "new_match",
                "counterpart_confirmed",
                "approval_wanted",
                "deadline_near",
                "trade_ended",
                "cancel_asked",
                "escalated",
                "new_offer",
                "round_opened",
                "round_cleared",
                "shipment_due",
                "shipment_arrived",
                "discrepancy",
                "rejection",
                "silo_full",
                "data_looked_up",
                "import_done",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("on_site", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_notification_preference_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notification_preference")),
    )
    op.create_table(
        "waste_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("waste_name", sa.String(length=80), nullable=False),
        sa.Column("waste_code", sa.String(length=16), nullable=False),
        sa.Column("waste_class", sa.String(length=2), nullable=False),
        sa.Column("process", sa.String(length=120), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "solid",
                "semi_solid",
                "powder",
                "slurry",
                name="wasteform",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("composition", sa.String(length=200), nullable=False),
        sa.Column("pollution", sa.String(length=200), nullable=False),
        sa.Column("yearly_kg", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_waste_source_material_material")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_waste_source_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waste_source")),
        sa.UniqueConstraint("site_id", "material", name=op.f("uq_waste_source_site_id_material")),
    )
    with op.batch_alter_table("waste_source") as table:
        table.create_index(table.f("ix_waste_source_site_id"), ["site_id"], unique=False)
    op.create_table(
        "bid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("placed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_bid_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_bid_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["bidding_round.id"], name=op.f("fk_bid_round_id_bidding_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid")),
        sa.UniqueConstraint("round_id", "listing_id", name=op.f("uq_bid_round_id_listing_id")),
    )
    with op.batch_alter_table("bid") as table:
        table.create_index(table.f("ix_bid_company_id"), ["company_id"], unique=False)
        table.create_index(table.f("ix_bid_listing_id"), ["listing_id"], unique=False)
        table.create_index(table.f("ix_bid_round_id"), ["round_id"], unique=False)
    op.create_table(
        "negotiation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("owner_company_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "withdrawn",
                "expired",
                name="negotiationstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("trade_number", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_negotiation_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_negotiation_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_negotiation_material_material")
        ),
        sa.ForeignKeyConstraint(
            ["owner_company_id"],
            ["company.id"],
            name=op.f("fk_negotiation_owner_company_id_company"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_negotiation_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_negotiation")),
        sa.UniqueConstraint("number", name=op.f("uq_negotiation_number")),
    )
    with op.batch_alter_table("negotiation") as table:
        table.create_index(table.f("ix_negotiation_company_id"), ["company_id"], unique=False)
        table.create_index(table.f("ix_negotiation_expires_at"), ["expires_at"], unique=False)
        table.create_index(table.f("ix_negotiation_listing_id"), ["listing_id"], unique=False)
        table.create_index(
            table.f("ix_negotiation_owner_company_id"), ["owner_company_id"], unique=False
        )
        table.create_index(table.f("ix_negotiation_status"), ["status"], unique=False)
    op.create_table(
        "shipment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("trade_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "confirmed",
                "in_transit",
                "arrived",
                "received",
                "part_rejected",
                "rejected",
                "closed",
                "void",
                name="shipmentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("planned_kg", sa.BigInteger(), nullable=False),
        sa.Column(
            "packaging",
            sa.Enum(
                "bulk",
                "tanker",
                "bags",
                "tarpaulin",
                name="packaging",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("carrier_company_id", sa.Integer(), nullable=True),
        sa.Column("plate", sa.String(length=12), nullable=False),
        sa.Column("trailer_plate", sa.String(length=12), nullable=False),
        sa.Column(
            "emission",
            sa.Enum(
                "china_4",
                "china_5",
                "china_6",
                "new_energy",
                name="emissionclass",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("driver", sa.String(length=40), nullable=False),
        sa.Column("driver_phone", sa.String(length=24), nullable=False),
        sa.Column("via", sa.String(length=120), nullable=False),
        sa.Column("load_slot_at", sa.DateTime(), nullable=True),
        sa.Column("unload_slot_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column(
            "planned_by",
            sa.Enum(
                "producer",
                "consumer",
                name="planner",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(), nullable=True),
        sa.Column("departed_at", sa.DateTime(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(), nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=True),
        sa.Column("returned_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("voided_at", sa.DateTime(), nullable=True),
        sa.Column("dispatched_kg", sa.BigInteger(), nullable=False),
        sa.Column("received_kg", sa.BigInteger(), nullable=False),
        sa.Column("rejected_kg", sa.BigInteger(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "accept",
                "part",
                "reject",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "reject_reason",
            sa.Enum(
                "moisture",
                "fineness",
                "loss_on_ignition",
                "contamination",
                "wrong_material",
                "weight",
                "no_room",
                "papers",
                "other",
                name="rejectreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.CheckConstraint("planned_kg > 0", name=op.f("ck_shipment_plans_something")),
        sa.CheckConstraint(
            "received_kg + rejected_kg <= dispatched_kg",
            name=op.f("ck_shipment_receives_no_more_than_sent"),
        ),
        sa.ForeignKeyConstraint(
            ["carrier_company_id"],
            ["company.id"],
            name=op.f("fk_shipment_carrier_company_id_company"),
        ),
        sa.ForeignKeyConstraint(
            ["trade_id"], ["trade.id"], name=op.f("fk_shipment_trade_id_trade")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("number", name=op.f("uq_shipment_number")),
    )
    with op.batch_alter_table("shipment") as table:
        table.create_index(
            table.f("ix_shipment_carrier_company_id"), ["carrier_company_id"], unique=False
        )
        table.create_index(table.f("ix_shipment_load_slot_at"), ["load_slot_at"], unique=False)
        table.create_index(table.f("ix_shipment_plate"), ["plate"], unique=False)
        table.create_index(table.f("ix_shipment_received_at"), ["received_at"], unique=False)
        table.create_index(table.f("ix_shipment_status"), ["status"], unique=False)
        table.create_index(table.f("ix_shipment_trade_id"), ["trade_id"], unique=False)
        table.create_index(table.f("ix_shipment_unload_slot_at"), ["unload_slot_at"], unique=False)
    op.create_table(
        "trade_approval",
        sa.Column("trade_id", sa.Integer(), nullable=False),
        sa.Column(
            "party",
            sa.Enum(
                "producer",
                "consumer",
                name="party",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("deed", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trade_id"], ["trade.id"], name=op.f("fk_trade_approval_trade_id_trade")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_trade_approval_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("trade_id", "party", "deed", name=op.f("pk_trade_approval")),
    )
    op.create_table(
        "yard_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "generated",
                "stored",
                "taken_out",
                "self_used",
                "self_disposed",
                "entrusted_disposed",
                name="eventkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("facility_id", sa.Integer(), nullable=True),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("moisture_milli", sa.Integer(), nullable=True),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("handler", sa.String(length=40), nullable=False),
        sa.Column("destination", sa.String(length=120), nullable=False),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(kg < 0) = (reverses_id IS NOT NULL)",
            name=op.f("ck_yard_event_only_reversals_take_back"),
        ),
        sa.CheckConstraint("kg <> 0", name=op.f("ck_yard_event_moves_something")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_yard_event_facility_id_facility")
        ),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_yard_event_material_material")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["yard_event.id"], name=op.f("fk_yard_event_reverses_id_yard_event")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_yard_event_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yard_event")),
        sa.UniqueConstraint("number", name=op.f("uq_yard_event_number")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_yard_event_reverses_id")),
    )
    with op.batch_alter_table("yard_event") as table:
        table.create_index(table.f("ix_yard_event_happened_at"), ["happened_at"], unique=False)
        table.create_index(table.f("ix_yard_event_site_id"), ["site_id"], unique=False)
    op.create_table(
        "discrepancy",
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column(
            "end",
            sa.Enum(
                "loading",
                "unloading",
                "return",
                name="end",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sent_kg", sa.Integer(), nullable=False),
        sa.Column("weighed_kg", sa.Integer(), nullable=False),
        sa.Column("allowed_kg", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "settled",
                "escalated",
                name="discrepancystatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("deadline", sa.DateTime(), nullable=False),
        sa.Column("proposed_kg", sa.Integer(), nullable=True),
        sa.Column(
            "proposed_by",
            sa.Enum(
                "producer",
                "consumer",
                name="party",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("settled_kg", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=64), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_discrepancy_shipment_id_shipment")
        ),
        sa.PrimaryKeyConstraint("shipment_id", "end", name=op.f("pk_discrepancy")),
    )
    with op.batch_alter_table("discrepancy") as table:
        table.create_index(table.f("ix_discrepancy_deadline"), ["deadline"], unique=False)
        table.create_index(table.f("ix_discrepancy_status"), ["status"], unique=False)
    op.create_table(
        "negotiation_move",
        sa.Column("negotiation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "offer",
                "counter",
                "message",
                "accept",
                "decline",
                "withdraw",
                name="movekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("kg", sa.BigInteger(), nullable=True),
        sa.Column("price", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('offer', 'counter')) = (kg IS NOT NULL)",
            name=op.f("ck_negotiation_move_offers_have_mass"),
        ),
        sa.CheckConstraint(
            "(kg IS NULL) = (price IS NULL)", name=op.f("ck_negotiation_move_mass_has_price")
        ),
        sa.CheckConstraint("kg > 0", name=op.f("ck_negotiation_move_has_mass")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_negotiation_move_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["negotiation_id"],
            ["negotiation.id"],
            name=op.f("fk_negotiation_move_negotiation_id_negotiation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_negotiation_move_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("negotiation_id", "position", name=op.f("pk_negotiation_move")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column(
            "end",
            sa.Enum(
                "loading",
                "unloading",
                "return",
                name="end",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("gross_kg", sa.Integer(), nullable=False),
        sa.Column("tare_kg", sa.Integer(), nullable=False),
        sa.Column("weighed_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "gross_kg > tare_kg AND tare_kg > 0", name=op.f("ck_ticket_gross_over_tare")
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_ticket_shipment_id_shipment")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ticket_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("client_key", name=op.f("uq_ticket_client_key")),
        sa.UniqueConstraint("shipment_id", "end", name=op.f("uq_ticket_shipment_id_end")),
        sa.UniqueConstraint("site_id", "number", name=op.f("uq_ticket_site_id_number")),
    )
    op.create_table(
        "ticket_photo",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_photo_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_photo")),
    )
