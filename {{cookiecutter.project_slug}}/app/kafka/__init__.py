"""Kafka: the relay that sends what the outbox holds, and the consumers that handle what topics hold."""
