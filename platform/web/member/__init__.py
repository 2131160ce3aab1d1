"""Pages for members: signing in and one's own page."""
