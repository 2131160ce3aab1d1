"""What a workshop is: its tables, its states, its method, its time. Imports nothing above."""
