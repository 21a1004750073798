"""Flows as graphs, for a diagram. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from bot.pack import Flow, Pack


class NodeKind(StrEnum):
    """What happens at a node."""

    TRIGGER = "trigger"
    """An intent begins the flow."""
    SLOT = "slot"
    """Something is asked for."""
    CONFIRM = "confirm"
    ACTION = "action"
    """The owner's system is called."""
    OUTCOME = "outcome"
    """What the bot says when it comes back."""
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Node:
    """A node; `label` is a name, `text` what the bot says there, if it says something, with the `buttons` below it."""

    id: str
    kind: NodeKind
    label: str
    text: str | None = None
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """What leads from one node to another, and when."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """A flow as nodes and edges, in the order in which they are met."""

    flow: str
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(pack: Pack, flow: Flow, language: str | None = None) -> Graph:
    """A flow of the pack, with what it says in a language, or else in the default one."""
    replies = pack.texts(language or pack.default_language)
    texts = replies.flows[flow.name]
    nodes = [
        Node("trigger", NodeKind.TRIGGER, flow.trigger),
        *(
            Node(
                f"slot:{slot.name}",
                NodeKind.SLOT,
                slot.name,
                texts.slots[slot.name].ask,
                tuple(texts.slots[slot.name].choices[choice] for choice in slot.choices),
            )
            for slot in flow.slots.values()
        ),
    ]
    if flow.confirm:
        both = (replies.system["yes"], replies.system["no"])
        nodes.append(Node("confirm", NodeKind.CONFIRM, "confirm", texts.confirm, both))
    nodes.append(Node("action", NodeKind.ACTION, flow.action))
    edges = [Edge(one.id, other.id, _reached(one)) for one, other in pairwise(nodes)]
    if flow.confirm:
        edges.append(Edge("confirm", nodes[1].id, "no"))
    for outcome, again in flow.outcomes.items():
        nodes.append(Node(f"outcome:{outcome}", NodeKind.OUTCOME, outcome, texts.outcomes[outcome]))
        edges.append(Edge("action", f"outcome:{outcome}", outcome))
        if again is not None:
            edges.append(Edge(f"outcome:{outcome}", f"slot:{again}", "asks again"))
    nodes.append(Node("human", NodeKind.HUMAN, "human"))
    edges.append(Edge("action", "human", "unavailable"))
    edges += [Edge(f"slot:{slot}", "human", "not understood three times") for slot in flow.slots]
    return Graph(flow.name, texts.title, tuple(nodes), tuple(edges))


def _reached(node: Node) -> str:
    return {NodeKind.SLOT: "filled", NodeKind.CONFIRM: "yes"}.get(node.kind, "")
