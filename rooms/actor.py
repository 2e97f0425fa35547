"""Who is at work: the request that a change of access comes from, for the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest

from rooms.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is an email address, or what works without anybody. `session_key` is that of the request at hand."""

    user: User | None = None
    name: str = ""
    address: str | None = None
    session_key: str | None = None


NOBODY = Actor()
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
_named: ContextVar[str] = ContextVar("actor", default="")


@contextmanager
def serving(request: HttpRequest) -> Iterator[None]:
    """What happens inside is done by whoever sent `request`."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def named(name: str) -> Iterator[None]:
    """What happens inside is done by a program of that name."""
    token = _named.set(name)
    try:
        yield
    finally:
        _named.reset(token)


def current() -> Actor:
    """Return who is at work now."""
    request = _request.get()
    if request is None:
        return Actor(name=_named.get()) if _named.get() else NOBODY
    user = getattr(request, "user", None)
    known = user if isinstance(user, User) else _unwrapped(user)
    return Actor(
        user=known,
        name=known.email if known else "",
        address=_address(request),
        session_key=request.session.session_key if hasattr(request, "session") else None,
    )


def _unwrapped(user: object) -> User | None:
    """Return the account behind Django's lazy `request.user`, or None for the anonymous one."""
    if getattr(user, "is_authenticated", False) and (pk := getattr(user, "pk", None)) is not None:
        return User.objects.filter(pk=pk).first()
    return None


def _address(request: HttpRequest) -> str | None:
    try:
        address: str = get_adapter(request).get_client_ip(request)
        validate_ipv46_address(address)
    except (PermissionDenied, ValidationError, ValueError):
        return None
    return address
