"""What every service needs: event models, the stage runtime, stream names, settings, telemetry."""

__version__ = "0.1.0"
