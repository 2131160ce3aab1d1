"""While it is held and afterwards: who was there, what was learned, what is done."""
