"""A reference service on Flask, and a library of faults that can be switched on one at a time."""
