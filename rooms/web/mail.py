"""What we mail."""

from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from rooms.models import Invitation


def send_invitation(request: HttpRequest, invitation: Invitation, token: str) -> None:
    """Mail an invitation. Raises OSError when the mail server does not take it."""
    context = {
        "invitation": invitation,
        "address": request.build_absolute_uri(reverse("rooms:invitation", args=[token])),
        "site": request.build_absolute_uri("/").rstrip("/"),
    }
    subject = " ".join(render_to_string("rooms/mail/invitation_subject.txt", context).split())
    send_mail(subject, render_to_string("rooms/mail/invitation_message.txt", context).strip(), None, [invitation.email])
