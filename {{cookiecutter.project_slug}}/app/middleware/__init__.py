"""Pure ASGI middleware: context variables and background tasks pass through unharmed."""
