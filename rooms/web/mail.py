"""What we mail."""

from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from rooms.core.access import Role
from rooms.models import Invitation
from rooms.web import languages
from rooms.web.words import AS_ROLE


def send_invitation(request: HttpRequest, invitation: Invitation, token: str) -> None:
    """Mail an invitation, in the language of the account that has the address, else in that of the page.

    Raises OSError when the mail server does not take it.
    """
    context = {
        "invitation": invitation,
        "as_role": AS_ROLE[Role(invitation.role)],
        "address": request.build_absolute_uri(reverse("rooms:invitation", args=[token])),
        "site": request.build_absolute_uri("/").rstrip("/"),
    }
    with translation.override(languages.of_address(invitation.email) or translation.get_language()):
        subject = " ".join(render_to_string("rooms/mail/invitation_subject.txt", context).split())
        body = render_to_string("rooms/mail/invitation_message.txt", context).strip()
    send_mail(subject, body, None, [invitation.email])
