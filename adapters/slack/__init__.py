"""Slack: events in, cards out."""
