"""HTTP: health and figures for operators, and Slack's events where they come by HTTP.

``process.serve`` serves the platforms and the port, which ``server.listening`` takes before that.
Here are the settings of the port: the section ``http``.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True)
class HttpSettings:
    """Where to listen.

    Attributes:
        host: The address to listen on; loopback by default, as health is nobody else's business.
        port: 0: no HTTP at all.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080

    @property
    def reached_at(self) -> str:
        """The address to reach it at from this machine."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
