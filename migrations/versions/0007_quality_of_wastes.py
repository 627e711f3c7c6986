"""What wastes may be used for, and the limits that decide it

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CONFIDENCE = ("V", "K", "U")
BASES = ("dry", "as_received")
CATEGORIES = ("main_structure", "hollow", "decoration_a", "decoration_b", "decoration_c")
DIRECTIONS = ("buyer_pays", "seller_pays", "either", "internal")
LIMIT_ROLES = ("hazard", "class_1", "origin", "barred", "accept", "product")
NOTE_ROLES = ("typical", "benchmark", "historic", "info", "method", "tax", "site")
BOUNDS = ("min", "max", "both")


def upgrade() -> None:
    _create_vocabulary()
    _create_uses()
    _create_limits()
    _create_notes()


def downgrade() -> None:
    for name in (
        *("quality_note", "quality_limit", "waste_use"),
        *("standard", "quality_parameter", "waste_kind"),
    ):
        op.drop_table(name)


def _create_vocabulary() -> None:
    op.create_table(
        "waste_kind",
        sa.Column("code", sa.String(length=32), nullable=False),
        *_named(),
        sa.Column("waste_class", sa.String(length=8), nullable=False),
        sa.Column("material", sa.String(length=32), nullable=True),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        *_sourced(),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_waste_kind")),
    )
    op.create_table(
        "quality_parameter",
        sa.Column("code", sa.String(length=32), nullable=False),
        *_named(),
        sa.Column("symbol", sa.String(length=24), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("lowest", sa.String(length=16), nullable=True),
        sa.Column("highest", sa.String(length=16), nullable=True),
        sa.Column("basis", _words("basis", BASES), nullable=True),
        sa.Column("synonyms", sa.Text(), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        *_sourced(),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_quality_parameter")),
    )
    op.create_table(
        "standard",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title_zh", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        *_dated(),
        sa.Column("replaces", sa.String(length=40), nullable=True),
        sa.Column("text_seen", sa.Boolean(), nullable=False),
        *_sourced(),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_standard")),
    )


def _create_uses() -> None:
    op.create_table(
        "waste_use",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        *_named(),
        sa.Column("product", sa.String(length=80), nullable=False),
        sa.Column("standard", sa.String(length=40), nullable=True),
        sa.Column("needs_class_1", sa.Boolean(), nullable=False),
        sa.Column("radioactivity", _words("radioactivity", CATEGORIES), nullable=True),
        sa.Column("share_basis_zh", sa.String(length=40), nullable=False),
        sa.Column("share_basis_en", sa.String(length=60), nullable=False),
        sa.Column("share_min_pct", sa.Integer(), nullable=True),
        sa.Column("share_max_pct", sa.Integer(), nullable=True),
        sa.Column("limited_by_zh", sa.Text(), nullable=False),
        sa.Column("limited_by_en", sa.Text(), nullable=False),
        sa.Column("replaces_zh", sa.String(length=40), nullable=False),
        sa.Column("replaces_en", sa.String(length=60), nullable=False),
        sa.Column("value_direction", _words("direction", DIRECTIONS), nullable=False),
        sa.Column("price_low_cny_t", sa.Integer(), nullable=True),
        sa.Column("price_high_cny_t", sa.Integer(), nullable=True),
        sa.Column("price_confidence", _words("price_confidence", CONFIDENCE), nullable=True),
        sa.Column("tax_zh", sa.Text(), nullable=False),
        sa.Column("tax_en", sa.Text(), nullable=False),
        *_dated(),
        *_sourced(),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", "valid_from", name=op.f("pk_waste_use")),
    )


def _create_limits() -> None:
    key = ("standard", "kind", "use", "role", "grade", "fact", "fact_values", "parameter")
    op.create_table(
        "quality_limit",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("use", sa.String(length=32), nullable=False),
        sa.Column("role", _words("limitrole", LIMIT_ROLES), nullable=False),
        sa.Column("grade", sa.String(length=16), nullable=False),
        sa.Column("grade_rank", sa.Integer(), nullable=True),
        sa.Column("fact", sa.String(length=24), nullable=False),
        sa.Column("fact_values", sa.String(length=80), nullable=False),
        sa.Column("parameter", sa.String(length=32), nullable=False),
        *_bounded(),
        sa.Column("exclusive", _words("exclusive", BOUNDS), nullable=True),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("allowed", sa.String(length=80), nullable=False),
        *_cited(),
        *_dated(),
        *_sourced(),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*key, "valid_from", name=op.f("pk_quality_limit")),
    )


def _create_notes() -> None:
    op.create_table(
        "quality_note",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("use", sa.String(length=32), nullable=False),
        sa.Column("role", _words("noterole", NOTE_ROLES), nullable=False),
        sa.Column("grade", sa.String(length=16), nullable=False),
        sa.Column("parameter", sa.String(length=32), nullable=False),
        *_bounded(),
        *_cited(),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        *_dated(),
        *_sourced(),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_quality_note")),
    )


def _named() -> tuple[sa.Column, ...]:
    return (
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
    )


def _dated() -> tuple[sa.Column, ...]:
    return (
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
    )


def _sourced() -> tuple[sa.Column, ...]:
    return (
        sa.Column("confidence", _words("confidence", CONFIDENCE), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
    )


def _bounded() -> tuple[sa.Column, ...]:
    return (
        sa.Column("minimum", sa.String(length=16), nullable=True),
        sa.Column("maximum", sa.String(length=16), nullable=True),
    )


def _cited() -> tuple[sa.Column, ...]:
    return (
        sa.Column("standard", sa.String(length=40), nullable=False),
        sa.Column("clause_zh", sa.String(length=40), nullable=False),
        sa.Column("clause_en", sa.String(length=60), nullable=False),
    )


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
