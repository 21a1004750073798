"""One tree of errors: what may be tried again, and what may not.

Adapters, the model and the storage translate the errors of their libraries into these at their border, so that the
core decides by type alone whether to retry, to give up loudly, or to tell the sender what is wrong.
"""

from __future__ import annotations


class BabeldeskError(Exception):
    """The root of every error that Babeldesk raises on purpose."""


class Retryable(BabeldeskError):
    """It may work later; `retry_after` is the wait that the other side asked for, in seconds, if it did."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(BabeldeskError):
    """It will not work, however often it is tried."""


class Overloaded(Retryable):
    """A bounded queue is full; nothing was taken."""


class TimedOut(Retryable):
    """The work did not finish in the time that it was given."""


class StorageUnavailable(Retryable):
    """The database cannot be reached or cannot write (lost connection, full disk); nothing was stored."""


class Conflict(Retryable):
    """Somebody else changed the same thing in the meantime; load it again and decide anew."""


class ChannelUnavailable(Retryable):
    """The platform did not take a message for now (network, 429, 5xx)."""


class DeliveryRefused(Permanent):
    """The platform will never take this message (blocked by the user, chat gone, bad request)."""


class InvalidInput(Permanent):
    """What came in is malformed; the message names what is wrong and where."""


class Unauthorised(Permanent):
    """Who asks is not who they say, or may not do it."""


class ConfigurationError(Permanent):
    """A setting or a file that the owner wrote is wrong; the message names it."""


class PackError(ConfigurationError):
    """A domain pack is wrong; the message lists file, line and reason of each finding."""


class ModelError(Permanent):
    """A model on disk is broken or does not fit the encoder, the labels or the format."""
