"""Who may do what over the API: one token for whatever changes something, and for reading where it is not open."""

from __future__ import annotations

import hmac

from fastapi import Request

from services.sink.answers import Problem

_ASK = {"WWW-Authenticate": 'Bearer realm="fazhi"'}


def may_read(request: Request) -> None:
    """Raises Problem(401) where reading needs the token and the request has it not."""
    if request.app.state.settings.api_read == "token":
        _check(request, request.app.state.token)


def may_change(request: Request) -> None:
    """Raises Problem: 403 where no token is set, 401 where the request has it not."""
    if request.app.state.token is None:
        raise Problem(403, "nothing can be changed over this API: its operator has set no FAZHI_API_TOKEN")
    _check(request, request.app.state.token)


def _check(request: Request, token: str | None) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if token is None:
        raise Problem(403, "this API is closed: its operator has set no FAZHI_API_TOKEN")
    # Compared as bytes and in constant time: the header may hold any character.
    known = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    if scheme.lower() != "bearer" or not known:
        raise Problem(401, "send the token: Authorization: Bearer …", headers=_ASK)
