"""What the template's service is compared with: the same answers from the same tables, less around them."""
