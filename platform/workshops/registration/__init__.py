"""Places: who has one, who waits, and who gets the next."""
