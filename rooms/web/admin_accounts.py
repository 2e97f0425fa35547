"""What allauth shows staff of accounts, without the secrets in it.

Its own pages show the key of a session, with which whoever reads it is that person, and the seed of a second factor.
Staff may see that these are there and end them; providers and their secrets are settings.
"""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

for model in (Authenticator, SocialApp, SocialToken, UserSession):
    admin.site.unregister(model)


class EndOnly:
    """Seen and deleted, and neither made nor changed."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(UserSession)
class UserSessionAdmin(EndOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    fields = list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    list_select_related = ("user",)
    search_fields = ("user__email", "ip")


@admin.register(Authenticator)
class AuthenticatorAdmin(EndOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    fields = list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    list_filter = ("type",)
    search_fields = ("user__email",)
