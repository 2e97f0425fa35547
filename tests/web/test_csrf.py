"""No other site's page makes this one's do anything: every address, asked as a form of another site would."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.harness.people import Cast, sign_in
from tests.web.addresses import Address, Estate, changed, estate, rows
from tests.web.test_every_address import ADDRESSES

FORM = {"role": "viewer", "title": "Mine now", "name": "Mine now", "email": "x@example.com", "language": "de"}
OUTSIDE_ADMIN = [one for one in ADDRESSES if not one.route.startswith("admin/") and one.name[-1] != "/"]


def patterns(resolver: URLResolver) -> list[URLPattern]:
    found: list[URLPattern] = []
    for one in resolver.url_patterns:
        found += patterns(one) if isinstance(one, URLResolver) else [one]
    return found


def test_no_view_is_exempt() -> None:
    every = patterns(get_resolver())
    assert len(every) > 100
    assert [one.name for one in every if getattr(one.callback, "csrf_exempt", False)] == []


def test_a_form_without_a_token_of_ours_is_refused_everywhere(cast: Cast) -> None:
    hers = estate(owner=cast.alice, member=cast.bob, name="Hers")
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = sign_in(cast.alice)
    before = rows()
    found = {address.name: posted(client, hers, address) for address in OUTSIDE_ADMIN}
    assert {name: statuses for name, statuses in found.items() if statuses != [403] * 5} == {}
    assert changed(before) == set()


def posted(client: Client, hers: Estate, address: Address) -> list[int]:
    """Return how an address answers to what a page of another site can send."""
    account = {"key": "guessed"} if address.name.startswith("account_") else {}
    url = hers.fill(address, **account)
    client.cookies.pop("csrftoken", None)
    answers = [
        client.post(url, FORM),
        client.post(url, "{}", content_type="application/json"),
        client.post(url, "{}", content_type="text/plain"),
    ]
    client.cookies["csrftoken"] = "a" * 32  # which a page on a subdomain could plant, but not send as a header
    answers += [client.post(url, FORM), client.post(url, {**FORM, "csrfmiddlewaretoken": "b" * 32})]
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example", "http://evil"])
def test_a_token_does_not_help_a_page_of_another_origin(cast: Cast, origin: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = sign_in(cast.alice)
    client.cookies["csrftoken"] = "a" * 32
    url = f"/d/{cast.document.key}/rename"
    form = {"title": "Mine now", "csrfmiddlewaretoken": "a" * 32}
    before = rows()
    assert client.post(url, form, headers={"origin": origin}).status_code == 403
    assert client.post(url, form, headers={"referer": f"{origin}/"}, secure=True).status_code == 403
    assert changed(before) == set()
    assert client.post(url, form, headers={"origin": "http://testserver"}).json() == {"title": "Mine now"}
