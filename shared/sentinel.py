"""URLs of a server that Redis Sentinel watches over: several sentinels know which of its copies is the master now.

    redis+sentinel://user:password@host1:26379,host2,host3/mymaster/0?sentinel_password=…

`rediss+sentinel` speaks TLS to the server and to the sentinels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlunsplit

#: Where a sentinel listens unless the URL says otherwise.
SENTINEL_PORT = 26379
_SCHEMES = {"redis+sentinel": "redis", "rediss+sentinel": "rediss"}
#: What of the query is said to the sentinels and not to the server, by its name in redis-py.
_TO_SENTINELS = {"sentinel_username": "username", "sentinel_password": "password"}


@dataclass(frozen=True, slots=True)
class Watched:
    """A server behind sentinels.

    `sentinels`: host and port of each, in the order in which they are asked. `master`: its name among them. `url`: the
    same server as a plain URL, whose host and port mean nothing. `to_sentinels`: what a connection to them needs.
    """

    sentinels: tuple[tuple[str, int], ...]
    master: str
    url: str
    to_sentinels: dict[str, Any] = field(repr=False)


def watched(url: str) -> Watched | None:
    """What a sentinel URL says; None for a URL of any other kind.

    Raises ValueError where hosts or the master's name are missing.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in _SCHEMES:
        return None
    # Cut by hand: `urlsplit` knows one host, and late Pythons refuse an IPv6 address behind another.
    rest, _, asked = rest.partition("?")
    netloc, _, path = rest.partition("/")
    credentials, _, places = netloc.rpartition("@")
    master, _, database = path.strip("/").partition("/")
    sentinels = tuple(_place(place) for place in places.split(",") if place)
    if not sentinels or not master:
        message = "a sentinel URL names its sentinels and the master: redis+sentinel://host1,host2:26379/mymaster"
        raise ValueError(message)
    query = dict(parse_qsl(asked))
    to_sentinels: dict[str, Any] = {_TO_SENTINELS[name]: query.pop(name) for name in _TO_SENTINELS if name in query}
    plain_scheme = _SCHEMES[scheme]
    if plain_scheme == "rediss":
        to_sentinels |= {"ssl": True} | {name: value for name, value in query.items() if name.startswith("ssl_")}
    host = f"{credentials}@localhost" if credentials else "localhost"
    plain = urlunsplit((plain_scheme, host, f"/{database or 0}", urlencode(query), ""))
    return Watched(sentinels, master, plain, to_sentinels)


def _place(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):  # no port, or the colons of an IPv6 address
        host, port = text, str(SENTINEL_PORT)
    if not port.isascii() or not port.isdecimal():
        message = f"the port of a sentinel is a number, not {port!r}"
        raise ValueError(message)
    return host.strip("[]"), int(port)
