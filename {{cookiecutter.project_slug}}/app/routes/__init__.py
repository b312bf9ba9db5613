"""HTTP: what comes in and goes out. Rules are in the services."""
