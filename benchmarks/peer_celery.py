"""The three functions as a Celery chain: `celery -A benchmarks.peer_celery worker -c 2`.

Late acknowledgement and one message at a time are what comes nearest to our promises: a task whose worker died is given
to another after the visibility timeout. No results are stored; the last task counts itself.
"""

from __future__ import annotations

import os

import redis
from celery import Celery, chain
from celery.signals import worker_process_init

from benchmarks import peer_functions

URL = os.environ.get("FAZHI_BENCH_URL", "redis://127.0.0.1:6379/0")
app = Celery("bench", broker=URL)
app.conf.update(
    task_serializer="pickle",
    accept_content=["pickle", "json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
_client = redis.Redis.from_url(URL)


@worker_process_init.connect
def _prepare(**_: object) -> None:
    peer_functions.prepare()


@app.task
def normalize(page: bytes) -> bytes:
    return peer_functions.first(page)


@app.task
def section(packed: bytes) -> bytes:
    return peer_functions.second(packed)


@app.task
def extract(packed: bytes) -> None:
    peer_functions.third(packed)
    _client.incr(peer_functions.COUNTER)


def send(page: bytes) -> None:
    """Put one page on its way."""
    chain(normalize.s(page), section.s(), extract.s()).apply_async()
