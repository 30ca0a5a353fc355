"""Dead letters in the operator's hands: list, read, export, replay, drop; on the stream and in the database."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import zstandard

from shared.events import DeadLetter
from shared.letters.dead import LetterNote, Outcome, export_letters, group_letters, list_letters, read_letter
from shared.letters.replay import drop_letters, replay_letters
from shared.streams import keys
from tests.support.pipeline import Pipeline
from tests.support.servers import Server, wait_until

MakePipeline = Callable[..., Pipeline]


@dataclass
class Shelf:
    """The letters that the tiny sink wrote, with the outcomes beside them."""

    pipeline: Pipeline
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def _rows(self) -> dict[str, DeadLetter]:
        rows = self.pipeline.rows("select rowid, letter from dead")
        return {f"database/{row[0]}": DeadLetter.model_validate_json(str(row[1])) for row in rows}

    def notes(self) -> Iterable[LetterNote]:
        for key, letter in self._rows().items():
            if key not in self.outcomes:
                yield LetterNote(key, letter.entry, letter.stage, letter.reason, letter.detail, letter.died_at)

    def read(self, key: str) -> DeadLetter:
        return self._rows()[key]

    def remove(self, key: str, outcome: Outcome) -> None:
        self.outcomes[key] = outcome


def _letters_on_the_stream(pipeline: Pipeline, count: int) -> list[LetterNote]:
    with pipeline.client() as client:
        wait_until(lambda: client.xlen("fazhi:dead") == count, 20, f"{count} letters on the stream")
        return list_letters(client)


def test_letters_are_grouped_by_cause(pipeline: Pipeline) -> None:
    pipeline.start("normalizer", "sectioner")
    pipeline.submit(b"", b"", "normalizer:permanent", *(f"{k} sectioner:raise" for k in range(5)))
    causes = group_letters(_letters_on_the_stream(pipeline, 8))
    assert [(cause.stage, cause.reason, cause.count) for cause in causes] == [
        ("sectioner", "unknown_fault", 5), ("normalizer", "empty", 2), ("normalizer", "undecodable", 1),
    ]  # fmt: skip
    assert "ValueError" in causes[0].cause
    assert "functions.py" in causes[0].cause
    with pipeline.client() as client:
        lines = [json.loads(line) for line in export_letters(client, list_letters(client))]
        assert len(lines) == 8
        assert all("body" in line and "trail" in line for line in lines)
        note = list_letters(client)[-1]
        letter = read_letter(client, note)
        assert letter.stage == "sectioner"
        assert note.detail == letter.detail
        assert letter.body.decode().endswith("sectioner:raise")
        assert letter.event is not None


def test_letters_that_move_to_the_database_while_they_are_exported_are_not_missing(pipeline: Pipeline) -> None:
    pipeline.start("normalizer")
    pipeline.submit(b"", "normalizer:permanent")
    listed = _letters_on_the_stream(pipeline, 2)
    pipeline.start("sink")
    with pipeline.client() as client:
        wait_until(lambda: client.xlen("fazhi:dead") == 0, 20, "the letters moved")
        lines = [json.loads(line) for line in export_letters(client, listed, Shelf(pipeline))]
    assert {line["entry"] for line in lines} == {note.entry for note in listed}


def test_a_replay_keeps_the_entry_and_the_books(pipeline: Pipeline) -> None:
    """From the stage that failed and from the start; the fault is gone, so all are stored under their own names."""
    pipeline.folder.mkdir(parents=True)
    pipeline.start("normalizer", "sectioner", FAZHI_MAX_DELIVERIES="1")
    pages = [f"{k} sectioner:once={pipeline.folder}/seen-{k}" for k in range(4)]
    entries = pipeline.submit(*pages)
    notes = _letters_on_the_stream(pipeline, 4)
    with pipeline.client() as client:
        planned = replay_letters(client, notes, dry_run=True)
        assert [stream for _, stream in planned.done] == ["fazhi:normalized"] * 4
        assert len(list_letters(client)) == 4  # nothing was done
        again = replay_letters(client, notes[:2])
        assert [stream for _, stream in again.done] == ["fazhi:normalized"] * 2
        start = replay_letters(client, notes[2:3], from_start=True)
        assert [stream for _, stream in start.done] == ["fazhi:intake"]
        twice = replay_letters(client, notes[:3])
        assert [refused.why.split(":")[0] for refused in twice.refused] == ["it is no longer there"] * 3
        assert drop_letters(client, notes[3:]).done
    books = pipeline.books()
    assert books.balanced
    assert (books.accepted, books.dropped) == (4, 1)
    pipeline.start("extractor", "sink")
    books = pipeline.drained()
    assert sorted(pipeline.stored()) == sorted(entries[:3])
    assert (books.accepted, books.stored, books.dead, books.dropped) == (4, 3, 0, 1)
    assert books.stream("intake").again == 1
    assert books.stream("normalized").again == 2


def test_a_replayed_entry_that_a_worker_gets_as_it_stops_keeps_its_name(pipeline: Pipeline) -> None:
    """A read that ends while the worker stops brings it the entry; the server alone knows under which name."""
    pipeline.folder.mkdir(parents=True)
    patient = {"FAZHI_LEASE_SECONDS": "60", "FAZHI_PATIENCE_SECONDS": "60", "FAZHI_REPORT_SECONDS": "60"}
    (worker,) = pipeline.start("normalizer", **patient, FAZHI_MAX_DELIVERIES="1")
    entries = pipeline.submit(f"normalizer:once={pipeline.folder}/seen")
    notes = _letters_on_the_stream(pipeline, 1)
    entries += pipeline.submit("normalizer:slow=2")
    wait_until(lambda: worker.metric("fazhi_in_progress") == 1, 20, "it is busy")
    with pipeline.client() as client:
        assert replay_letters(client, notes, from_start=True).done
        (consumer,) = (row["name"] for row in client.xinfo_consumers("fazhi:intake", "normalizer"))
        client.xreadgroup("normalizer", consumer, {"fazhi:intake": ">"})  # an answer that has not reached it yet
    assert pipeline.terminate(30) == [0]
    pipeline.start()
    pipeline.drained()
    assert sorted(pipeline.stored()) == sorted(entries)


def test_letters_in_the_database_are_replayed_once(pipeline: Pipeline) -> None:
    pipeline.folder.mkdir(parents=True)
    pipeline.start(FAZHI_MAX_DELIVERIES="1")
    entries = pipeline.submit(*(f"{k} extractor:once={pipeline.folder}/seen-{k}" for k in range(3)))
    wait_until(lambda: len(pipeline.dead()) == 3, 20, "the letters are in the database")
    shelf = Shelf(pipeline)
    with pipeline.client() as client:
        notes = list_letters(client, shelf)
        assert [note.on_stream for note in notes] == [False] * 3
        assert len(replay_letters(client, notes[:1], shelf).done) == 1
        # The command died after the script and before the database heard of it: the next run sends nothing twice.
        shelf.outcomes.clear()
        assert len(replay_letters(client, notes[:2], shelf, from_start=False).done) == 2
        assert len(drop_letters(client, notes[2:], shelf).done) == 1
        shelf.outcomes.pop(notes[2].key)
        assert len(drop_letters(client, notes[2:], shelf).done) == 1
    books = pipeline.drained()
    assert sorted(pipeline.stored()) == sorted(entries[:2])
    assert (books.accepted, books.stored, books.dead, books.dropped) == (3, 2, 0, 1)


def test_a_letter_is_replayed_or_dropped_but_never_both(pipeline: Pipeline) -> None:
    """Two people, or a person and the API, at once: both have read the letter before either has taken it."""
    pipeline.folder.mkdir(parents=True)
    pipeline.start(FAZHI_MAX_DELIVERIES="1")
    entries = pipeline.submit(*(f"{k} extractor:once={pipeline.folder}/seen-{k}" for k in range(2)))
    wait_until(lambda: len(pipeline.dead()) == 2, 20, "the letters are in the database")
    shelf = Shelf(pipeline)
    with pipeline.client() as client:
        first, second = list_letters(client, shelf)
        assert replay_letters(client, [first], shelf).done
        assert drop_letters(client, [second], shelf).done
        shelf.outcomes.clear()  # the database has not heard of it yet
        (late,) = drop_letters(client, [first], shelf).refused
        assert "it was replayed" in late.why
        (late,) = replay_letters(client, [second], shelf).refused
        assert "it was dropped" in late.why
    assert shelf.outcomes == {first.key: "replayed", second.key: "dropped"}
    books = pipeline.drained()
    assert pipeline.stored() == [first.entry]
    assert (books.accepted, books.stored, books.dead, books.dropped) == (2, 1, 0, 1)
    assert {first.entry, second.entry} == set(entries)


def test_no_key_that_a_crawler_may_write_keeps_a_letter_from_its_replay(pipeline: Pipeline) -> None:
    """All that a token is made of is known to whoever put the entry there."""
    pipeline.folder.mkdir(parents=True)
    pipeline.start(FAZHI_MAX_DELIVERIES="1")
    (entry,) = pipeline.submit(f"extractor:once={pipeline.folder}/seen")
    wait_until(lambda: len(pipeline.dead()) == 1, 20, "the letter is in the database")
    shelf = Shelf(pipeline)
    with pipeline.client() as client:
        (note,) = list_letters(client, shelf)
        letter = shelf.read(note.key)
        digest = sha256(f"{letter.entry} {letter.stage} {letter.stream_entry}".encode()).hexdigest()[:32]
        for what in ("replay:", "drop:", "letter:", "once:", ""):
            client.set(f"{keys().tokens}{what}{digest}", "x")
        assert replay_letters(client, [note], shelf).done
    pipeline.drained()
    assert pipeline.stored() == [entry]


def test_only_the_replay_may_give_an_entry_an_old_name(pipeline: Pipeline) -> None:
    pipeline.start()
    (victim,) = pipeline.submit("the true report")
    pipeline.check()
    pipeline.submit("the forged report", replay=victim)
    pipeline.check()
    texts = dict(pipeline.rows("select entry, text from report"))
    assert texts[victim] == "the true report"
    assert len(texts) == 2


def test_a_page_inside_an_event_that_could_not_be_read_is_not_replayed_from_the_start(pipeline: Pipeline) -> None:
    """A newer stage wrote the event; its page is in there. From the start there would be an empty page to replay."""
    pipeline.start("sectioner")
    unreadable = zstandard.compress(json.dumps({"schema_version": 2, "source": "the page"}).encode())
    with pipeline.client() as client:
        client.xadd("fazhi:normalized", {"entry": "fazhi:intake/1763740800000-0", "event": unreadable})
    (note,) = _letters_on_the_stream(pipeline, 1)
    with pipeline.client() as client:
        assert read_letter(client, note).reason == "unknown_version"
        for dry_run in (True, False):
            (refused,) = replay_letters(client, [note], from_start=True, dry_run=dry_run).refused
            assert "replay it from the stage that failed" in refused.why
        assert read_letter(client, note).event == unreadable
        assert replay_letters(client, [note]).done  # for the day on which a newer sectioner runs
        (note,) = _letters_on_the_stream(pipeline, 1)
        assert read_letter(client, note).event == unreadable


def test_what_was_kept_by_reference_is_not_replayed(pipeline: Pipeline) -> None:
    pipeline.start("normalizer", FAZHI_MAX_REPORT_BYTES="100000")
    pipeline.submit("x" * 200_000)
    notes = _letters_on_the_stream(pipeline, 1)
    with pipeline.client() as client:
        letter = read_letter(client, notes[0])
        assert (len(letter.body), letter.body_bytes) == (65536, 200_000)
        handled = replay_letters(client, notes)
        assert "submit the page again" in handled.refused[0].why
        assert len(list_letters(client)) == 1


def test_a_letter_that_cannot_be_read_keeps_no_other_from_its_replay(pipeline: Pipeline) -> None:
    pipeline.start("normalizer", "sectioner")
    with pipeline.client() as client:
        client.xadd("fazhi:dead", {"entry": "fazhi:intake/1-1", "stage": "sectioner", "event": b"of another version"})
        client.xadd("fazhi:dead", {"entry": "fazhi:intake/1-2", "stage": "sectioner"})
        pipeline.submit("sectioner:raise")
        notes = _letters_on_the_stream(pipeline, 3)
        handled = replay_letters(client, notes)
        assert [stream for _, stream in handled.done] == ["fazhi:normalized"]
        assert ["cannot be read here" in one.why for one in handled.refused] == [True, True]
        _letters_on_the_stream(pipeline, 3)
        lines = [json.loads(line) for line in export_letters(client, list_letters(client))]
        assert ["cannot be read here" in line.get("unreadable", "") for line in lines] == [True, True, False]
        assert len(drop_letters(client, notes[:2]).done) == 2


def test_letters_are_listed_however_large_they_are(server: Server, make_pipeline: MakePipeline) -> None:
    pipeline = make_pipeline(server)
    pipeline.start("normalizer")
    with pipeline.client() as client:
        # As shipped, by a fiftieth: 10 MB an answer, letters of half a MB.
        client.config_set("client-output-buffer-limit", "normal 10mb 5mb 60")
        pipeline.submit(*(b"normalizer:permanent " + os.urandom(500_000).hex().encode() for _ in range(30)))
        assert len(_letters_on_the_stream(pipeline, 30)) == 30
