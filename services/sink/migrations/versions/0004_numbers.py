"""The numbers that SQLite has given are remembered, so that none is given twice; PostgreSQL has sequences for that."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBERED = ("reports", "readings", "reviews", "dead_letters")


def upgrade() -> None:
    op.create_table(
        "numbers",
        sa.Column("of_table", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("of_table", name=op.f("pk_numbers")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in _NUMBERED:
            op.execute(f"INSERT INTO numbers SELECT '{table}', max(number) FROM {table} HAVING max(number) IS NOT NULL")  # noqa: S608 - names from here


def downgrade() -> None:
    op.drop_table("numbers")
