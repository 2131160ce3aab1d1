"""Measurements, side by side in one run: `make bench`. Speed is never asserted in a test."""
