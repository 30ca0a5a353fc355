import json
import os
import threading
import time

import pytest

from services.intake.files import read_file
from services.intake.settings import IntakeSettings
from services.intake.submission import Accepted, Submission
from services.intake.watch import Watch, watch_folder
from shared.server import connect
from shared.streams import keys
from tests.support.servers import running

SETTINGS = IntakeSettings(watch_settle_seconds=0, watch_poll_seconds=0.01)


def test_a_file_is_complete_once_it_has_stood_still():
    watch = Watch(settle_seconds=1.0)
    assert watch.complete({"a": (10, 1)}, now=0.0) == []
    assert watch.complete({"a": (20, 2)}, now=0.9) == []  # still growing
    assert watch.complete({"a": (20, 2)}, now=1.5) == []
    assert watch.complete({"a": (20, 2)}, now=2.0) == ["a"]


def test_a_name_that_comes_back_is_a_new_file():
    watch = Watch(settle_seconds=1.0)
    watch.complete({"a": (10, 1)}, now=0.0)
    watch.complete({}, now=1.0)
    assert watch.complete({"a": (10, 1)}, now=2.0) == []


def take(folder, submission, count):
    """What the watch yields until `count` files were taken."""
    taken = []
    for path, outcomes in watch_folder(folder, submission, SETTINGS, lambda: len(taken) == count):
        taken.append((str(path.relative_to(folder)), outcomes))
    return taken


def test_dropped_files_are_submitted_and_moved_away(tmp_path, client, submission):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.html").write_text("甲")
    (tmp_path / "sub" / "b.html").write_text("乙")
    (tmp_path / "c.html.part").write_text("half")
    assert [path for path, _ in take(tmp_path, submission(), 2)] == ["done/a.html", "done/sub/b.html"]
    assert client.xlen(keys().intake) == 2
    assert (tmp_path / "c.html.part").exists()


def test_a_file_with_something_refused_is_moved_to_refused_with_the_reason(tmp_path, client, submission):
    (tmp_path / "a.jsonl").write_text('{"body": "甲"}\nnonsense\n')
    ((path, _),) = take(tmp_path, submission(), 1)
    assert path == "refused/a.jsonl"
    why = json.loads((tmp_path / "refused" / "a.jsonl.why.json").read_text())
    assert len(why["accepted"]) == 1
    assert [one["name"] for one in why["refused"]] == ["a.jsonl:2"]


class Interrupted(Submission):
    """A submission during which something happens, once: its pages are on their way to the server by then."""

    def __init__(self, submission, happens):
        vars(self).update(vars(submission))
        self.happens = happens

    def put(self, offered):
        yield from super().put(offered)
        happens, self.happens = self.happens, None
        if happens:
            happens()


@pytest.mark.parametrize(("first", "entries"), [('{"body": "甲"}', 2), ("nonsense", 1)])
def test_a_file_that_takes_the_place_of_one_that_is_being_sent_is_sent_too(
    tmp_path, client, submission, first, entries
):
    """A crawler renames its next file to the same name, as it should, while the server is slow or away."""

    def replace():
        (tmp_path / "a.jsonl.part").write_text('{"body": "乙乙乙"}')
        (tmp_path / "a.jsonl.part").rename(tmp_path / "a.jsonl")

    (tmp_path / "a.jsonl").write_text(first)
    ((path, outcomes),) = take(tmp_path, Interrupted(submission(), replace), 1)
    assert path == "done/a.jsonl"
    assert isinstance(outcomes[0], Accepted)
    assert client.xlen(keys().intake) == entries
    assert not list((tmp_path / "refused").glob("*"))


def test_two_processes_may_watch_one_folder(tmp_path, client, submission):
    """Whoever comes second finds the file put away."""
    (tmp_path / "a.html").write_text("甲")
    (tmp_path / "b.html").write_text("乙")

    def another():
        (tmp_path / "done").mkdir()
        (tmp_path / "a.html").rename(tmp_path / "done" / "a.html")

    ((path, _),) = take(tmp_path, Interrupted(submission(), another), 1)
    assert path == "done/b.html"
    assert client.xlen(keys().intake) == 2


def test_a_file_of_any_name_is_put_away(tmp_path, client, submission):
    names = [os.fsdecode(text.encode("gb18030")) for text in ("年度报告.jsonl", "甲.html")] + ["报" * 83 + ".jsonl"]
    for twice in ("", "2"):
        for name in names:
            (tmp_path / name).write_text(f"<p>甲{twice}</p>")  # no line of JSON
        for path, outcomes in take(tmp_path, submission(), 3):
            assert [outcome.name.encode() for outcome in outcomes], path
    assert len(list((tmp_path / "done").iterdir())) == 2
    refused = [json.loads(path.read_text())["refused"] for path in (tmp_path / "refused").glob("*.why.json")]
    assert {one["name"] for why in refused for one in why} == {
        "年度报告.jsonl:1",
        names[2] + ":1",
    }
    assert client.xlen(keys().intake) == 2


