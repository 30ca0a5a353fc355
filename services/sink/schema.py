"""The tables, the same on PostgreSQL and SQLite.

What was received is kept as sets that only grow:

    entries ─ what happened to each entry (stored, dead, dropped, forgotten)
    sources ─ one row a stored entry: where the page came from and when
    pages   ─ each distinct body as crawled, by its SHA-256
    readings ─ what one version of the code made of one page, whole and compressed
    reviews ─ what people said of facts and document fields

Everything else (reports, revisions, sections, facts, checks, coverage) is a function of these sets: it shows the current
reading of the current revision of each report, and is written anew when that changes. So the order in which entries
arrive cannot matter, and an old version of the facts is never lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

#: The values of one row, in the order of its table's columns.
Row = tuple[Any, ...]
#: Rows as one column after the other, in the order of the table's, each with a value a row.
TableColumns = Sequence[Sequence[Any]]


class Moment(TypeDecorator[datetime]):
    """A point in time, UTC. SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite gives numbers by itself only to an INTEGER primary key.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")


#: Compared by code point everywhere, so that a range of metric ids is a range of the index.
_KEY = Text().with_variant(Text(collation="C"), "postgresql")


#: SQLite keeps the rows of such a table in the order of their key, once; otherwise the key is a second tree.
_BY_KEY: dict[str, Any] = {"sqlite_with_rowid": False}


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, **options)


