"""What a route of the console is: from tables of these they are mounted, and described in OpenAPI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

Access = Literal["anyone", "user", "admin"]


@dataclass(frozen=True, slots=True)
class Route:
    """One route: who may call it, what it takes and gives, and the name of its handler among its area's."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    handler: str
    does: str
    access: Access = "user"
    takes: type[BaseModel] | None = None
    gives: type[BaseModel] | None = None
    status: int = 200
    query: tuple[str, ...] = ()
