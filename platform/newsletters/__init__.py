"""Newsletters: issues in one or two languages, who gets them, how they go out, the archive."""
