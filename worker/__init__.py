"""The worker: takes wake-ups from one queue and runs the function each names."""
