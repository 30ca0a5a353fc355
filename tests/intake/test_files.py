import gzip
import io
import json
import os

import pytest
import zstandard

from services.intake.files import find_files, form_of, read_paths, read_stream
from services.intake.page import Page, Refusal, Refused

LIMIT = 10_000
ONE = json.dumps({"body": "甲"}).encode() + b"\n"


def names(pages) -> list[str]:
    return [page.name for page in pages]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.html", ("page", None)),
        ("a", ("page", None)),
        ("a.HTML.GZ", ("page", "gzip")),
        ("a.txt.zst", ("page", "zstd")),
        ("a.jsonl", ("jsonl", None)),
        ("a.ndjson.gz", ("jsonl", "gzip")),
        ("a.warc.gz", ("warc", "gzip")),
        ("a.json", ("json", None)),
    ],
)
def test_the_name_says_what_a_file_holds(name, form):
    assert form_of(name) == form


def test_a_folder_gives_all_that_is_in_it_in_the_order_of_names(tmp_path):
    root = tmp_path / "crawl"
    (root / "b").mkdir(parents=True)
    (root / ".git").mkdir()
    for name in ("c.html", "a.html", "b/a.html", ".hidden", "half.html.part", "~", ".git/x"):
        (root / name).write_text("页")
    assert names(read_paths([root], LIMIT)) == ["crawl/a.html", "crawl/c.html", "crawl/b/a.html"]


def test_it_does_not_matter_from_where_a_folder_is_named(tmp_path, monkeypatch):
    (tmp_path / "crawl").mkdir()
    (tmp_path / "crawl" / "a.html").write_text("页")
    from_outside = names(read_paths([tmp_path / "crawl"], LIMIT))
    monkeypatch.chdir(tmp_path / "crawl")
    assert [name for _, name in find_files([type(tmp_path)(".")])] == from_outside


def test_a_named_file_is_taken_even_when_hidden(tmp_path):
    (tmp_path / ".page").write_text("页")
    assert names(read_paths([tmp_path / ".page"], LIMIT)) == [".page"]


def test_a_pipe_in_a_folder_holds_nobody_up(tmp_path):
    os.mkfifo(tmp_path / "pipe.html")
    (tmp_path / "page.html").write_text("一县")
    assert [path.name for path, _ in find_files([tmp_path])] == ["page.html"]
    assert [path.name for path, _ in find_files([tmp_path / "pipe.html"])] == ["pipe.html"]


def test_bytes_are_left_alone(tmp_path):
    raw = b"\xef\xbb\xbf" + "第一行\r\n".encode() + b"\xff\x00"
    (tmp_path / "a.html").write_bytes(raw)
    assert next(read_paths([tmp_path / "a.html"], LIMIT)) == Page(name="a.html", body=raw)


def test_a_compressed_page_travels_compressed(tmp_path):
    packed = gzip.compress("页".encode())
    (tmp_path / "a.html.gz").write_bytes(packed)
    assert next(read_paths([tmp_path / "a.html.gz"], LIMIT)) == Page(name="a.html.gz", body=packed, encoding="gzip")


def test_an_empty_and_a_too_large_file_are_refused_and_their_neighbours_are_not(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").write_bytes(b"x" * (LIMIT + 1))
    (tmp_path / "c").write_bytes(b"x" * LIMIT)
    first, second, third = read_paths([tmp_path], LIMIT)
    assert (first.reason, second.reason) == (Refusal.EMPTY, Refusal.OVERSIZED)
    assert len(third.body) == LIMIT


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_is_refused(tmp_path):
    (tmp_path / "a").write_text("页")
    (tmp_path / "a").chmod(0)
    assert next(read_paths([tmp_path / "a"], LIMIT)).reason is Refusal.UNREADABLE


def test_a_broken_link_is_refused(tmp_path):
    (tmp_path / "a.html").symlink_to(tmp_path / "gone")
    (refused,) = read_paths([tmp_path], LIMIT)
    assert refused.reason is Refusal.UNREADABLE


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_json_lines_are_read_line_by_line(tmp_path, pack):
    lines = b"\xef\xbb\xbf" + ONE + b"\n  \n" + b"nonsense\n" + ONE.rstrip()
    suffix = {gzip.compress: ".gz", zstandard.compress: ".zst"}.get(pack, "")
    (tmp_path / f"a.jsonl{suffix}").write_bytes(pack(lines))
    first, second, third = read_paths([tmp_path], LIMIT)
    assert first.name.endswith(":1")
    assert first.body == "甲".encode()
    assert isinstance(second, Refused)
    assert second.name.endswith(":4")
    assert third.name.endswith(":5")


def test_an_endless_line_costs_no_memory_and_its_neighbours_are_read():
    stream = io.BytesIO(ONE + b'{"body": "' + b"x" * (50 * LIMIT) + b'"}\n' + ONE)
    first, second, third = read_stream(stream, "stdin", LIMIT, "jsonl")
    assert (first.name, second.name, third.name) == ("stdin:1", "stdin:2", "stdin:3")
    assert second.reason is Refusal.OVERSIZED


def test_a_compressed_file_that_breaks_off_gives_what_stands_before_the_break(tmp_path):
    packed = gzip.compress(ONE * 2000)
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) - 12])
    *pages, last = read_paths([tmp_path / "a.jsonl.gz"], LIMIT)
    assert len(pages) > 100
    assert last.reason is Refusal.UNREADABLE
    assert "breaks off" in last.detail


def test_a_json_file_may_be_one_object_a_list_or_lines(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"body": "甲"}, indent=2))
    (tmp_path / "b.json").write_text(json.dumps([{"body": "甲"}, {"body": "乙"}, 3]))
    (tmp_path / "c.json").write_bytes(ONE + ONE)
    offered = list(read_paths([tmp_path / "a.json", tmp_path / "b.json", tmp_path / "c.json"], LIMIT))
    assert names(offered) == ["a.json", "b.json:1", "b.json:2", "b.json:3", "c.json:1", "c.json:2"]
    assert [isinstance(page, Page) for page in offered] == [True, True, True, False, True, True]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("<html>页</html>".encode(), "stdin"),
        (ONE, "stdin:1"),
        (gzip.compress(ONE, mtime=0), "stdin:1"),
        (zstandard.compress(ONE), "stdin:1"),
        (b"\x1f\x8bnot gzip", "stdin"),
    ],
)
def test_standard_input_is_known_by_its_first_bytes(given, name):
    (page,) = read_stream(io.BytesIO(given), "stdin", LIMIT)
    assert isinstance(page, Page)
    assert page.name == name


def test_a_page_on_standard_input_keeps_all_its_bytes():
    raw = bytes(range(256)) * 30
    (page,) = read_stream(io.BytesIO(raw), "stdin", LIMIT)
    assert page.body == raw


def test_a_line_with_more_fields_than_an_entry_may_have_is_refused_alone():
    line = json.dumps({"body": "乙", **{f"field{k}": "x" for k in range(9000)}}).encode() + b"\n"
    first, refused, last = read_stream(io.BytesIO(ONE + line + ONE), "crawl.jsonl", LIMIT * 100, "jsonl")
    assert isinstance(first, Page)
    assert (refused.reason, "9000 fields beside the page" in refused.detail) == (Refusal.MALFORMED, True)
    assert isinstance(last, Page)
