"""What a waiting page costs the server, in bytes of its memory per byte as crawled."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
import zstandard

from tests.support.pipeline import ROOT, SERVICE, Pipeline
from tests.support.servers import Server, wait_until

MakePipeline = Callable[..., Pipeline]


def _pages(count: int, size: int = 30_000) -> list[bytes]:
    """Dense text without markup, the hardest to pack: sentences of the samples in random order, digits changed; nearly
    every one holds figures. Only of samples whose speech the events' dictionary has not seen.
    """
    texts = []
    for path in sorted((ROOT / "samples").glob("*.txt")):
        try:
            texts.append(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # in another charset; a page that mixes charsets or scripts would be no page
    seen = b"".join(path.read_bytes() for path in sorted((ROOT / "shared" / "packed").glob("words-*.bin")))
    texts = [text for text in texts if "報告" not in text and _middle(text).encode("gb18030") not in seen]
    sentences = [part for text in texts for part in re.split(r"(?<=[。；])|\n", text) if len(part) > 10]
    if len(sentences) < 50:
        pytest.skip("too few samples to make pages of")
    dice = random.Random(7)
    pages = []
    for _ in range(count):
        parts: list[str] = []
        length = 0
        while length < size:
            sentence = re.sub("[0-9]", lambda _: str(dice.randrange(10)), dice.choice(sentences))
            parts.append(sentence + "\n" * (dice.random() < 0.2))
            length += len(parts[-1].encode())
        pages.append("".join(parts).encode())
    return pages


def _middle(text: str) -> str:
    """A few words of a text that no other text has."""
    sentence = max(text.splitlines(), key=len)
    return sentence[len(sentence) // 2 :][:16]


@pytest.mark.parametrize("count", [120, pytest.param(1000, marks=pytest.mark.full)])
def test_a_waiting_page_costs_little(server: Server, make_pipeline: MakePipeline, count: int) -> None:
    pages = _pages(count)
    total = sum(len(page) for page in pages)
    pipeline = make_pipeline(server, app=SERVICE, environment={"FAZHI_CHILD_MEMORY_BYTES": "1000000000"})
    with server.client() as client:

        def used(stream: str) -> float:
            # Of the stream alone, every entry looked at: buffers of connections and of the log come and go.
            return int(client.memory_usage(f"fazhi:{stream}", samples=0)) / total

        pipeline.submit(*pages)
        raw = used("intake")
        client.flushall()
        packer = zstandard.ZstdCompressor(level=3)
        pipeline.submit(*(packer.compress(page) for page in pages), encoding="zstd")
        cost = {"intake": used("intake")}
        for stage, stream in (("normalizer", "normalized"), ("sectioner", "sectioned"), ("extractor", "extracted")):
            pipeline.start(stage, FAZHI_REPORT_SECONDS="60", FAZHI_PATIENCE_SECONDS="60")
            wait_until(lambda stream=stream: pipeline.books().stream(stream).length == count, 280, f"all are {stream}")
            pipeline.terminate()
            cost[stream] = used(stream)
    assert raw <= 1.15, raw
    assert max(cost.values()) <= 0.55, cost
