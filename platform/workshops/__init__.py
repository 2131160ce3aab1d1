"""Workshops: planned by a method, and places that stay honest."""
