"""Signing up and in: our part of allauth."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import user_signed_up
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.core.exceptions import ImproperlyConfigured
from django.dispatch import receiver
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils import translation

from rooms.models import User
from rooms.services.rooms import welcome
from rooms.web import languages
from rooms.web.forms import NameForm as PersonNameForm


def display_name(user: User) -> str:
    return user.display_name


class NameForm(PersonNameForm):
    """What the sign-up form asks beside email and password."""

    field_order = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth calls this once the account exists; the adapter has saved the name with it already."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name", "")
        saved: User = super().save_user(request, user, form, commit=commit)
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of whoever reads it, where they chose one; else in that of the page that sends it."""
        with translation.override(languages.of_address(email) or translation.get_language()):
            super().send_mail(template_prefix, email, context)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the trusted proxies tell; of the connection, when somebody came past one of them."""
        try:
            address: str = super().get_client_ip(request)
        except ImproperlyConfigured:
            address = request.META.get("REMOTE_ADDR", "")
        return address

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """The page after it deletes what this browser keeps of documents: see static/js/forget.js."""
        return f"{super().get_logout_redirect_url(request)}?signed-out"


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take the name from the provider; allauth would look for a first and a last name field."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        name = data.get("name") or " ".join(part for part in parts if part)
        user.name = name[: User._meta.get_field("name").max_length]
        return user

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        return {**super().get_signup_form_initial_data(sociallogin), "name": sociallogin.user.name}


@receiver(user_signed_up)
def give_first_room(sender: type[User], user: User, **kwargs: Any) -> None:
    """Sign-up by form, passkey and provider all end in this one signal of allauth's."""
    welcome(person=user)
