"""Which pages are one report: a function of the set of entries, never of their order."""

from __future__ import annotations

import itertools
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.sink import schema
from services.sink.identity import (
    Nearness,
    PageKeys,
    Sighting,
    block_of,
    components,
    entry_order,
    revisions,
)
from services.sink.places import body_of, parent_of, place_of
from services.sink.store import DatabaseStore
from shared.events import Document, Place
from tests.sink.reports import entry_name, invented_report

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def seen(hour: int, page: str, address: str | None = None) -> Sighting:
    entry = entry_name(hour)
    return Sighting(NOON + timedelta(hours=hour), entry_order(entry), entry, page, address)


def page(
    name: str, content: str | None = None, *, signature: str = "", year: int | None = 2023, block: str | None = None
):
    return PageKeys(name, content or name, signature, year, block)


def test_entries_are_ordered_by_number_not_by_letter():
    assert entry_order("fazhi:intake/9-0") < entry_order("fazhi:intake/10-0") < entry_order("fazhi:intake/10-2")
    assert entry_order("fazhi:intake/10-2") < entry_order("fazhi:intake/10-11")


def test_signatures_are_near_up_to_a_share_of_their_bits_and_foreign_ones_never():
    near = Nearness(["0" * 32, "not hex", ""])
    assert near.holds_near(f"{2**20 - 1:032x}")  # 20 of 128 bits
    assert not near.holds_near(f"{2**21 - 1:032x}")
    assert not any(map(near.holds_near, ["0" * 16, "", "zz", "not hex"]))
    assert Nearness(["ff"], near=0.5).meets(["00", "f0"])


@pytest.mark.parametrize(
    ("issuer", "place", "other", "other_place"),
    [
        ("教育局", Place(city="云岭市"), "云岭市教育局", Place(city="云岭市")),
        ("教育局", Place(city="云岭市", county="东山县"), "东山县教育局", Place(county="东山县")),
        ("云岭市 教育局", Place(city="云岭市"), "云岭市教育局", Place(province="南岭省", city="云岭市")),
        ("柳溪镇人民政府", Place(), "柳溪镇 人民政府", Place()),
        ("国家某某局", Place(), "国家某某局", Place()),
    ],
)
def test_pages_of_one_body_are_one_block_wherever_its_place_is_written(issuer, place, other, other_place):
    one = block_of(Document(report_year=2023, issuer=issuer, place=place))
    assert one is not None
    assert one == block_of(Document(report_year=2023, issuer=other, place=other_place))
    assert one != block_of(Document(report_year=2022, issuer=issuer, place=place))


def test_what_many_bodies_are_called_is_one_block_only_beside_a_place():
    for issuer in ("教育局", "市教育局", "县公安局", "住房和城乡建设局", "城市管理局", "街道办事处", "宣传部", None):
        assert block_of(Document(report_year=2023, issuer=issuer)) is None, issuer
    blocks = {
        block_of(Document(report_year=2023, issuer="教育局", place=Place(county=name))) for name in ("甲县", "乙县")
    }
    assert len(blocks) == 2
    assert None not in blocks


def test_one_content_at_two_addresses_is_one_report():
    assert components([page("a", "c"), page("b", "c")], [seen(1, "a", "x"), seen(2, "b", "y")]) == [frozenset("ab")]


def test_an_address_in_one_year_is_one_report_and_in_two_years_two():
    at_x = [seen(1, "a", "x"), seen(2, "b", "x")]
    assert components([page("a"), page("b")], at_x) == [frozenset("ab")]
    assert len(components([page("a", year=2022), page("b", year=2023)], at_x)) == 2


def test_near_texts_are_one_report_only_in_one_block():
    near = {"signature": "ffff0000ffff0000"}, {"signature": "ffff0000ffff0001"}
    for blocks, count in (("2023|x", "2023|x"), 1), (("2023|x", "2022|x"), 2), ((None, None), 2):
        pages = [page(name, block=block, **keys) for name, block, keys in zip("ab", blocks, near, strict=True)]
        assert len(components(pages, [seen(1, "a"), seen(2, "b")])) == count


