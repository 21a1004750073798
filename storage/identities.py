"""What a platform says of a person, brought together with what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.conversation import Customer
from bot.messages import Sender
from bot.ports_inbox import Merge


def bring_up_to_date(customer: Customer, channel: str, sender: Sender) -> Customer:
    """The customer with the name and locale that the platform gives now; what it does not give stays."""

    def called(known: str | None) -> str | None:
        return sender.name or known if sender.vouched else known or sender.name

    identities = tuple(
        (name, Sender(known.id, called(known.name), sender.locale or known.locale))
        if (name, known.id) == (channel, sender.id)
        else (name, known)
        for name, known in customer.identities
    )
    return replace(customer, name=called(customer.name), identities=identities)


def below(absorbed: str, active: Sequence[Merge]) -> set[str]:
    """A customer and all whom merges that are not undone have put below it.

    Each merge joins two profiles of which neither is below another, so the active ones are trees.
    """
    found = {absorbed}
    while more := {merge.absorbed for merge in active if merge.kept in found} - found:
        found |= more
    return found
