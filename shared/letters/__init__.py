"""Dead letters: what is kept of an entry that cannot be processed, and what an operator does with it."""
