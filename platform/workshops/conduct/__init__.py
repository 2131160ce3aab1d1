"""A workshop that people know of: changing it, telling them, and what the clock asks for."""
