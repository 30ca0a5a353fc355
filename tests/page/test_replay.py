"""Dead letters of real stages, sent to work again over the API and from the page, on a real broker."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.pages import invented_page
from tests.support.pipeline import SERVICE, Pipeline
from tests.support.servers import running, wait_until
from tests.support.site import served

TOKEN = "a-token-for-the-tests-of-the-replay"
#: A deployment with a limit that no report can keep; its letters come back once the limit is mended.
NO_TIME = {"FAZHI_REPORT_SECONDS": "0.000001", "FAZHI_PATIENCE_SECONDS": "0.000001", "FAZHI_MAX_DELIVERIES": "1"}


@dataclass
class Mended:
    """A pipeline whose sectioner buried two reports and whose extractor buried three; both are mended."""

    pipeline: Pipeline
    site: str

    def replay(self, token: str | None, **wanted: object) -> tuple[int, dict[str, object]]:
        """Status and answer of one call."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        call = urllib.request.Request(
            f"{self.site}/api/v1/dead-letters/replay", json.dumps(wanted).encode(), headers, method="POST"
        )
        try:
            with urllib.request.urlopen(call, timeout=120) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mended]:
    folder = tmp_path_factory.mktemp("replay")
    database = f"sqlite:///{folder}/fazhi.db"
    with running("valkey-9", folder / "server") as server:
        patient = {"FAZHI_REPORT_SECONDS": "60", "FAZHI_PATIENCE_SECONDS": "60"}
        pipeline = Pipeline(server, folder / "pipeline", app=SERVICE, store_url=database, environment=patient)
        try:
            pipeline.start("normalizer", "sink")
            dead = 0
            for stage, count in (("sectioner", 2), ("extractor", 3)):
                (hasty,) = pipeline.start(stage, **NO_TIME)
                pipeline.submit(*(invented_page(len(pipeline.sent) + k) for k in range(count)))
                dead += count
                wait_until(lambda dead=dead: len(pipeline.dead()) == dead, 40, f"the {stage} has buried its reports")
                pipeline.terminate(30, hasty)
                pipeline.start(stage)
            with served(database, FAZHI_REDIS_URL=server.url, FAZHI_API_TOKEN=TOKEN) as site:
                yield Mended(pipeline, site)
        finally:
            pipeline.stop()


def test_letters_are_sent_to_work_again_over_the_api_with_the_token_only(mended: Mended) -> None:
    pipeline, group = mended.pipeline, {"stage": "extractor", "reason": "timed_out"}
    (died,) = set(pipeline.dead().values())
    assert died == "timed_out"
    before = pipeline.books()
    assert (before.stored, before.dead, before.balanced) == (0, 5, True)

    assert mended.replay(None, **group, dry_run=False)[0] == 401
    assert mended.replay("wrong-wrong-wrong-wrong", **group, dry_run=False)[0] == 401
    status, planned = mended.replay(TOKEN, **group)
    assert (status, planned["dry_run"], planned["refused"], planned["left"]) == (200, True, [], 0)
    assert {one["to"] for one in planned["sent"]} == {"fazhi:sectioned"}
    assert pipeline.books().dead == 5  # nothing was done so far

    status, done = mended.replay(TOKEN, **group, dry_run=False)
    assert (status, sorted(one["entry"] for one in done["sent"])) == (200, pipeline.sent[2:])
    books = pipeline.check(40, dead=set(pipeline.sent[:2]))
    assert (books.accepted, books.stored, books.dead) == (5, 3, 2)
    assert mended.replay(TOKEN, **group, dry_run=False)[1]["sent"] == []  # there is nothing left to send


def test_letters_are_sent_to_work_again_from_the_page(mended: Mended, open_page) -> None:
    pipeline = mended.pipeline
    dead = len([entry for entry in pipeline.sent[:2] if entry in pipeline.dead()])
    assert dead == 2
    with open_page(mended.site) as page:
        page.goto("/pipeline")
        form = page.locator('form.replay[data-stage="sectioner"]')
        form.locator("xpath=..").locator("summary").click()
        form.locator("input[name=token]").fill("wrong-wrong-wrong-wrong")
        form.locator("button[value=send]").click()
        form.locator("output.bad").wait_for()
        page.faults.clear()  # the refusal stands in the console
        form.locator("input[name=token]").fill(TOKEN)
        form.locator("button[value=dry]").click()
        form.locator("output.good").wait_for()
        assert form.locator("output").inner_text().startswith("2 ")
        assert pipeline.books().stream("dead").again == 0
        assert len(pipeline.dead()) >= 2
        form.locator("button[value=send]").click()
        wait_until(lambda: not set(pipeline.sent[:2]) & set(pipeline.dead()), 20, "the letters are gone")
    wait_until(lambda: set(pipeline.sent[:2]) <= set(pipeline.stored()), 40, "the reports are stored")
    pipeline.check(20)
