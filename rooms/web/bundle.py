"""Template tags about the browser bundle: `{% load bundle %}` (named in the settings)."""

import json
from functools import cache

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

MANIFEST = settings.BASE_DIR / "static" / "dist" / "manifest.json"


@register.simple_tag
def bundle_preloads(entry: str) -> SafeString:
    """Links that let a browser fetch at once what `entry` would ask for only when it runs."""
    return format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((f"{static('dist/')}{name}",) for name in chunks(entry))
    )


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