def _needed(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


# ── what was received ────────────────────────────────────────────────────────────────────────────────────────────────

entries = Table(
    "entries",
    metadata,
    _text("entry", primary_key=True),
    _needed("outcome"),  # stored | dead | dropped | forgotten
    _needed("accepted_at", Moment),
    _needed("recorded_at", Moment),
    Index(None, "recorded_at"),
)

#: Entries whose page was forgotten: a rerun that was under way does not bring the page back.
forgotten = Table(
    "forgotten",
    metadata,
    _text("entry", primary_key=True),
    _needed("page"),  # its SHA-256
    Index(None, "page"),
)

pages = Table(
    "pages",
    metadata,
    _text("page", primary_key=True),  # SHA-256 of the bytes as crawled
    _needed("charset"),
    _needed("media_type"),
    _needed("raw_bytes", BigInteger),
    _needed("raw_length", BigInteger),  # characters of the decoded source
    _needed("source", LargeBinary),  # zstd of the decoded source in UTF-8; empty where readings hold it: see pages.py
    Column("original", LargeBinary),  # zstd of the bytes, where the decoded source does not give them back
    # What the page's current reading says; identity is decided by these.
    Column("report", _NUMBER, ForeignKey("reports.number")),
    Column("reading", _NUMBER),
    _text("content"),
    _text("signature"),
    Column("report_year", Integer),
    _text("block"),  # year and body: near-duplicates are looked for inside it
    Index(None, "report"),
    Index(None, "content"),
    Index(None, "block"),
)

sources = Table(
    "sources",
    metadata,
    _text("entry", primary_key=True),
    Column("page", Text, ForeignKey("pages.page"), nullable=False),
    _text("url"),
    _text("address"),  # hash of the normalised URL: a URL may be longer than an index takes
    _text("name"),
    _text("source"),
    _text("fetched"),  # as the crawler wrote it
    _needed("fetched_at", Moment),  # the same as a moment; the time of acceptance where it cannot be read
    _text("content_type"),
    _text("charset"),  # as declared over HTTP
    _needed("extra"),  # JSON
    Index(None, "page"),
    Index(None, "address"),
)

readings = Table(
    "readings",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("page", Text, ForeignKey("pages.page"), nullable=False),
    _needed("version"),
    _needed("entry"),
    _needed("made_at", Double),  # unix seconds that order the readings of a page, see `Reading.made_at`
    _needed("content"),
    _needed("signature"),
    _needed("facts", Integer),
    _needed("packed", LargeBinary),  # the report as the stream carried it: see reading.py
    _text("steps"),  # JSON: what of the trail is not in `packed`
    UniqueConstraint("page", "version"),
    Index(None, "version", "number"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("page", Text, ForeignKey("pages.page"), nullable=False),
    _needed("target"),  # fact | document
    _text("field"),  # of the document; null for a fact
    _needed("verdict"),  # confirmed | corrected | rejected
    _needed("anchor"),  # JSON: where the number stands; {} for a document field
    _needed("machine"),  # JSON: what the machine said when it was reviewed
    _needed("corrected"),  # JSON: field → value; {} unless corrected
    _needed("reviewer"),
    _needed("reason"),
    _needed("reviewed_at", Moment),
    Index(None, "page"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    _needed("entry"),
    _needed("stage"),
    _needed("stream"),
    _needed("stream_entry"),
    _needed("reason"),
    _needed("detail"),
    _needed("version"),
    _needed("accepted_at", Moment),
    _needed("died_at", Moment),
    _needed("deliveries", Integer),
    _text("url"),
    _text("name"),
    _text("source"),
    _needed("body_bytes", BigInteger),
    _needed("body_sha256"),
    _needed("packed", LargeBinary),  # the whole letter as the stream carried it
    UniqueConstraint("entry", "stage", "stream_entry"),
    Index(None, "body_sha256"),
    Index(None, "stage", "number"),
    Index(None, "reason", "number"),
    Index(None, "died_at"),
)

# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────

reports = Table(
    "reports",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    _needed("report_id"),  # content of its first revision; the other contents lead to it too
    _needed("content"),
    _needed("page"),
    Column("reading", _NUMBER),
    _needed("version"),
    _text("title"),
    _text("issuer"),
    _text("province"),
    _text("city"),
    _text("county"),
    _text("place_code"),
    _needed("place", _KEY),  # see places.place
    _text("province_code"),
    _text("city_code"),
    _needed("body"),  # whose series of years the report belongs to
    _text("level"),
    Column("report_year", Integer),
    _text("published"),
    _text("signed"),
    _text("document_number"),
    _text("addressee"),
    _needed("script"),
    _needed("genre"),
    _needed("genre_score", Double),
    _text("url"),
    _text("name"),
    _needed("characters", Integer),
    _needed("facts", Integer),
    _needed("sections", Integer),
    _needed("mapped_facts", Integer),  # those with a metric
    _needed("checks", Integer),
    _needed("failed_checks", Integer),
    _needed("repairs", Integer),  # of heading numbers
    _needed("numerals", Integer),
    _needed("undecided_numerals", Integer),
    _needed("sources", Integer),
    _needed("revisions", Integer),
    _needed("first_fetched_at", Moment),
    _needed("last_fetched_at", Moment),
    _text("reviewed"),  # JSON: document field → what the machine said, where people said otherwise
    Index(None, "report_id"),  # unique at every commit, but not at every moment of a merge
    Index(None, "place", "number"),
    Index(None, "place_code", "number"),
    Index(None, "city_code", "number"),
    Index(None, "province_code", "number"),
    Index(None, "county", "number"),
    Index(None, "city", "number"),
    Index(None, "province", "number"),
    Index(None, "report_year", "number"),
    Index(None, "level", "number"),
    Index(None, "version", "number"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("report", _NUMBER, ForeignKey("reports.number"), primary_key=True),
    _text("content", primary_key=True),
    _needed("position", Integer),  # 1 is the first
    _needed("current", Boolean),
    _needed("since", Moment),  # fetched_at of the source that first showed it
    Index(None, "content"),
    **_BY_KEY,
)

sections = Table(
    "sections",
    metadata,
    Column("report", _NUMBER, ForeignKey("reports.number"), primary_key=True),
    Column("section_order", Integer, primary_key=True, autoincrement=False),
    _needed("level", Integer),
    _text("marker"),
    _needed("heading"),
    _needed("kind"),
    _needed("run_in", Boolean),
    _needed("text_start", Integer),
    _needed("text_end", Integer),
    _needed("body_start", Integer),
    _needed("confidence", Double),
    **_BY_KEY,
)

facts = Table(
    "facts",
    metadata,
    Column("report", _NUMBER, ForeignKey("reports.number"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),  # in the report's list of facts
    _needed("twin", Integer),  # 0, 1, … among facts at the same number
    _text("check_state"),  # holds | broken; null where no check speaks of it
    _text("review"),  # confirmed | corrected | rejected
    _text("machine"),  # JSON: field → what the machine said, where a review corrected it
    # What the figures of a metric are made of stands in the index: they are read without a look at the table.
    Column("year", Integer),  # report_year of the report
    Column("figure", Double),  # the level, where the fact is one of the whole territory in force; see projection.py
    # As the report has it, or a review.
    Column("metric", _KEY),
    _needed("value", Double),
    Column("value_to", Double),
    _text("unit"),
    _needed("quantity"),
    _needed("qualifier"),
    _needed("modality"),
    _text("change"),
    _needed("subject"),
    _text("period"),
    _text("scope"),
    _text("section"),
    Column("section_order", Integer),
    _needed("number_text"),
    _needed("quote"),
    _needed("text_start", Integer),
    _needed("text_end", Integer),
    _needed("raw_start", Integer),
    _needed("raw_end", Integer),
    _needed("quote_start", Integer),
    _needed("quote_end", Integer),
    _needed("confidence", Double),
    Column("metric_confidence", Double),
    _needed("rule"),
    _text("metric_rule"),
    Index(
        "ix_facts_metric", "metric", "report", "position", "year", "unit", "figure",
        postgresql_where=text("metric IS NOT NULL"), sqlite_where=text("metric IS NOT NULL"),
    ),
    **_BY_KEY,
)  # fmt: skip

checks = Table(
    "checks",
    metadata,
    Column("report", _NUMBER, ForeignKey("reports.number"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    _needed("relation"),
    _needed("kind"),
    _needed("holds", Boolean),
    Column("expected", Double),
    Column("stated", Double),
    _needed("facts"),  # JSON: positions
    **_BY_KEY,
)

#: What a report says of metrics, one row a report: metric ids in order, with a blank before and after each.
coverage = Table(
    "coverage",
    metadata,
    Column("report", _NUMBER, ForeignKey("reports.number"), primary_key=True, autoincrement=False),
    _needed("stated"),
    _needed("zero"),
    _needed("absent"),  # said in words to be none
)

# Counted beforehand, see census.py: in how many reports each metric is stated, zero or absent.
census = Table(
    "census",
    metadata,
    Column("scope", _KEY, primary_key=True),  # all reports, or those of a province
    Column("stratum", _KEY, primary_key=True),  # JSON: year, level, genre
    _needed("counts"),  # JSON: metric → counts
    **_BY_KEY,
)

census_changes = Table(
    "census_changes",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    _needed("packed", LargeBinary),  # zstd of JSON: what one transaction adds and takes away, not counted yet
)

# The books of the streams under which the database was filled: after a flush that no worker survived they are others.
books = Table(
    "books",
    metadata,
    Column("shard", _KEY, primary_key=True),  # "" where there are no shards
    _needed("generation"),
    _needed("noted_at", Moment),
    Column(
        "held_before", BigInteger, nullable=False, server_default="0"
    ),  # entries of books that were lost, see holdings.py
    **_BY_KEY,
)

# The highest number given to a row of each table, on SQLite alone: PostgreSQL has sequences.
numbers = Table(
    "numbers",
    metadata,
    Column("of_table", _KEY, primary_key=True),
    _needed("last", BigInteger),
    **_BY_KEY,
)

# ── what is known beforehand ─────────────────────────────────────────────────────────────────────────────────────────

catalogue = Table(
    "catalogue",
    metadata,
    Column("metric", _KEY, primary_key=True),
    _needed("position", Integer),
    _needed("domain"),
    _needed("name_zh"),
    _needed("name_en"),
    _needed("quantity"),
    _text("unit"),
    _needed("definition_zh"),
    _text("example"),
    _text("relation"),
    Index(None, "domain", "position"),
)

places = Table(
    "places",
    metadata,
    Column("place", _KEY, primary_key=True),  # a GB/T 2260 code, or `code~name`, or `~province~city~county`
    _text("code"),
    _needed("name"),
    _text("level"),
    _text("parent"),
    _needed("official", Boolean),  # from GB/T 2260, not only seen in a report
    Index(None, "parent", "place"),
    Index(None, "name"),
)
