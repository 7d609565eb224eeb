"""Proof under faults and load: whole processes on loopback Slack, Discord and PostgreSQL.

``python -m tests.proofs faults|load|soak`` runs it and writes docs/reliability.md. What the fakes
hold is the judge, never what the bot says of itself.
"""
