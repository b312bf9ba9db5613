"""Tools without state."""
