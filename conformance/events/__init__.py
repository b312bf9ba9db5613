"""Events: what a service declares that it publishes, and what is seen on its broker."""
