"""The organisers' pages of the library: the shelf, what comes in, collections, topics, feeds."""
