"""Every fault by every rule, and by plain `st run`: how many are caught, and by what."""
