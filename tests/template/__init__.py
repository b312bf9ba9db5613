"""Tests of the template: what it bakes, and what it refuses."""
