"""Customers under `/api/v1/customers`: their profile, what is known of them, and who is the same person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from aiohttp import web
from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from adapters.console.guard import caller_of
from adapters.console.inbox import LONGEST_QUESTION, InboxItem, item_view
from adapters.console.queries import integer
from adapters.console.route import Parameter, Route, whole
from adapters.console.views import Body, View
from adapters.http import InvalidField, NotFound, answer, read_json
from bot.audit import AuditEntry, JsonValue
from bot.clock import new_id
from bot.conversation import Customer, User
from bot.errors import InvalidInput
from bot.inbox import clean_text
from bot.inbox_values import Narrowed, Wanted
from bot.ports import Clock, Store
from bot.ports_inbox import Attribute, Merge
from bot.worklist import Worklist

EARLIER = 50
"""Conversations that a profile shows."""

LONGEST_VALUE = 2_000

MAX_FOUND = 50


class IdentityView(View):
    """How the customer is known on a channel."""

    channel: str
    id: str
    name: str | None
    locale: str | None


class AttributeView(View):
    """What is known of a customer; a date is written as ISO 8601 says."""

    kind: Literal["string", "number", "date", "boolean"]
    value: str | float | bool


class MergeView(View):
    """Two profiles were made one: `absorbed` is shown as `kept`, unless that was undone."""

    id: str
    kept: str
    absorbed: str
    by: str
    at: datetime
    undone_by: str | None
    undone_at: datetime | None


class ProfileView(View):
    """A customer with all that is known: the latest conversations first, the latest merges first."""

    id: str
    name: str | None
    created_at: datetime
    identities: list[IdentityView]
    attributes: dict[str, AttributeView]
    conversations: list[InboxItem]
    merges: list[MergeView]


class FoundCustomerView(View):
    """A customer that a search found: how they are known, how many conversations they have, the last change."""

    id: str
    name: str | None
    identities: list[IdentityView]
    conversations: int
    latest: datetime | None


class FoundCustomers(View):
    """Customers that a search found, the latest change first."""

    items: list[FoundCustomerView]


class AttributeBody(Body):
    """Something to be known of a customer."""

    kind: Literal["string", "number", "date", "boolean"]
    value: StrictBool | StrictInt | StrictFloat | StrictStr


class AttributesBody(Body):
    """What to write down, by name, and what to forget."""

    know: dict[str, AttributeBody] = Field(default={}, max_length=50)
    forget: list[str] = Field(default=[], max_length=50)


class MergeBody(Body):
    """The other profile, which is to be shown as this one."""

    customer: str = Field(min_length=1, max_length=200)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/customers", "find_customers", "Customers by their name or id", "viewer", gives=FoundCustomers,
        query=(
            Parameter(
                "q", {"type": "string", "maxLength": LONGEST_QUESTION},
                "Words of a name, an id on a channel, or the first four or more letters of the customer's own id",
            ),
            whole("limit", 1, MAX_FOUND),
        ),
    ),
    Route("GET", "/api/v1/customers/{id}", "profile", "A customer with all that is known", "viewer", gives=ProfileView),
    Route(
        "PATCH", "/api/v1/customers/{id}/attributes", "change_attributes",
        "Write down what is known of a customer", "agent",
        takes=AttributesBody, gives=ProfileView,
    ),
    Route(
        "POST", "/api/v1/customers/{id}/merge", "merge_customers", "Show another profile as this one", "agent",
        takes=MergeBody, gives=ProfileView,
    ),
    Route("POST", "/api/v1/merges/{merge}/undo", "undo_merge", "Split two profiles again", "agent", gives=ProfileView),
)  # fmt: skip


class CustomerRoutes:
    """The routes' handlers."""

    def __init__(self, store: Store, worklist: Worklist, clock: Clock) -> None:
        self._store = store
        self._worklist = worklist
        self._clock = clock

    async def find_customers(self, request: web.Request, _: User) -> web.Response:
        """Customers by their name or id; by nothing, none."""
        question = clean_text(request.query.get("q", ""))
        if len(question) > LONGEST_QUESTION:
            raise InvalidField("q", f"{len(question)} characters are over the limit of {LONGEST_QUESTION}")
        limit = integer(request.query, "limit", 20, 1, MAX_FOUND)
        async with self._store.unit(write=False) as unit:
            found = await unit.search.people(question, limit) if question else []
        return answer(
            FoundCustomers(
                items=[
                    FoundCustomerView(
                        id=one.customer.id,
                        name=one.customer.name,
                        identities=_identities(one.customer),
                        conversations=one.conversations,
                        latest=one.latest,
                    )
                    for one in found
                ]
            )
        )

    async def profile(self, request: web.Request, user: User) -> web.Response:
        """A customer with all that is known."""
        return await self._profile(request.match_info["id"], user)

    async def change_attributes(self, request: web.Request, user: User) -> web.Response:
        """Write down what is known, and forget what is not true any more."""
        body = await read_json(request, AttributesBody)
        customer = request.match_info["id"]
        known = {_name(name): _attribute(name, given) for name, given in body.know.items()}
        async with self._store.unit() as unit:
            if await unit.customers.get(customer) is None:
                raise NotFound(f"there is no customer {customer!r}")
            for name in body.forget:
                await unit.profiles.know(customer, name, None)
            for name, attribute in known.items():
                await unit.profiles.know(customer, name, attribute)
        return await self._profile(customer, user)

    async def merge_customers(self, request: web.Request, user: User) -> web.Response:
        """Show another profile as this one."""
        body = await read_json(request, MergeBody)
        customer = request.match_info["id"]
        merge = Merge(new_id(), customer, body.customer, user.display_name, self._clock.now())
        async with self._store.unit() as unit:
            if await unit.customers.get(customer) is None:
                raise NotFound(f"there is no customer {customer!r}")
            await unit.profiles.merge(merge)
            made: dict[str, JsonValue] = {"merge": merge.id, "absorbed": merge.absorbed}
            entry = AuditEntry(merge.at, caller_of(request).actor, "customer.merge", customer, None, made)
            await unit.audit.add(entry)
        return await self._profile(customer, user)

    async def undo_merge(self, request: web.Request, user: User) -> web.Response:
        """Split two profiles again."""
        now = self._clock.now()
        async with self._store.unit() as unit:
            try:
                undone = await unit.profiles.undo(request.match_info["merge"], user.display_name, now)
            except InvalidInput as error:
                raise NotFound(str(error)) from None
            was: dict[str, JsonValue] = {"merge": undone.id, "absorbed": undone.absorbed}
            entry = AuditEntry(now, caller_of(request).actor, "customer.split", undone.kept, was, None)
            await unit.audit.add(entry)
        return await self._profile(undone.kept, user)

    async def _profile(self, identity: str, user: User) -> web.Response:
        async with self._store.unit(write=False) as unit:
            customer = await unit.customers.get(identity)
            members = await unit.profiles.members(identity)
            attributes = await unit.profiles.attributes(identity)
            merges = await unit.profiles.merges(identity)
        if customer is None:
            raise NotFound(f"there is no customer {identity!r}")
        wanted = Wanted(user=user.id, narrowed=Narrowed(customers=tuple(members)), limit=EARLIER)
        page = await self._worklist.page(wanted)
        view = ProfileView(
            id=customer.id,
            name=customer.name,
            created_at=customer.created_at,
            identities=_identities(customer),
            attributes={name: AttributeView(kind=a.kind, value=a.value) for name, a in attributes.items()},
            conversations=[item_view(item) for item in page.items],
            merges=[
                MergeView(
                    id=m.id, kept=m.kept, absorbed=m.absorbed, by=m.by, at=m.at,
                    undone_by=m.undone_by, undone_at=m.undone_at,
                )
                for m in merges
            ],
        )  # fmt: skip
        return answer(view)


def _identities(customer: Customer) -> list[IdentityView]:
    return [
        IdentityView(channel=channel, id=sender.id, name=sender.name, locale=sender.locale)
        for channel, sender in customer.identities
    ]


def _name(name: str) -> str:
    cleaned = clean_text(name)
    if not 1 <= len(cleaned) <= 100:  # noqa: PLR2004 - says itself what it is
        raise InvalidField("know", "a name must have 1 to 100 characters")
    return cleaned


def _attribute(name: str, given: AttributeBody) -> Attribute:
    """What is to be known, if it is of the kind that it says."""
    field, value = f"know.{name}.value", given.value
    match given.kind, value:
        case "boolean", bool():
            return Attribute("boolean", value)
        case "number", int() | float() if not isinstance(value, bool):
            return Attribute("number", float(value))
        case "string", str() if len(value) <= LONGEST_VALUE:
            return Attribute("string", clean_text(value))
        case "date", str():
            try:
                return Attribute("date", date.fromisoformat(value).isoformat())
            except ValueError:
                raise InvalidField(field, f"{value!r} is no date such as 2026-12-31") from None
        case _:
            raise InvalidField(field, f"is no {given.kind}, or over {LONGEST_VALUE} characters long")
