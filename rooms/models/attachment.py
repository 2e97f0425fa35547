"""A file that belongs to a document: a picture in its text, or something to download."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import post_delete

from rooms.models.document import Document
from rooms.models.keys import new_key


class OwnedFileField(models.FileField):
    """A stored file that goes with its row, whatever deletes that: a page, the admin, a cascade."""

    def contribute_to_class(self, cls: type[models.Model], name: str, *args: Any, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, *args, **kwargs)
        if not cls._meta.abstract:
            post_delete.connect(self._forget, sender=cls)

    def _forget(self, instance: models.Model, using: str, **kwargs: Any) -> None:
        """Django's storage knows no transactions: the file goes once the row is gone for certain."""
        file = getattr(instance, self.attname)
        # Robust: a file that cannot be removed is a line in the log, and the row is gone already.
        transaction.on_commit(lambda: file.storage.delete(file.name), using=using, robust=True)


def place_of(attachment: "Attachment", filename: str) -> str:
    """Where a file is stored. Nothing in it was chosen by a person, so nothing in it can be a trick."""
    return f"{attachment.document.key[:2]}/{attachment.document.key}/{attachment.key}"


class Attachment(models.Model):
    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="attachments")
    file = OwnedFileField(upload_to=place_of, max_length=200, editable=False)
    name = models.CharField(max_length=255, help_text="As the person who added it calls it.")
    content_type = models.CharField(max_length=100, help_text="By what is in it, one of `core.pictures.KINDS`.")
    size = models.PositiveBigIntegerField(help_text="In bytes.")
    width = models.PositiveIntegerField(null=True, help_text="In pixels; null: no picture that a browser shows.")
    height = models.PositiveIntegerField(null=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    unused_since = models.DateTimeField(
        null=True, editable=False, help_text="When `manage.py unused_files` first found no document that mentions it."
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="attachment_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(width=None, height=None) | models.Q(width__gt=0, height__gt=0),
                name="attachment_has_both_sides_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_type} in {self.document_id}"

    @property
    def is_image(self) -> bool:
        return self.width is not None
