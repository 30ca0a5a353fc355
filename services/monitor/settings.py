"""Settings of the monitor; read once, at start."""

from __future__ import annotations

from pydantic import PositiveFloat, PositiveInt

from shared.settings import ServiceSettings


class MonitorSettings(ServiceSettings):
    """What an operator may change; the environment names carry the prefix FAZHI_."""

    #: Time between two looks at the streams. A look costs the server well under a millisecond.
    monitor_seconds: PositiveFloat = 5.0
    #: Time between two looks at the database; each reads one window by index.
    monitor_quality_seconds: PositiveFloat = 60.0
    #: Window of the figures on quality: a crawler that breaks is seen within the hour.
    monitor_window_seconds: PositiveFloat = 3600.0
    #: Sources told apart by name; the busiest are kept, the others counted as "other".
    monitor_sources: PositiveInt = 20
