"""What browsers are given to run: template tags (`{% load bundle %}`, named in the settings) and the service worker."""

import json
from functools import cache

from django import template
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.html import format_html_join, json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from rooms.web import languages

register = template.Library()

MANIFEST = settings.BASE_DIR / "static" / "dist" / "manifest.json"


@register.simple_tag
def bundle_preloads(entry: str) -> SafeString:
    """Links that let a browser fetch at once what `entry` would ask for only when it runs."""
    return format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((f"{static('dist/')}{name}",) for name in chunks(entry))
    )


@register.simple_tag
def bundle_words() -> SafeString:
    """The bundle's words in the language of the page, for static/src/page/words.ts; nothing for English."""
    words = languages.words(get_language() or "en")
    return json_script(words, "collab-words") if words else SafeString()


@cache
def chunks(entry: str) -> tuple[str, ...]:
    """The files that `entry` loads first of all, with what they need, by Vite's manifest; nothing without a build."""
    if not MANIFEST.exists():
        return ()
    manifest = json.loads(MANIFEST.read_text())
    found: dict[str, None] = {}
    waiting = list(manifest[entry].get("dynamicImports", ()))
    while waiting:
        chunk = manifest[waiting.pop(0)]
        if chunk["file"] not in found:
            found[chunk["file"]] = None
            waiting += chunk.get("imports", ())
    return tuple(found)


@require_safe
def offline_worker(request: HttpRequest) -> HttpResponse:
    """The service worker of document pages: browsers let it see only what lies below its own address."""
    script = (settings.BASE_DIR / "static" / "js" / "offline.js").read_bytes()
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})
