"""Slack, by its Events API and Web API."""

from adapters.slack.channel import SlackChannel

__all__ = ["SlackChannel"]
