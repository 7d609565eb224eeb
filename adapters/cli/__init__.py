"""The command line, whose door is ``main``: the only place that knows all adapters."""
