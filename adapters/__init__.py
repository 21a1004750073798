"""The outside world, one folder each: channels, the console, and the owner's systems."""
