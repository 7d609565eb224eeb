"""Keeps members' words and secrets out of the log, at any level.

discord.py writes whole payloads into its log lines while debugging, and addresses with a token in
them above that.
"""

import logging

import discord

from bot.telemetry.log import withhold


def library() -> None:
    """Withhold what discord.py logs."""
    withhold("discord", level=logging.WARNING)
    # Two libraries for voice are missing on purpose.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
