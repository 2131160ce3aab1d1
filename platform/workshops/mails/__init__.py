"""What people are told about a workshop, and what goes into their calendars."""
