"""The conversation: ask, choose, rate, escalate, answer, publish; the workers that keep promises.

``desk.Desk`` is the door, which ``bot.bootstrap.build`` makes. It isn't imported here: a command
that only forgets a member would pay 60 ms for it.
"""
