"""The cast: alice owns, bob edits, carol comments, vera views, mallory is a stranger."""

from collections.abc import Callable, Iterator

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from rooms.models import Document, Room, User
from tests.harness.people import Cast

# What a browser prefers when it follows a link or sends a form.
BROWSER_ACCEPTS = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

Pages = Callable[[User | None], Client]


@pytest.fixture(autouse=True)
def no_tries_counted() -> Iterator[None]:
    """allauth counts tries in the cache; one test's must not slow down the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def everybody(cast: Cast) -> Cast:
    """The cast, with the confirmed addresses that signing up would have left."""
    for user in User.objects.all():
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return cast


@pytest.fixture
def alice(everybody: Cast) -> User:
    return everybody.alice


@pytest.fixture
def bob(everybody: Cast) -> User:
    return everybody.bob


@pytest.fixture
def vera(everybody: Cast) -> User:
    return everybody.vera


@pytest.fixture
def mallory(everybody: Cast) -> User:
    return everybody.mallory


@pytest.fixture
def room(everybody: Cast) -> Room:
    return everybody.room


@pytest.fixture
def document(everybody: Cast) -> Document:
    return everybody.document


@pytest.fixture
def as_() -> Pages:
    """`as_(alice)` is a browser in which alice is signed in; `as_(None)` one in which nobody is."""

    def browser(user: User | None) -> Client:
        client = Client(headers={"accept": BROWSER_ACCEPTS})
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser
