"""Template tags about people: `{% load people %}` (named in the settings)."""

from django import template
from django.utils.translation import gettext as _

from rooms.core.access import Role
from rooms.models import User
from rooms.web.words import AS_ROLE, ROLE_NAMES

register = template.Library()

# The first that occurs counts: Edge and Opera call themselves Chrome as well, and Chrome calls itself Safari.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.inclusion_tag("_avatar.html")
def avatar(person: User, size: str = "") -> dict[str, str]:
    """A person's initials on their colour; an SVG attribute, because the policy forbids style attributes."""
    return {"initials": initials(person.display_name), "color": person.color, "size": size}


def initials(name: str) -> str:
    """Return one or two letters for `name`: the first of its first and last word."""
    words = name.split()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


@register.filter
def browser(user_agent: str) -> str:
    """Return "Firefox on Windows" for what a browser says of itself; its own words when nothing is recognised."""
    name = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if name and system:
        return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or system or user_agent or _("Unknown browser")


@register.filter
def role_name(role: str) -> str:
    """Return "Owner" for "owner"."""
    return str(ROLE_NAMES[Role(role)])


@register.filter
def as_role(role: str) -> str:
    """Return "an owner" for "owner"."""
    return str(AS_ROLE[Role(role)])
