"""The core: what a conversation is, and how a turn runs. It knows no channel, no model and no database."""
