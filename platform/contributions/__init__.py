"""What members send in, the editors' desk, and the way into the library."""
