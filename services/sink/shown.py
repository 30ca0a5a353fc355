"""What is shown of the reports, written anew where a decision says so: reports, revisions, sections, facts, checks, coverage.

Every table is written once for the whole batch.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import itemgetter

from sqlalchemy import Connection

from services.sink import bulk, census, received, schema
from services.sink.decision import Decision, Plan, Scene, decide
from services.sink.projection import Findings, project
from services.sink.reading import unpack_reading
from services.sink.standing import load_scene

_OF_A_REPORT = (schema.coverage, schema.checks, schema.facts, schema.sections)
_in_order = itemgetter(*schema.reports.columns.keys())


def settle(connection: Connection, scene: Scene) -> Decision:
    """The decision, with what only the database can give: numbers of new reports, readings that are not at hand."""
    decision = decide(scene)
    new = decision.new
    for plan, number in zip(new, bulk.new_numbers(connection, schema.reports, len(new)), strict=True):
        plan.number = number
    for plan in decision.plans:
        for page in plan.group:
            scene.pages[page].report = plan.number
        if plan.is_stale:
            found, version = _findings(connection, plan, scene)
            plan.projection = project(found, plan.page, plan.reviews, plan.number or 0)
            plan.values |= plan.projection.document | {"version": version}
    return decision


def _findings(connection: Connection, plan: Plan, scene: Scene) -> tuple[Findings, str]:
    reading = scene.written.get(plan.reading)
    if reading is not None:
        return Findings.of(reading.report), reading.version
    ((packed, version),) = bulk.ask(connection, "SELECT packed, version FROM readings WHERE number = ~", plan.reading)
    return Findings.among(unpack_reading(packed)), version


def reproject(connection: Connection, number: int) -> None:
    """Write the shown rows of one report anew, after a review. The caller holds its lock."""
    scene = load_scene(connection, [number])
    scene.shown = dict.fromkeys(scene.shown)
    decision = settle(connection, scene)
    write_reports(connection, decision)
    received.write_pages(connection, scene)
    write(connection, decision)


def write_reports(connection: Connection, decision: Decision) -> None:
    """The new reports: pages point at them."""
    rows = [_in_order({"number": plan.number, **plan.values}) for plan in decision.new]
    bulk.insert_rows(connection, schema.reports, rows)


def write(connection: Connection, decision: Decision) -> None:
    """Everything else, when the pages point where they should."""
    known = [plan for plan in decision.plans if not plan.is_new]
    cleared = decision.gone | {plan.number for plan in known if plan.is_stale and plan.number is not None}
    shown = [plan for plan in decision.plans if plan.projection is not None]
    taken = census.held(connection, cleared) if cleared else []
    _clear(connection, cleared)
    _update_reports(connection, known)
    _write_revisions(connection, decision.plans, {plan.number for plan in known if plan.number} | decision.gone)
    _remove_reports(connection, decision.gone)
    _write_shown(connection, shown)
    census.note(connection, [_counted(plan) for plan in shown], taken)


def _clear(connection: Connection, numbers: Collection[int]) -> None:
    """Take away what these reports show."""
    if numbers:
        for table in _OF_A_REPORT:
            bulk.ask(connection, f'DELETE FROM "{table.name}" WHERE report IN ~bigint', sorted(numbers))  # noqa: S608 - names from the schema


def _remove_reports(connection: Connection, numbers: Collection[int]) -> None:
    if numbers:
        bulk.ask(connection, "DELETE FROM reports WHERE number IN ~bigint", sorted(numbers))


def _update_reports(connection: Connection, known: Sequence[Plan]) -> None:
    """Rows with and without a new projection have different columns, and so are two statements. What stands as it is
    to stand is left alone.
    """
    for stale in (True, False):
        plans = [plan for plan in known if plan.is_stale == stale and (stale or plan.is_changed)]
        if plans:
            names = sorted(plans[0].values)
            columns = ", ".join(f'"{name}" = ~' for name in names)
            bulk.run_rows(
                connection,
                f"UPDATE reports SET {columns} WHERE number = ~",  # noqa: S608 - names from the schema
                [(*(plan.values[name] for name in names), plan.number) for plan in plans],
            )


def _write_revisions(connection: Connection, plans: Sequence[Plan], known: Collection[int]) -> None:
    """Those that changed: of a page that changes at each crawl the others are left alone."""
    stood = set()
    if known:
        found = bulk.ask(
            connection,
            "SELECT report, content, position, current, since FROM revisions WHERE report IN ~bigint",
            sorted(known),
        )
        stood = {(*row[:3], bool(row[3]), bulk.read_moment(row[4])) for row in found}
    wanted = [
        (plan.number, revision.content, position, revision.current, revision.since.fetched_at)
        for plan in plans
        for position, revision in enumerate(plan.history, start=1)
    ]
    gone = stood.difference(wanted)
    bulk.run_rows(connection, "DELETE FROM revisions WHERE report = ~ AND content = ~", sorted(row[:2] for row in gone))
    bulk.insert_rows(connection, schema.revisions, [row for row in wanted if row not in stood])


def _write_shown(connection: Connection, plans: Sequence[Plan]) -> None:
    shown = [plan.projection for plan in plans if plan.projection is not None]
    for table in (schema.sections, schema.facts, schema.checks):
        bulk.insert_columns(connection, table, [getattr(projection, table.name) for projection in shown])
    bulk.insert_rows(connection, schema.coverage, [projection.coverage for projection in shown])


def _counted(plan: Plan) -> census.Counted:
    values = plan.values
    stated, zero, absent = plan.projection.coverage[1:] if plan.projection is not None else ("", "", "")
    return census.Counted(
        values["report_year"], values["level"], values["genre"], values["province_code"], values["province"],
        stated, zero, absent,
    )  # fmt: skip
