"""What the scenario of events is made of."""
