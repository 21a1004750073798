"""Telegram, by its Bot API."""

from adapters.telegram.channel import TelegramChannel

__all__ = ["TelegramChannel"]
