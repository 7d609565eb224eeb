"""The conversation: ask, choose, rate, escalate; its wording; the workers that keep promises."""
