"""What a community says of itself, written by its owners in the browser."""
