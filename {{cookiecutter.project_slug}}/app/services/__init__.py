"""Business rules. A service owns its transaction: it commits before the response is sent."""
