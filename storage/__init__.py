"""Where Babeldesk keeps what must not be lost: SQL databases, files, and the same in memory."""
