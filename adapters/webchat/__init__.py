"""Web clients: the chat widget and any Direct Line 3.0 client, and programs that speak Rasa's REST channel."""

from adapters.webchat.channel import WebChatChannel
from adapters.webchat.rest import RestChannel

__all__ = ["RestChannel", "WebChatChannel"]
