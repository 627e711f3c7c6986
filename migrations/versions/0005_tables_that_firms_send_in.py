"""Files that firms send in, and what became of their rows

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KINDS = ("offers", "requirements", "tickets")
MODES = ("all", "valid")
STATES = ("checking", "writing", "done", "refused", "stopped", "cancelled", "failed")
OUTCOMES = ("entered", "known", "refused")


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("importkind", KINDS), nullable=False),
        sa.Column("mode", _words("importmode", MODES), nullable=False),
        sa.Column("state", _words("importstate", STATES), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column("file_box", sa.LargeBinary(), nullable=True),
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("last_row", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_import_file_company_id_company")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_import_file_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
        sa.UniqueConstraint("number", name=op.f("uq_import_file_number")),
    )
    with op.batch_alter_table("import_file") as table:
        table.create_index(table.f("ix_import_file_company_id"), ["company_id"], unique=False)
        table.create_index(table.f("ix_import_file_sent_at"), ["sent_at"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", _words("outcome", OUTCOMES), nullable=False),
        sa.Column("made", sa.String(length=20), nullable=False),
        sa.Column("remarks_box", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_file.id"], name=op.f("fk_import_row_import_id_import_file")
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_import_row")),
    )


def downgrade() -> None:
    op.drop_table("import_row")
    op.drop_table("import_file")


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
