"""The words everybody speaks: frozen types that cross borders between parts, and the text gate.

``entry`` is what the FAQ holds; ``inbound`` is what comes in, ``retrieval`` what is found and meant
by it, ``card`` what goes out; ``ask`` is what is kept of it, ``ports`` what others do for the desk.
"""
