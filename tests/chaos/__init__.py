"""`kill -9` of the service's processes and of its broker, and what becomes of its events.

`python -m tests.chaos --rounds 300 --seed 1` bakes the template, runs it on PostgreSQL and Kafka in
containers, and judges what was published and applied by what triggers in the database saw committed.
"""
