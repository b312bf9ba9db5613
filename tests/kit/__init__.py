"""Tests of the kit, each part by itself."""
