"""What a platform says of a person, brought together with what is known."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import Customer
from bot.messages import Sender


def bring_up_to_date(customer: Customer, channel: str, sender: Sender) -> Customer:
    """The customer with the name and locale that the platform gives now; what it does not give stays."""
    identities = tuple(
        (name, Sender(known.id, sender.name or known.name, sender.locale or known.locale))
        if (name, known.id) == (channel, sender.id)
        else (name, known)
        for name, known in customer.identities
    )
    return replace(customer, name=sender.name or customer.name, identities=identities)
