"""Saving as one transaction with what its signals write."""

from typing import Any

from django.db import models, transaction


class AtomicSave(models.Model):
    """Django sends `post_save` after the row was committed, unless somebody began a transaction around it.

    Here what a receiver writes (rooms/triggers.py) and the change itself stand or fall together.
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
