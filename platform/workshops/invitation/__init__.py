"""Asking people in: whom, how, and what they answer."""
