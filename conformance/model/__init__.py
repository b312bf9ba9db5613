"""What the kit knows: operations, resources, principals, and the record of what was said."""
