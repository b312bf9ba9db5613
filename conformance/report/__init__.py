"""The one result and the forms in which it is written."""
