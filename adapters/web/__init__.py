"""HTTP: health and figures for operators, and Slack's events where they come by HTTP."""
