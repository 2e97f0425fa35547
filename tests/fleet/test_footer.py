"""Whoever tries a fleet sees on each page which instance made it; elsewhere nobody is told."""

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from tests.harness.people import Cast

pytestmark = pytest.mark.django_db


def page(cast: Cast, name: str) -> str:
    browser = Client()
    addresses = {
        "landing": "/",
        "rooms": "/",
        "document": reverse("rooms:document", args=[cast.document.key]),
        "sign in": reverse("account_login"),
    }
    if name in {"rooms", "document"}:
        browser.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    answer = browser.get(addresses[name])
    assert answer.status_code == 200
    return answer.content.decode()


PAGES = pytest.mark.parametrize("name", ["landing", "rooms", "document", "sign in"])


@PAGES
@override_settings(COLLAB_FLEET=True, COLLAB_INSTANCE="b<")
def test_in_a_fleet_a_page_names_its_instance(cast: Cast, name: str) -> None:
    assert ">Served by b&lt;</footer>" in page(cast, name)


@PAGES
@override_settings(COLLAB_FLEET=False, COLLAB_INSTANCE="b")
def test_a_process_that_works_alone_names_nobody(cast: Cast, name: str) -> None:
    assert "Served by" not in page(cast, name)
