"""The shop: customers, articles and orders, told to others as CloudEvents in structured mode."""
