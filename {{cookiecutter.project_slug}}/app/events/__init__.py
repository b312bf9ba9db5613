"""Events: the outbox that publishes them with a change, and the handlers of those that are consumed."""
