"""People: subscribing, consent, preferences, signing in, and who may do what."""
