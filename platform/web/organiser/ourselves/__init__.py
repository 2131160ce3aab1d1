"""What a community says of itself: the pages of its owners."""
