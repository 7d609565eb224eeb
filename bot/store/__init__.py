"""What must survive a crash: inbox, asks, outbox, ratings, escalations. SQLAlchemy Core, sync."""
