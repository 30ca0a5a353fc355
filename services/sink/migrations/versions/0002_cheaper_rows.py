"""One row of coverage a report, counted beforehand; figures in an index; tables kept by their key; fewer indexes.

Readings may hold a report as the stream carried it from here on.
"""

from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Reports moved at a time.
_WINDOW = 500
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
#: Tables that SQLite keeps in the order of their key, without a second tree; with the indexes that go with them.
_BY_KEY = {"revisions": ["ix_revisions_content"], "sections": [], "facts": [], "checks": []}


def upgrade() -> None:
    op.add_column("readings", sa.Column("steps", sa.Text(), nullable=True))
    op.drop_index("ix_reports_body_report_year", table_name="reports")
    op.drop_index("ix_checks_holds_report_position", table_name="checks")
    _add_figures()
    _rebuild(" WITHOUT ROWID")
    op.create_index("ix_revisions_content", "revisions", ["content"])
    _create_facts_index()
    _create_census()
    _gather_coverage()


def _add_figures() -> None:
    op.drop_index("ix_facts_metric_report_position", table_name="facts")
    op.add_column("facts", sa.Column("year", sa.Integer(), nullable=True))
    op.add_column("facts", sa.Column("figure", sa.Double(), nullable=True))
    op.execute(
        "UPDATE facts SET year = (SELECT report_year FROM reports WHERE reports.number = facts.report), figure = CASE"
        " WHEN metric IS NULL OR change IS NOT NULL OR scope IS NOT NULL OR modality <> 'actual' THEN NULL"
        " WHEN review = 'rejected' THEN NULL WHEN value_to IS NOT NULL AND qualifier <> 'approx' THEN value_to"
        " ELSE value END"
    )


def _create_facts_index() -> None:
    mapped = sa.text("metric IS NOT NULL")
    op.create_index(
        "ix_facts_metric", "facts", ["metric", "report", "position", "year", "unit", "figure"],
        postgresql_where=mapped, sqlite_where=mapped,
    )  # fmt: skip