def test_nothing_in_done_is_overwritten(tmp_path, client, submission):
    for text in ("甲", "乙"):
        (tmp_path / "a.html").write_text(text)
        take(tmp_path, submission(), 1)
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["a-2.html", "a.html"]


def test_a_file_that_was_submitted_and_not_moved_is_not_doubled(tmp_path, client, submission):
    (tmp_path / "a.html").write_text("甲")
    list(submission().put(read_file(tmp_path / "a.html", 1000)))
    ((path, outcomes),) = take(tmp_path, submission(), 1)
    assert path == "done/a.html"
    assert isinstance(outcomes[0], Accepted)
    assert outcomes[0].again
    assert client.xlen(keys().intake) == 1


def test_a_file_that_finds_the_stream_full_stays_and_is_offered_again(tmp_path, client, submission):
    client.xadd(keys().intake, {"body": b"x" * 100_000})
    (tmp_path / "a.html").write_text("甲")
    looks = []

    def stop():
        looks.append(client.xlen(keys().intake))
        if len(looks) == 3:
            client.xtrim(keys().intake, maxlen=0)
        return len(looks) > 200

    sending = submission(max_stream_bytes=50_000, intake_patience_seconds=0)
    path, outcomes = next(watch_folder(tmp_path, sending, SETTINGS, stop))
    assert path == tmp_path / "done" / "a.html"
    assert isinstance(outcomes[0], Accepted)


def test_a_watch_outlives_a_server_that_is_away(tmp_path):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.html").write_text("甲")
    with running("valkey-9", tmp_path / "server") as server, connect(server.url) as client:
        submission = Submission(client, keys(), IntakeSettings(intake_patience_seconds=0, reconnect_seconds=0.05))
        server.kill()
        looks = []

        def stop() -> bool:
            looks.append(server)
            if len(looks) == 3:
                server.start()
            return client.exists(keys().intake) == 1 if len(looks) > 3 else False

        ((path, outcomes),) = watch_folder(tmp_path / "inbox", submission, SETTINGS, stop)
        assert (path.name, [type(outcome) for outcome in outcomes]) == ("a.html", [Accepted])


def test_a_file_that_somebody_has_open_for_writing_stays_however_long_it_stands_still(tmp_path, client, submission):
    first, rest = "甲" * 700, "乙" * 800
    taken = []
    with (tmp_path / "a.html").open("w", encoding="utf-8") as writer:
        writer.write(first)
        writer.flush()
        thread = threading.Thread(target=lambda: taken.extend(take(tmp_path, submission(), 1)))
        thread.start()
        time.sleep(0.3)  # thirty looks
        assert client.xlen(keys().intake) == 0
        assert (tmp_path / "a.html").exists()
        writer.write(rest)
    thread.join(timeout=200)
    ((path, (accepted,)),) = taken
    assert path == "done/a.html"
    assert accepted.size == len((first + rest).encode())


def test_a_file_that_changes_while_it_is_read_stays_and_is_read_again(tmp_path, client, submission, monkeypatch):
    (tmp_path / "a.html").write_text("甲" * 700, encoding="utf-8")
    changes = ["乙" * 800]

    def read(path, *arguments, **options):
        yield from read_file(path, *arguments, **options)
        while changes:
            with path.open("a", encoding="utf-8") as writer:
                writer.write(changes.pop())

    monkeypatch.setattr("services.intake.watch.read_file", read)
    ((path, (accepted,)),) = take(tmp_path, submission(), 1)
    assert path == "done/a.html"
    assert accepted.size == 1500 * 3
    assert client.xlen(keys().intake) == 1


def test_a_file_that_is_taken_away_while_it_is_read_is_not_sent(tmp_path, client, submission, monkeypatch):
    (tmp_path / "a.html").write_text("甲", encoding="utf-8")
    (tmp_path / "b.html").write_text("乙", encoding="utf-8")

    def read(path, *arguments, **options):
        yield from read_file(path, *arguments, **options)
        if path.name == "a.html":
            path.unlink()

    monkeypatch.setattr("services.intake.watch.read_file", read)
    assert [path for path, _ in take(tmp_path, submission(), 1)] == ["done/b.html"]
    assert client.xlen(keys().intake) == 1
