"""Readings are ordered by the server's ids, blocks hold the place, what was forgotten stays forgotten; `books` says what
the database held when the loss of earlier books was accepted.

Every reading of a page in a block is opened once: about 0.2 ms a page.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from services.sink.identity import block_of, entry_order
from services.sink.reading import unpack_reading
from shared.events import Document

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

#: Rows moved at a time.
_WINDOW = 500


def upgrade() -> None:
    op.create_table(
        "forgotten",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_forgotten")),
    )
    op.create_index("ix_forgotten_page", "forgotten", ["page"])
    op.create_index("ix_dead_letters_body_sha256", "dead_letters", ["body_sha256"])
    op.add_column("books", sa.Column("held_before", sa.BigInteger(), nullable=False, server_default="0"))
    _order_readings()
    _put_blocks(block_of)


def downgrade() -> None:
    _put_blocks(_block_before)  # the order of readings means the same to the code before: later is newer
    op.drop_column("books", "held_before")
    op.drop_index("ix_dead_letters_body_sha256", table_name="dead_letters")
    op.drop_index("ix_forgotten_page", table_name="forgotten")
    op.drop_table("forgotten")


def _order_readings() -> None:
    """`made_at` was the clock of a worker; now it is the time in the id that the server gave."""
    put = sa.text("UPDATE readings SET made_at = :made WHERE number = :number")
    for rows in _windows("SELECT number, entry FROM readings WHERE number > :after ORDER BY number LIMIT :window", -1):
        made = [{"number": number, "made": entry_order(entry)[1] / 1000} for number, entry in rows]
        op.get_bind().execute(put, made)


def _put_blocks(block: Callable[[Document], str | None]) -> None:
    put = sa.text("UPDATE pages SET block = :block WHERE page = :page")
    for rows in _windows(
        "SELECT pages.page, pages.block, readings.packed FROM pages JOIN readings ON readings.number = pages.reading"
        " WHERE pages.report_year IS NOT NULL AND pages.page > :after ORDER BY pages.page LIMIT :window",
        "",
    ):
        blocks = [
            {"page": page, "stood": stood, "block": block(Document.model_validate(unpack_reading(packed)["document"]))}
            for page, stood, packed in rows
        ]
        changed = [{"page": row["page"], "block": row["block"]} for row in blocks if row["block"] != row["stood"]]
        if changed:
            op.get_bind().execute(put, changed)


def _block_before(document: Document) -> str | None:
    if document.report_year is None or not document.issuer:
        return None
    issuer = "".join(document.issuer.split())
    return f"{document.report_year}|{sha256(issuer.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


def _windows(statement: str, after: Any) -> Iterator[list[Any]]:
    while rows := op.get_bind().execute(sa.text(statement), {"after": after, "window": _WINDOW}).fetchall():
        yield [tuple(row) for row in rows]
        after = rows[-1][0]