def _create_census() -> None:
    op.create_table(
        "census",
        sa.Column("scope", _KEY, nullable=False),
        sa.Column("stratum", _KEY, nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "stratum", name=op.f("pk_census")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "census_changes",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_census_changes")),
    )


def _gather_coverage() -> None:
    """One row a report, and a note for each window of them; the sink adds the notes up when it starts."""
    op.rename_table("coverage", "coverage_rows")
    if op.get_bind().dialect.name == "postgresql":  # names of constraints are the schema's there
        op.execute("ALTER TABLE coverage_rows RENAME CONSTRAINT pk_coverage TO pk_coverage_rows")
    op.create_table(
        "coverage",
        sa.Column("report", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("stated", sa.Text(), nullable=False),
        sa.Column("zero", sa.Text(), nullable=False),
        sa.Column("absent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["reports.number"], name=op.f("fk_coverage_report")),
        sa.PrimaryKeyConstraint("report", name=op.f("pk_coverage")),
    )
    insert = sa.text("INSERT INTO coverage (report, stated, zero, absent) VALUES (:report, :stated, :zero, :absent)")
    note = sa.text("INSERT INTO census_changes (packed) VALUES (:packed)")
    connection = op.get_bind()
    for reports in _windows(
        "SELECT number, report_year, level, genre, province_code, province FROM reports WHERE number > :after"
        " ORDER BY number LIMIT :window"
    ):
        said: dict[int, dict[str, list[str]]] = {row[0]: {"stated": [], "zero": [], "absent": []} for row in reports}
        rows = connection.execute(
            sa.text(
                "SELECT report, metric, state FROM coverage_rows WHERE report BETWEEN :first AND :last"
                " ORDER BY report, metric"
            ),
            {"first": reports[0][0], "last": reports[-1][0]},
        )
        for report, metric, state in rows:
            said[report][state].append(metric)
        lists = {
            report: {state: f" {' '.join(metrics)} " if metrics else "" for state, metrics in states.items()}
            for report, states in said.items()
        }
        connection.execute(insert, [{"report": report, **states} for report, states in lists.items()])
        counted = [[*row[1:], *lists[row[0]].values()] for row in reports]
        connection.execute(note, {"packed": zstandard.ZstdCompressor().compress(orjson.dumps([counted, []]))})
    op.drop_table("coverage_rows")


def _windows(statement: str) -> Iterator[list[Any]]:
    after = -1
    while rows := op.get_bind().execute(sa.text(statement), {"after": after, "window": _WINDOW}).fetchall():
        yield [tuple(row) for row in rows]
        after = rows[-1][0]


def _rebuild(options: str) -> None:
    """SQLite: make the tables of `_BY_KEY` anew from their own definition, kept by their key or not."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        for table, indexes in _BY_KEY.items():
            for index in indexes:
                op.drop_index(index, table_name=table)
        return
    for table in _BY_KEY:
        found = connection.execute(
            sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"), {"table": table}
        ).scalar_one()
        op.rename_table(table, f"{table}_before")
        op.execute(found.removesuffix(" WITHOUT ROWID") + options)
        op.execute(f"INSERT INTO {table} SELECT * FROM {table}_before")  # noqa: S608 - names of this file
        op.drop_table(f"{table}_before")


def downgrade() -> None:
    op.drop_index("ix_facts_metric", table_name="facts")
    _rebuild("")
    op.create_index("ix_revisions_content", "revisions", ["content"])
    for column in ("figure", "year"):
        op.drop_column("facts", column)
    op.create_index("ix_facts_metric_report_position", "facts", ["metric", "report", "position"])
    op.create_index("ix_checks_holds_report_position", "checks", ["holds", "report", "position"])
    op.create_index("ix_reports_body_report_year", "reports", ["body", "report_year"])
    _spread_coverage()
    op.drop_table("census_changes")
    op.drop_table("census")
    _unpack_readings()
    op.drop_column("readings", "steps")


def _spread_coverage() -> None:
    op.rename_table("coverage", "coverage_lists")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE coverage_lists RENAME CONSTRAINT pk_coverage TO pk_coverage_lists")
    op.create_table(
        "coverage",
        sa.Column("report", _NUMBER, nullable=False),
        sa.Column("metric", _KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["reports.number"], name=op.f("fk_coverage_report")),
        sa.PrimaryKeyConstraint("report", "metric", name=op.f("pk_coverage")),
    )
    insert = sa.text("INSERT INTO coverage (report, metric, state) VALUES (:report, :metric, :state)")
    for reports in _windows(
        "SELECT report, stated, zero, absent FROM coverage_lists WHERE report > :after ORDER BY report LIMIT :window"
    ):
        rows = [
            {"report": report, "metric": metric, "state": state}
            for report, *lists in reports
            for state, metrics in zip(("stated", "zero", "absent"), lists, strict=True)
            for metric in metrics.split()
        ]
        if rows:
            op.get_bind().execute(insert, rows)
    op.drop_table("coverage_lists")
    op.create_index("ix_coverage_metric_report", "coverage", ["metric", "report"])


def _unpack_readings() -> None:
    """The code before knows only JSON, with the whole trail in it, and looks for the source beside the page."""
    from services.sink.reading import unpack_reading
    from shared.codec import decode_event, is_packed
    from shared.events import ExtractedReport

    pack = zstandard.ZstdCompressor(level=3).compress
    put = sa.text("UPDATE readings SET packed = :packed WHERE number = :number")
    put_source = sa.text(
        "UPDATE pages SET source = :source, original = :original WHERE page = :page AND length(source) = 0"
    )
    for readings in _windows(
        "SELECT number, page, packed, steps FROM readings WHERE steps IS NOT NULL AND number > :after"
        " ORDER BY number LIMIT :window"
    ):
        for number, page, packed, steps in readings:
            if is_packed(packed):
                source = decode_event(ExtractedReport, packed).source
                original = None if source.original is None else pack(source.original)
                text = pack(source.text.encode("utf-8", "surrogatepass"))
                op.get_bind().execute(put_source, {"page": page, "source": text, "original": original})
            content = orjson.dumps(unpack_reading(packed, steps))
            op.get_bind().execute(put, {"number": number, "packed": pack(content)})
