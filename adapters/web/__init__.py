"""HTTP: health and figures for operators, and Slack's events where they come by HTTP.

``process.serve`` serves the platforms and the port, which ``server.listening`` takes before that.
"""
