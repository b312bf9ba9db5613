"""A reference service on FastStream that publishes and consumes events, and faults to switch on."""
