"""What a batch changes is decided without a database: numbers that are kept, reports that merge, rows that are right."""

from __future__ import annotations

from datetime import UTC, datetime

from services.sink.decision import Page, Scene, Source, decide
from services.sink.reading import Reading
from shared.tables import TabledReport
from tests.sink.reports import entry_name, invented_report


def stands(scene: Scene, number: int, name: str, *, content: str, report: int, address: str | None = None) -> None:
    """A page that the database shows as `report`, with reading 10 × its number."""
    entry = entry_name(number)
    scene.pages[name] = Page(name, report, 10 * number, content, "", 2023)
    scene.sources[entry] = Source(entry, name, address, datetime(2024, 1, number, tzinfo=UTC), None, None)
    scene.shown[report] = 10 * number


def comes(scene: Scene, number: int, name: str, *, content: str, address: str | None = None) -> None:
    """A page that the batch brings, with a reading of its own."""
    entry = entry_name(number)
    scene.pages[name] = Page(name, None, 10 * number, content, "", 2023, is_new=True)
    scene.sources[entry] = Source(entry, name, address, datetime(2024, 1, number, tzinfo=UTC), None, None)
    scene.written[10 * number] = Reading(TabledReport.of(invented_report(number)))


def test_a_page_that_nothing_knows_is_a_new_report_without_a_number_yet():
    scene = Scene()
    comes(scene, 1, "a", content="1")

    (plan,) = decide(scene).plans

    assert (plan.number, plan.is_new, plan.is_stale, plan.page) == (None, True, True, "a")


def test_another_text_at_the_address_is_a_revision_under_the_same_number():
    scene = Scene()
    stands(scene, 1, "a", content="1", report=7, address="x")
    comes(scene, 2, "b", content="2", address="x")

    (plan,) = decide(scene).plans

    assert (plan.number, plan.is_new, plan.is_stale, plan.page) == (7, False, True, "b")
    assert [revision.content for revision in plan.history] == ["1", "2"]


def test_a_copy_of_what_is_shown_leaves_the_rows_alone():
    scene = Scene()
    stands(scene, 1, "a", content="1", report=7)
    stands(scene, 2, "b", content="1", report=7)
    scene.shown[7] = 10

    (plan,) = decide(scene).plans

    assert (plan.number, plan.is_stale, plan.values["sources"]) == (7, False, 2)


def test_reports_that_turn_out_to_be_one_keep_the_number_of_the_first_and_the_other_is_gone():
    scene = Scene()
    stands(scene, 1, "a", content="1", report=7, address="x")
    stands(scene, 2, "b", content="2", report=8, address="y")
    comes(scene, 3, "c", content="2", address="x")

    decision = decide(scene)

    assert [plan.number for plan in decision.plans] == [7]
    assert decision.gone == {8}


def test_no_two_reports_keep_one_number():
    scene = Scene()
    stands(scene, 1, "a", content="1", report=7)
    stands(scene, 2, "b", content="2", report=7)
    scene.shown[7] = 10

    decision = decide(scene)

    assert sorted((plan.number or 0, plan.is_new) for plan in decision.plans) == [(0, True), (7, False)]
    assert decision.gone == set()
