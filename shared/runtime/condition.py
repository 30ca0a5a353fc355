"""What /healthz and /readyz say about a worker."""

from __future__ import annotations

import time

from shared.health import State
from shared.runtime.fuse import Fuse
from shared.runtime.hands import Hands
from shared.runtime.pace import Pace
from shared.runtime.room import Room
from shared.runtime.station import PULSE_SECONDS, Station

#: The loop that reads must ask for entries, or an entry must move, this often; else the worker is not healthy.
_STALL_SECONDS = 30.0
#: So many looks in vain, and the server counts as away.
_MISSED_LOOKS = 3


class Condition:
    """The state of one worker; `started` once its subscribers run."""

    def __init__(self, station: Station, pace: Pace, hands: Hands, fuse: Fuse, room: Room) -> None:
        self._station = station
        self._pace = pace
        self._hands = hands
        self._fuse = fuse
        self._room = room
        self.started = False

    def _standstill(self) -> str:
        """Why it does nothing just now, for a good reason; or ""."""
        unseen = time.monotonic() - self._station.server_seen
        away = "the server is away" if unseen > _MISSED_LOOKS * PULSE_SECONDS else ""
        return self._fuse.reason or self._room.full or self._hands.away() or away

    def healthy(self) -> State:
        """Health is progress: the loop asks for entries, or an entry moves; or there is a reason to stand still."""
        reason = self._standstill()
        if reason or not self.started:
            return State(good=True, reason=reason or "starting")
        still = time.monotonic() - max(self._pace.asked_at, self._station.moved_at)
        limit = max(_STALL_SECONDS, 2 * self._station.settings.report_seconds)
        if still > limit:
            return State(good=False, reason=f"no read and no report for {still:.0f} s, at most {limit:.0f} s")
        return State(good=True, reason="ok")

    def ready(self) -> State:
        """Whether the stage takes work."""
        if self._station.stopping.is_set():
            return State(good=False, reason="stopping")
        if not self.started:
            return State(good=False, reason="starting: waiting for the server or the database")
        reason = self._standstill()
        if reason:
            return State(good=False, reason=reason)
        return self.healthy()
