"""What operators see: log lines, metrics and health.

``Metrics`` stands apart, in ``bot.telemetry.metrics``: its library takes 16 ms to load, which a
command that serves nothing shouldn't pay.
"""

from bot.telemetry.health import Component, Health
from bot.telemetry.log import EventLogger, configure, withhold

__all__ = ["Component", "EventLogger", "Health", "configure", "withhold"]
