"""Scenarios send requests and say what they knew; they judge nothing."""
