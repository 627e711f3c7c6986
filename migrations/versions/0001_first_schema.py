"""The first schema: platform, catalogue, firms, people, ledger, listings, trades, clearing."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The audit trail refuses change and deletion also from whoever holds a database shell.
GUARDS = {
    "sqlite": [
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event "
        "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
        "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event "
        "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$",
        "CREATE TRIGGER audit_event_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    ],
}


def upgrade() -> None:
    create_tables()
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def create_tables() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("verb", sa.String(length=64), nullable=False),
        sa.Column("object_kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_object_id"), ["object_id"], unique=False)

    op.create_table(
        "blocked_waste",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("patterns", sa.Text(), nullable=False),
        sa.Column("exceptions", sa.Text(), nullable=False),
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
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_blocked_waste")),
    )
    op.create_table(
        "clearing_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("started_by", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", sa.DateTime(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("problem_box", sa.LargeBinary(), nullable=True),
        sa.Column("problem_sha256", sa.String(length=64), nullable=True),
        sa.Column("outcome_box", sa.LargeBinary(), nullable=True),
        sa.Column("outcome_sha256", sa.String(length=64), nullable=True),
        sa.Column("plan_outcome_box", sa.LargeBinary(), nullable=True),
        sa.Column("plan_outcome_sha256", sa.String(length=64), nullable=True),
        sa.Column("match_count", sa.Integer(), nullable=True),
        sa.Column("surplus_fen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearing_run")),
        sa.UniqueConstraint("number", name=op.f("uq_clearing_run_number")),
    )
    with op.batch_alter_table("clearing_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clearing_run_month"), ["month"], unique=False)

    op.create_table(
        "company",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("is_producer", sa.Boolean(), nullable=False),
        sa.Column("is_consumer", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "applied",
                "approved",
                "refused",
                "suspended",
                name="companystatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("industry_code", sa.String(length=4), nullable=True),
        sa.Column("contact_name", sa.String(length=40), nullable=False),
        sa.Column("contact_name_en", sa.String(length=80), nullable=False),
        sa.Column("contact_phone", sa.String(length=24), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("applied_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("refusal_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint("is_producer OR is_consumer", name=op.f("ck_company_has_a_side")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_company_credit_code")),
    )
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_company_status"), ["status"], unique=False)

    op.create_table(
        "county",
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("short_en", sa.String(length=40), nullable=False),
        sa.Column("label_lon_e6", sa.Integer(), nullable=False),
        sa.Column("label_lat_e6", sa.Integer(), nullable=False),
        sa.Column("seat_lon_e6", sa.Integer(), nullable=False),
        sa.Column("seat_lat_e6", sa.Integer(), nullable=False),
        sa.Column("city_adcode", sa.String(length=6), nullable=False),
        sa.Column("city_zh", sa.String(length=40), nullable=False),
        sa.Column("city_en", sa.String(length=40), nullable=False),
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
        sa.PrimaryKeyConstraint("adcode", name=op.f("pk_county")),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column(
            "verb",
            sa.Enum(
                "issue",
                "enlarge",
                "reduce",
                "reserve",
                "give_back",
                "contract",
                "withdraw",
                name="verb",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_entry_key")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_reference"), ["reference"], unique=False)

    op.create_table(
        "freight_terms",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("per_t_fen", sa.Integer(), nullable=False),
        sa.Column("per_tkm_fen", sa.Integer(), nullable=False),
        sa.Column("detour_milli", sa.Integer(), nullable=False),
        sa.Column("max_km", sa.Integer(), nullable=False),
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
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_freight_terms")),
    )
    op.create_table(
        "industry",
        sa.Column("code", sa.String(length=4), nullable=False),
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
        sa.PrimaryKeyConstraint("code", name=op.f("pk_industry")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                "cancelled",
                name="jobstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=128), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("not_before", sa.DateTime(), nullable=False),
        sa.Column("cancel_wanted", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=128), nullable=True),
        sa.Column("enqueued_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_state_not_before", ["state", "not_before"], unique=False)

    op.create_table(
        "listing_series",
        sa.Column("prefix", sa.String(length=8), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_listing_series")),
    )
    op.create_table(
        "lot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_number", sa.String(length=16), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("listing_number", "month", name=op.f("uq_lot_listing_number_month")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_month"), ["month"], unique=False)

    op.create_table(
        "material",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("waste_class", sa.String(length=8), nullable=False),
        sa.Column("default_item", sa.String(length=16), nullable=False),
        sa.Column("glyph_zh", sa.String(length=2), nullable=False),
        sa.Column("letters_en", sa.String(length=2), nullable=False),
        sa.Column("css_token", sa.String(length=8), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.Column("in_target", sa.Boolean(), nullable=False),
        sa.Column("in_target_from", sa.Date(), nullable=True),
        sa.Column("in_target_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
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
        sa.PrimaryKeyConstraint("code", name=op.f("pk_material")),
        sa.UniqueConstraint("sort_order", name=op.f("uq_material_sort_order")),
    )
    op.create_table(
        "published_figure",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "liaocheng",
                "shandong",
                "national",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("materials", sa.String(length=32), nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "utilisation_rate",
                "utilised_mass",
                "generated",
                "utilised",
                "disposed",
                "registered_firms",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "comparison",
            sa.Enum(
                "eq",
                "over",
                "about",
                name="comparison",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value_milli", sa.BigInteger(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "percent",
                "t_per_year",
                "firms",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("published_on", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
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
        sa.PrimaryKeyConstraint("code", name=op.f("pk_published_figure")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key_sha256", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_attempt_first_at"), ["first_at"], unique=False)

    op.create_table(
        "target",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "liaocheng",
                "shandong",
                "national",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "measure",
            sa.Enum(
                "utilisation_rate",
                "utilised_mass",
                "generated",
                "utilised",
                "disposed",
                "registered_firms",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("materials", sa.String(length=32), nullable=False),
        sa.Column("excludes", sa.String(length=200), nullable=False),
        sa.Column("value_milli", sa.BigInteger(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "percent",
                "t_per_year",
                "firms",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
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
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_target")),
    )
    op.create_table(
        "waste_class",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "bulk",
            sa.Enum(
                "yes",
                "no",
                "ambiguous",
                name="bulk",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "in_target",
            sa.Enum(
                "yes",
                "no",
                "ambiguous",
                name="in_target",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("env_tax_item", sa.String(length=40), nullable=False),
        sa.Column("env_tax_fen_per_t", sa.Integer(), nullable=True),
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
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_waste_class")),
    )
    op.create_table(
        "waste_item",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("waste_class", sa.String(length=8), nullable=False),
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
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_waste_item")),
    )
    op.create_table(
        "balance",
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "outside",
                "open",
                "reserved",
                "contracted",
                "withdrawn",
                name="account",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("account <> 'outside'", name=op.f("ck_balance_inside")),
        sa.CheckConstraint("kg >= 0", name=op.f("ck_balance_not_negative")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_balance_lot_id_lot")),
        sa.PrimaryKeyConstraint("lot_id", "account", name=op.f("pk_balance")),
    )
    op.create_table(
        "clearing_run_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "offer",
                "requirement",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("listing_number", sa.String(length=16), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("materials", sa.String(length=200), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("placed_kg", sa.BigInteger(), nullable=False),
        sa.Column("plan_placed_kg", sa.BigInteger(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "placed",
                "zero",
                "no_lane_material",
                "no_lane_distance",
                "no_lane_listed",
                "price",
                "full",
                "tie",
                "changed",
                name="unplaced",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "placed_kg >= 0 AND placed_kg <= kg",
            name=op.f("ck_clearing_run_order_placed_within_kg"),
        ),
        sa.CheckConstraint(
            "plan_placed_kg >= 0 AND plan_placed_kg <= kg",
            name=op.f("ck_clearing_run_order_plan_within_kg"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_clearing_run_order_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["clearing_run.id"], name=op.f("fk_clearing_run_order_run_id_clearing_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearing_run_order")),
        sa.UniqueConstraint(
            "run_id", "listing_number", name=op.f("uq_clearing_run_order_run_id_listing_number")
        ),
    )
    with op.batch_alter_table("clearing_run_order", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_clearing_run_order_company_id"), ["company_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_clearing_run_order_listing_number"), ["listing_number"], unique=False
        )

    op.create_table(
        "posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "outside",
                "open",
                "reserved",
                "contracted",
                "withdrawn",
                name="account",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kg <> 0", name=op.f("ck_posting_moves_something")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_posting_entry_id_entry")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_posting_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
        sa.UniqueConstraint(
            "entry_id", "lot_id", "account", name=op.f("uq_posting_entry_id_lot_id_account")
        ),
    )
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posting_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("lon_e6", sa.Integer(), nullable=False),
        sa.Column("lat_e6", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=160), nullable=False),
        sa.Column("address_en", sa.String(length=200), nullable=False),
        sa.Column(
            "source_datum",
            sa.Enum(
                "wgs84",
                "gcj02",
                "bd09",
                name="datum",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_site_company_id_company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_site_adcode"), ["adcode"], unique=False)
        batch_op.create_index(batch_op.f("ix_site_company_id"), ["company_id"], unique=False)

    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=24), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "public",
                "company",
                "regulator",
                "operator",
                "system",
                name="actorkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column(
            "company_role",
            sa.Enum(
                "manager",
                "trader",
                "viewer",
                name="companyrole",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'company') = (company_id IS NOT NULL AND company_role IS NOT NULL)",
            name=op.f("ck_user_account_company_people_have_a_company"),
        ),
        sa.CheckConstraint(
            "(kind = 'regulator') = (region IS NOT NULL)",
            name=op.f("ck_user_account_regulators_region"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_user_account_company_id_company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_user_account_company_id"), ["company_id"], unique=False
        )

    op.create_table(
        "listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "offer",
                "requirement",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kg_per_month", sa.BigInteger(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False),
        sa.Column("last_month", sa.Date(), nullable=False),
        sa.Column("max_km", sa.Integer(), nullable=True),
        sa.Column("list_price", sa.Integer(), nullable=True),
        sa.Column("limit_price_box", sa.LargeBinary(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "withdrawn",
                name="listingstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("waste_name", sa.String(length=80), nullable=False),
        sa.Column("waste_code", sa.String(length=16), nullable=False),
        sa.Column(
            "product",
            sa.Enum(
                "cement",
                "concrete",
                "brick",
                "block",
                "plasterboard",
                "road_base",
                "desulfuriser",
                "metal_recovery",
                name="product",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("first_month <= last_month", name=op.f("ck_listing_window_forward")),
        sa.CheckConstraint("kg_per_month > 0", name=op.f("ck_listing_has_mass")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_listing_company_id_company")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_listing_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("number", name=op.f("uq_listing_number")),
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listing_company_id"), ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_listing_last_month"), ["last_month"], unique=False)
        batch_op.create_index(batch_op.f("ix_listing_side"), ["side"], unique=False)
        batch_op.create_index(batch_op.f("ix_listing_site_id"), ["site_id"], unique=False)

    op.create_table(
        "password_reset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_password_reset_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_password_reset_token_sha256")),
    )
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_reset_user_id"), ["user_id"], unique=False)

    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("touched_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_sign_in_session_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_sign_in_session_token_sha256")),
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_in_session_touched_at"), ["touched_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sign_in_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "trade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("offer_number", sa.String(length=16), nullable=False),
        sa.Column("requirement_number", sa.String(length=16), nullable=False),
        sa.Column("producer_company_id", sa.Integer(), nullable=False),
        sa.Column("consumer_company_id", sa.Integer(), nullable=False),
        sa.Column("producer_site_id", sa.Integer(), nullable=False),
        sa.Column("consumer_site_id", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kg", sa.BigInteger(), nullable=False),
        sa.Column("price_producer", sa.Integer(), nullable=False),
        sa.Column("price_consumer", sa.Integer(), nullable=False),
        sa.Column("freight", sa.Integer(), nullable=False),
        sa.Column("road_m", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "confirmed",
                "declined",
                "expired",
                name="tradestatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("deadline", sa.DateTime(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("producer_confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("consumer_confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column(
            "ended_by",
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
        sa.Column(
            "ended_reason",
            sa.Enum(
                "price",
                "quantity",
                "quality",
                "transport",
                "standstill",
                "taken",
                "other",
                name="declinereason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("ended_words", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kg > 0", name=op.f("ck_trade_has_mass")),
        sa.CheckConstraint(
            "price_consumer - price_producer = freight", name=op.f("ck_trade_prices_agree")
        ),
        sa.ForeignKeyConstraint(
            ["consumer_company_id"],
            ["company.id"],
            name=op.f("fk_trade_consumer_company_id_company"),
        ),
        sa.ForeignKeyConstraint(
            ["consumer_site_id"], ["site.id"], name=op.f("fk_trade_consumer_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["material"], ["material.code"], name=op.f("fk_trade_material_material")
        ),
        sa.ForeignKeyConstraint(
            ["producer_company_id"],
            ["company.id"],
            name=op.f("fk_trade_producer_company_id_company"),
        ),
        sa.ForeignKeyConstraint(
            ["producer_site_id"], ["site.id"], name=op.f("fk_trade_producer_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade")),
        sa.UniqueConstraint("number", name=op.f("uq_trade_number")),
        sa.UniqueConstraint(
            "origin",
            "offer_number",
            "requirement_number",
            "month",
            name=op.f("uq_trade_origin_offer_number_requirement_number_month"),
        ),
    )
    with op.batch_alter_table("trade", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_trade_consumer_company_id"), ["consumer_company_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_trade_month"), ["month"], unique=False)
        batch_op.create_index(batch_op.f("ix_trade_offer_number"), ["offer_number"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_trade_producer_company_id"), ["producer_company_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_trade_requirement_number"), ["requirement_number"], unique=False
        )
        batch_op.create_index("ix_trade_status_deadline", ["status", "deadline"], unique=False)

    op.create_table(
        "listing_material",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("material_code", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_material_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["material_code"],
            ["material.code"],
            name=op.f("fk_listing_material_material_code_material"),
        ),
        sa.PrimaryKeyConstraint("listing_id", "material_code", name=op.f("pk_listing_material")),
    )
    with op.batch_alter_table("listing_material", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_listing_material_material_code"), ["material_code"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("listing_material", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_material_material_code"))

    op.drop_table("listing_material")
    with op.batch_alter_table("trade", schema=None) as batch_op:
        batch_op.drop_index("ix_trade_status_deadline")
        batch_op.drop_index(batch_op.f("ix_trade_requirement_number"))
        batch_op.drop_index(batch_op.f("ix_trade_producer_company_id"))
        batch_op.drop_index(batch_op.f("ix_trade_offer_number"))
        batch_op.drop_index(batch_op.f("ix_trade_month"))
        batch_op.drop_index(batch_op.f("ix_trade_consumer_company_id"))

    op.drop_table("trade")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_session_user_id"))
        batch_op.drop_index(batch_op.f("ix_sign_in_session_touched_at"))

    op.drop_table("sign_in_session")
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_reset_user_id"))

    op.drop_table("password_reset")
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_site_id"))
        batch_op.drop_index(batch_op.f("ix_listing_side"))
        batch_op.drop_index(batch_op.f("ix_listing_last_month"))
        batch_op.drop_index(batch_op.f("ix_listing_company_id"))

    op.drop_table("listing")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_account_company_id"))

    op.drop_table("user_account")
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_site_company_id"))
        batch_op.drop_index(batch_op.f("ix_site_adcode"))

    op.drop_table("site")
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posting_lot_id"))

    op.drop_table("posting")
    with op.batch_alter_table("clearing_run_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clearing_run_order_listing_number"))
        batch_op.drop_index(batch_op.f("ix_clearing_run_order_company_id"))

    op.drop_table("clearing_run_order")
    op.drop_table("balance")
    op.drop_table("waste_item")
    op.drop_table("waste_class")
    op.drop_table("target")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_attempt_first_at"))

    op.drop_table("sign_in_attempt")
    op.drop_table("published_figure")
    op.drop_table("material")
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lot_month"))

    op.drop_table("lot")
    op.drop_table("listing_series")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_state_not_before")

    op.drop_table("job")
    op.drop_table("industry")
    op.drop_table("freight_terms")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_reference"))

    op.drop_table("entry")
    op.drop_table("county")
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_status"))

    op.drop_table("company")
    with op.batch_alter_table("clearing_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clearing_run_month"))

    op.drop_table("clearing_run")
    op.drop_table("blocked_waste")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_object_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_at"))

    op.drop_table("audit_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change")
