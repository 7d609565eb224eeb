"""What operators see: log lines, metrics and health."""

from bot.telemetry.health import Component, Health
from bot.telemetry.log import EventLogger, configure, withhold
from bot.telemetry.metrics import Metrics

__all__ = ["Component", "EventLogger", "Health", "Metrics", "configure", "withhold"]
