"""Signed-in browsers, scripts' tokens and the audit log, in every store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.api_tokens import ApiToken
from bot.audit import COMMAND_LINE, Actor, AuditEntry, AuditFilter
from bot.conversation import Role, SignIn, User
from bot.errors import Conflict, InvalidInput
from bot.ports import Store
from tests.storage.samples import NOON, later, user


async def add(store: Store, *users: User) -> None:
    async with store.unit() as unit:
        for one in users:
            await unit.users.add(one)


def browser(token: str, who: User, seconds: float = 60) -> SignIn:
    return SignIn(token, who.id, NOON, later(seconds), NOON, "Firefox")


async def sign_in(store: Store, *browsers: SignIn) -> None:
    async with store.unit() as unit:
        for one in browsers:
            await unit.sign_ins.add(one, forget=NOON)


async def known(store: Store, token: str) -> SignIn | None:
    async with store.unit(write=False) as unit:
        return await unit.sign_ins.get(token)


async def signed_in(store: Store, who: User, seconds: float = 1) -> list[str]:
    async with store.unit(write=False) as unit:
        return [one.token_hash for one in await unit.sign_ins.of(who.id, later(seconds))]


# --- browsers ---------------------------------------------------------------------------------------------------------


async def test_a_browser_is_found_by_its_cookie_also_when_it_has_expired(store: Store) -> None:
    ada = user("Ada")
    await add(store, ada)
    one = browser("hash-1", ada, seconds=60)
    await sign_in(store, one)
    assert await known(store, "hash-1") == one
    assert await known(store, "hash-2") is None
    assert await signed_in(store, ada, 59) == ["hash-1"]
    assert await signed_in(store, ada, 60) == []


async def test_a_browser_that_is_used_stays_longer_and_comes_first(store: Store) -> None:
    ada = user("Ada")
    await add(store, ada)
    await sign_in(store, browser("a1", ada), browser("a2", ada))
    async with store.unit() as unit:
        await unit.sign_ins.prolong("a1", later(30), later(90))
    assert await known(store, "a1") == replace(browser("a1", ada, 90), used_at=later(30))
    assert await signed_in(store, ada) == ["a1", "a2"]
    assert await signed_in(store, ada, 75) == ["a1"]


async def test_signing_out_ends_one_browser_or_all_of_a_users_and_remembers_when(store: Store) -> None:
    ada, bob = user("Ada"), user("Bob")
    await add(store, ada, bob)
    await sign_in(store, *(browser(token, ada) for token in ("a1", "a2", "a3")), browser("b1", bob))
    async with store.unit() as unit:
        await unit.sign_ins.end(later(5), token_hash="a1")
    assert sorted(await signed_in(store, ada)) == ["a2", "a3"]
    async with store.unit() as unit:
        await unit.sign_ins.end(later(6), user=ada.id)
        await unit.sign_ins.prolong("a1", later(7), later(90))
    assert await signed_in(store, ada) == []
    assert await signed_in(store, bob) == ["b1"]
    ended = [await known(store, token) for token in ("a1", "a2")]
    assert [one and one.ended_at for one in ended] == [later(5), later(6)]
    assert ended[0] is not None
    assert ended[0].expires_at == later(60)


async def test_browsers_that_expired_long_ago_are_forgotten_when_somebody_signs_in(store: Store) -> None:
    ada = user("Ada")
    await add(store, ada)
    await sign_in(store, browser("old", ada, 10), browser("older", ada, 30))
    async with store.unit() as unit:
        await unit.sign_ins.add(browser("new", ada, 80), forget=later(20))
    assert await known(store, "old") is None
    assert await known(store, "older") == browser("older", ada, 30)
    assert await known(store, "new") == browser("new", ada, 80)


async def test_nobody_signs_in_as_an_unknown_user(store: Store) -> None:
    with pytest.raises(InvalidInput):
        await sign_in(store, browser("hash-1", user("Nobody")))
    assert await known(store, "hash-1") is None


# --- tokens -----------------------------------------------------------------------------------------------------------


def token(identity: str, who: User, seconds: float = 0, **fields: object) -> ApiToken:
    values = {"expires_at": later(100), **fields}
    return ApiToken(identity, who.id, f"of {identity}", Role.AGENT, f"hash-{identity}", later(seconds), **values)  # type: ignore[arg-type]


async def tokens(store: Store, who: User | None = None) -> Sequence[ApiToken]:
    async with store.unit(write=False) as unit:
        return await unit.tokens.list(None if who is None else who.id)


async def test_a_token_is_found_by_id_by_its_hash_and_among_its_users(store: Store) -> None:
    ada, bob = user("Ada"), user("Bob")
    await add(store, ada, bob)
    first, second = token("t1", ada, 1), token("t2", ada, 2, expires_at=None)
    others = token("t3", bob, 3)
    async with store.unit() as unit:
        for one in (first, second, others):
            await unit.tokens.add(one)
    async with store.unit(write=False) as unit:
        assert await unit.tokens.get("t1") == first
        assert await unit.tokens.hashed("hash-t2") == second
        assert await unit.tokens.get("t9") is None
        assert await unit.tokens.hashed("t1") is None
    assert await tokens(store, ada) == [second, first]
    assert await tokens(store) == [others, second, first]


async def test_a_token_that_was_used_says_when(store: Store) -> None:
    ada = user("Ada")
    await add(store, ada)
    async with store.unit() as unit:
        await unit.tokens.add(token("t1", ada))
        await unit.tokens.used("t1", later(9))
    assert [one.used_at for one in await tokens(store)] == [later(9)]


async def test_a_revoked_token_is_listed_no_more_and_still_known(store: Store) -> None:
    ada = user("Ada")
    await add(store, ada)
    async with store.unit() as unit:
        await unit.tokens.add(token("t1", ada))
    async with store.unit() as unit:
        assert await unit.tokens.revoke("t1", later(9))
        assert not await unit.tokens.revoke("t1", later(10))
        assert not await unit.tokens.revoke("t9", later(10))
    assert await tokens(store) == []
    assert await tokens(store, ada) == []
    async with store.unit(write=False) as unit:
        assert await unit.tokens.hashed("hash-t1") == token("t1", ada, revoked_at=later(9))


async def test_two_tokens_cannot_be_the_same_and_none_is_of_nobody(store: Store) -> None:
    ada = user("Ada")
    await add(store, ada)
    async with store.unit() as unit:
        await unit.tokens.add(token("t1", ada))
    with pytest.raises(Conflict):
        async with store.unit() as unit:
            await unit.tokens.add(replace(token("t2", ada), token_hash="hash-t1"))
    with pytest.raises(InvalidInput):
        async with store.unit() as unit:
            await unit.tokens.add(token("t3", user("Nobody")))
    assert [one.id for one in await tokens(store)] == ["t1"]


# --- the audit log ----------------------------------------------------------------------------------------------------

ADA, BOB = Actor("u-ada", "ada"), Actor("u-bob", "bob", token="nightly export")

ENTRIES = (
    AuditEntry(later(1), COMMAND_LINE, "user.add", "u-ada", None, {"name": "ada", "role": "admin"}),
    AuditEntry(later(2), ADA, "user.change", "u-bob", {"role": "agent"}, {"role": "viewer"}),
    AuditEntry(later(3), BOB, "user_group.add", "g1", None, {"members": ["u-ada", None, 3, 0.5, {"a": True}]}),
    AuditEntry(later(4), ADA, "model.promote", "v2"),
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (AuditFilter(), [3, 2, 1, 0]),
        (AuditFilter(actor="u-ada"), [3, 1]),
        (AuditFilter(actor="ada"), []),
        (AuditFilter(action="user.change"), [1]),
        (AuditFilter(action="user"), [1, 0]),
        (AuditFilter(action="us%"), []),
        (AuditFilter(since=later(2)), [3, 2, 1]),
        (AuditFilter(until=later(2)), [0]),
        (AuditFilter(since=later(2), until=later(4), actor="u-ada"), [1]),
        (AuditFilter(limit=2), [3, 2]),
    ],
)
async def test_the_audit_log_is_read_latest_first_and_by_filter(
    store: Store, wanted: AuditFilter, found: list[int]
) -> None:
    async with store.unit() as unit:
        for entry in ENTRIES:
            await unit.audit.add(entry)
    async with store.unit(write=False) as unit:
        assert [one.entry for one in await unit.audit.list(wanted)] == [ENTRIES[i] for i in found]


async def test_the_audit_log_is_read_page_by_page(store: Store) -> None:
    for entry in ENTRIES:
        async with store.unit() as unit:
            await unit.audit.add(entry)
    async with store.unit(write=False) as unit:
        first = await unit.audit.list(AuditFilter(limit=3))
        rest = await unit.audit.list(AuditFilter(limit=3, before=first[-1].seq))
    assert [one.entry for one in (*first, *rest)] == list(reversed(ENTRIES))


async def test_a_change_that_fails_leaves_no_entry(store: Store) -> None:
    async def fail() -> None:
        async with store.unit() as unit:
            await unit.audit.add(ENTRIES[0])
            await unit.users.save(user("Nobody"))

    with pytest.raises(InvalidInput):
        await fail()
    async with store.unit(write=False) as unit:
        assert await unit.audit.list(AuditFilter()) == []
