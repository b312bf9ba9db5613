"""Rules over a record: what applies, what was seen, what it means."""
