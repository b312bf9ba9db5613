"""The service. Routes call services, services call repositories, and only services commit."""
