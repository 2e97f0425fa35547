"""Passwords that are cheap to make, and that the real server can check."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """Django's own hasher with one round instead of a million."""

    iterations = 1
