"""What every chat platform's adapter needs."""
