"""Training and evaluation; a serving process imports none of it."""
