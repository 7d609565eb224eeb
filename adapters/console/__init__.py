"""The chat in a terminal: ``app.serve`` runs it, ``outbound.Terminal`` is the platform it posts to.

``render`` alone is for pipes, and loads neither line editor nor colours.
"""
