"""Direct Line tokens: signed, short-lived, and good for one conversation only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

LIFETIME = timedelta(minutes=30)
"""As the Direct Line service has it; a client refreshes in time."""

RESUMABLE = timedelta(days=30)
"""How long a customer may stay away and still find the conversation, and what an agent has answered meanwhile."""

_ALGORITHM = "HS256"
_ISSUER = "babeldesk"


class TokenInvalidError(Exception):
    """The token is none of ours, or was tampered with."""


class TokenExpiredError(Exception):
    """The token was ours, and its time is over."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says: the one conversation that it opens, and who its bearer is there."""

    conversation: str
    user: str
    name: str | None = None
    locale: str | None = None


class Tokens:
    """Signs and checks tokens, and the addresses of files."""

    def __init__(self, secret_key: str) -> None:
        # Keys for different uses are kept apart, so that nothing signed for one is accepted for another.
        self._key = hmac.digest(secret_key.encode(), b"directline token", hashlib.sha256)
        self._resume_key = hmac.digest(secret_key.encode(), b"directline resume", hashlib.sha256)
        self._file_key = hmac.digest(secret_key.encode(), b"directline file", hashlib.sha256)

    def sign(self, token: Token, now: datetime) -> str:
        """The token as text, valid for `LIFETIME` from `now`."""
        claims = {
            "iss": _ISSUER,
            "iat": now,
            "exp": now + LIFETIME,
            "conv": token.conversation,
            "sub": token.user,
            "name": token.name,
            "loc": token.locale,
        }
        return jwt.encode(claims, self._key, _ALGORITHM)

    def read(self, text: str, now: datetime) -> Token:
        """What a token says.

        Raises:
            TokenInvalidError: it is no token of ours.
            TokenExpiredError: its time is over.
        """
        return self._read(text, self._key, now)

    @staticmethod
    def _read(text: str, key: bytes, now: datetime) -> Token:
        try:
            options = {"require": ["exp", "conv", "sub"], "verify_exp": False, "verify_iat": False}
            claims = jwt.decode(text, key, [_ALGORITHM], issuer=_ISSUER, options=options)  # type: ignore[arg-type]  # a dict is what it takes
            token = Token(str(claims["conv"]), str(claims["sub"]), claims.get("name"), claims.get("loc"))
            expires = float(claims["exp"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise TokenInvalidError(str(error)) from None
        if expires <= now.timestamp():
            raise TokenExpiredError("the token has expired")
        return token

    def sign_resume(self, token: Token, now: datetime) -> str:
        """What brings its bearer back into the same conversation long after the token itself has expired."""
        claims = {"iss": _ISSUER, "exp": now + RESUMABLE, "conv": token.conversation, "sub": token.user}
        return jwt.encode({**claims, "name": token.name, "loc": token.locale}, self._resume_key, _ALGORITHM)

    def read_resume(self, text: str, now: datetime) -> Token:
        """The token that a resumption stands for. See `read`."""
        return self._read(text, self._resume_key, now)

    def sign_file(self, conversation: str, blob: str, name: str, content_type: str) -> str:
        """What makes the address of a conversation's file unguessable."""
        said = f"{conversation}\0{blob}\0{name}\0{content_type}".encode()
        return hmac.new(self._file_key, said, hashlib.sha256).hexdigest()[:32]


def new_conversation() -> str:
    """A conversation's id that cannot be guessed."""
    return secrets.token_urlsafe(16)