def test_the_chain_joins_what_its_links_join():
    pages = [page("a", "1"), page("b", "1"), page("c", "2")]
    assert components(pages, [seen(1, "a"), seen(2, "b", "x"), seen(3, "c", "x")]) == [frozenset("abc")]


@pytest.mark.parametrize(
    ("sightings", "current"),
    [
        ([seen(1, "old", "x"), seen(2, "new", "x")], "new"),
        ([seen(1, "old", "x"), seen(2, "new", "x"), seen(3, "old", "copy")], "new"),  # a stale copy, crawled late
        ([seen(1, "old", "x"), seen(2, "new", "x"), seen(3, "old", "x")], "old"),  # the publisher went back
        ([seen(1, "old", "copy"), seen(2, "old", "x"), seen(3, "new", "x")], "new"),
        ([seen(2, "old", "x"), seen(1, "new", "x")], "old"),  # arrival is not the time of the fetch
    ],
)
def test_the_current_revision_is_what_the_publisher_shows_last(sightings, current):
    history = revisions(sightings, {"old": "old", "new": "new"})
    assert [revision.content for revision in history if revision.current] == [current]
    assert history[0].since == min(sightings)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from("abcd"), st.sampled_from([None, "x", "y"])), min_size=1, max_size=8
    ),
    st.randoms(),
)
def test_groups_and_revisions_do_not_depend_on_order(drawn, random):
    sightings = [
        Sighting(NOON + timedelta(hours=hour), entry_order(entry_name(at)), entry_name(at), name, address)
        for at, (hour, name, address) in enumerate(drawn)
    ]
    pages = [page(name, content="1" if name in "ab" else name) for name in sorted({s.page for s in sightings})]
    shuffled, pages_too = sightings[:], pages[:]
    random.shuffle(shuffled)
    random.shuffle(pages_too)
    groups = components(pages, sightings)
    assert set(groups) == set(components(pages_too, shuffled))
    contents = {one.page: one.content for one in pages}
    for group in groups:
        own = [s for s in sightings if s.page in group]
        other = [s for s in shuffled if s.page in group]
        assert revisions(own, contents) == revisions(other, contents)


@pytest.mark.parametrize(
    ("document", "place", "body"),
    [
        (Document(place=Place(city="云岭市", code="990100"), level="prefecture"), "990100", "990100"),
        (Document(place=Place(city="云岭市", county="高新区", code="990100"), level="functional_zone"), "990100~高新区", "990100~高新区"),
        (Document(place=Place(city="云岭市", county="东山 县"), level="county"), "~~云岭市~东山县", "~~云岭市~东山县"),
        (Document(place=Place(province="南岭省"), level="province"), "~南岭省", "~南岭省"),
        (Document(place=Place(city="云岭市", code="990100"), level="department", issuer="云岭市司法局"), "990100", "990100|云岭市司法局"),
        (Document(issuer="某委员会"), "", "|某委员会"),
        (Document(), "", ""),
    ],
)  # fmt: skip
def test_places_and_bodies_have_keys(document, place, body):
    assert place_of(document) == place
    assert body_of(document) == body


@pytest.mark.parametrize(
    ("place", "parent"),
    [("990000", None), ("990100", "990000"), ("990102", "990100"), ("990100~高新区", "990100"), ("~南岭省~云岭市~东山县", "~南岭省~云岭市"),
     ("~~云岭市", None), ("~南岭省", None), ("", None)],
)  # fmt: skip
def test_a_place_lies_in_its_parent(place, parent):
    assert parent_of(place) == parent


# ── the same through the database ────────────────────────────────────────────────────────────────────────────────────


