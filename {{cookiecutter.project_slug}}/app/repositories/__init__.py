"""Queries. Repositories flush and never commit: the service owns the transaction."""
