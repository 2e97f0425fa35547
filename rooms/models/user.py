"""A person. The email is the sign-in name; what others see is `name`."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from rooms.core.palette import color
from rooms.models.keys import new_key
from rooms.models.saving import AtomicSave


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person. Raises ValueError without an email."""
        if not email:
            raise ValueError("a person needs an email address")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AtomicSave, AbstractBaseUser, PermissionsMixin):
    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    email = models.EmailField("email address", unique=True)
    name = models.CharField("name", max_length=80, blank=True, help_text="What others see.")
    # One of the settings' LANGUAGES; empty: what the browser asks for.
    language = models.CharField("language", max_length=16, blank=True, default="", db_default="")
    is_staff = models.BooleanField("staff", default=False)
    is_active = models.BooleanField("active", default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_once_whatever_case"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    @property
    def color(self) -> str:
        """The colour of this person's caret and avatar, `#rrggbb`."""
        return color(self.pk)
