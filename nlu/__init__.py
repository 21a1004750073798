"""Text in, understanding out; knows no conversation."""
