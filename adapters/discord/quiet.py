"""Keeps members' words and secrets out of the log, at any level.

discord.py writes whole payloads into its log lines while debugging, and addresses with a token in
them above that. What it says is reduced to where and what kind.
"""

import logging

import discord

from adapters.common.quiet import Reduced


def library() -> None:
    """Reduce what discord.py logs."""
    logger = logging.getLogger("discord")
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    # Two libraries for voice are missing on purpose.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    if not any(isinstance(each, Reduced) for each in logger.handlers):
        logger.addHandler(Reduced("discord"))
