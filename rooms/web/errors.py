"""Error pages that look like the rest."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Somebody signed in at the address of a document may ask for access, whether there is such a document or not."""
    match = request.resolver_match
    asks = match is not None and match.view_name == "rooms:document" and request.user.is_authenticated
    return render(request, "404.html", {"document_key": match.kwargs["key"] if match and asks else None}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def too_often(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "429.html", status=429)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    # Without the request: whatever broke (database, session) must not break this page as well.
    return HttpResponse(render_to_string("500.html"), status=500)