def shown(store: DatabaseStore) -> dict[str, list[tuple]]:
    """Everything that is shown, without the numbers that the database gives."""
    with store.engine.connect() as connection:
        ids = dict(connection.execute(select(schema.reports.c.number, schema.reports.c.report_id)).all())
        found = {}
        for table in (schema.reports, schema.revisions, schema.sections, schema.facts, schema.checks, schema.coverage):
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
            for row in rows:
                row["of"] = ids[row.pop("report", None) or row.pop("number")]
                row.pop("reading", None)
            found[table.name] = sorted((tuple(sorted(row.items(), key=str)) for row in rows), key=str)
        joined = select(schema.sources.c.entry, schema.pages.c.report, schema.pages.c.content).join(
            schema.pages, schema.pages.c.page == schema.sources.c.page
        )
        found["sources"] = sorted(
            (entry, ids[report], content) for entry, report, content in connection.execute(joined)
        )
        found["places"] = sorted(
            connection.execute(select(schema.places.c.place).where(~schema.places.c.official)).scalars()
        )
    return found


def entries_of_one_report():
    """Two addresses, a copy, a correction at the first, a crawl of the copy after it, the same page read by newer code,
    and a neighbour: another year at the same address."""
    first = {"url": "https://a.example.org/1", "fetched_at": "2024-03-01T00:00:00Z"}
    return [
        invented_report(1, **first),
        invented_report(2, url="https://b.example.org/2", fetched_at="2024-03-05"),
        invented_report(3, url="https://a.example.org/1", fetched_at="2024-04-01", values=(121, 80, 40)),
        invented_report(4, url="https://b.example.org/2", fetched_at="2024-05-01"),
        invented_report(5, **first, version="0.2.0"),
        invented_report(6, url="https://a.example.org/1", fetched_at="2025-03-01", year=2024),
    ]


def test_the_database_is_the_same_in_whatever_order_entries_arrive(tmp_path):
    expected = None
    entries = entries_of_one_report()
    for at, order in enumerate(itertools.islice(itertools.permutations(entries), 0, 720, 97)):
        store = DatabaseStore(f"sqlite:///{tmp_path}/{at}.db")
        store.open()
        for report in order:
            store.write([report])
        expected = expected or shown(store)
        assert shown(store) == expected
        store.close()
    assert {(row["report_year"], row["revisions"], row["sources"]) for row in map(dict, expected["reports"])} == {
        (2023, 2, 3), (2024, 1, 1),
    }  # fmt: skip


# Without shrinking: an example makes two databases, and the drawn reports are few and short as they are.
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(st.data())
def test_any_split_into_batches_gives_the_same_database(data):
    reports = [
        invented_report(
            number,
            city=data.draw(st.sampled_from(["云岭市", "清河市"])),
            year=data.draw(st.sampled_from([2022, 2023, None])),
            url=data.draw(st.sampled_from([None, "https://a.example.org/1", "https://b.example.org/2"])),
            values=(data.draw(st.sampled_from([1, 2])), 1),
            version=data.draw(st.sampled_from(["1", "2"])),
            signature=data.draw(st.sampled_from(["00000000", "00000001", "ffffffff"])),
            fetched_at=data.draw(st.sampled_from([None, "2024-01-01", "2024-01-02"])),
        )
        for number in range(data.draw(st.integers(2, 6)))
    ]
    order = data.draw(st.permutations(reports))
    cut = data.draw(st.integers(0, len(order)))
    with tempfile.TemporaryDirectory() as folder:
        together, split = (
            DatabaseStore(f"sqlite:///{Path(folder)}/a.db"),
            DatabaseStore(f"sqlite:///{Path(folder)}/b.db"),
        )
        for store, batches in ((together, [reports]), (split, [order[:cut], order[cut:], order[:1]])):
            store.open()
            for batch in batches:
                store.write(batch)
        assert shown(split) == shown(together)
        together.close()
        split.close()


def test_all_orders_hold_on_postgresql_too(store):
    entries = entries_of_one_report()
    for report in reversed(entries):
        store.write([report])
    backwards = shown(store)
    with tempfile.TemporaryDirectory() as folder:
        other = DatabaseStore(f"sqlite:///{folder}/other.db")
        other.open()
        other.write(entries)
        assert shown(other) == backwards
        other.close()
