"""Which language somebody reads, on pages and in mail, and its words for the bundle."""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import trans_real
from django.views.i18n import JavaScriptCatalog

from rooms.models import User

# The form of a plural follows from the number itself or from its last two digits, in every language of gettext's
# manual but for whole millions.
_PLURAL_NUMBERS = 200


def chosen_by(user: User | AnonymousUser) -> str:
    """Return the language that somebody chose in their profile; "" for none, or one that is no longer here."""
    language = user.language if isinstance(user, User) else ""
    return language if language in dict(settings.LANGUAGES) else ""


def of_address(email: str) -> str | None:
    """Return the language of the account with that address; None without one, or where it chose none."""
    user = User.objects.filter(email__iexact=email).first()
    return (chosen_by(user) or None) if user else None


@cache
def words(language: str) -> dict[str, Any] | None:
    """Return the bundle's words in `language` for static/src/page/words.ts, None where the source's English is used.

    `words` has a text for each text, and a list for each that depends on a number. `plural` says at the place of the
    number which of the list fits; of 200 and more, the last two digits count.
    """
    found = trans_real.DjangoTranslation(language, domain="djangojs", localedirs=list(map(str, settings.LOCALE_PATHS)))
    view = JavaScriptCatalog()
    view.translation = found
    catalog = view.get_catalog()
    if not catalog:
        return None
    return {"words": catalog, "plural": "".join(str(found.plural(number)) for number in range(_PLURAL_NUMBERS))}
