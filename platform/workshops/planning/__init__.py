"""Preparing the ground: the plan, its ground rules, its area."""
