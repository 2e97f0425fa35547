"""Documents that cannot be opened, because loading what is stored of them fails."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from rooms.models.document import Document


class Quarantine(models.Model):
    """While this row is there nobody opens the document. Nothing of the document itself is changed by it."""

    class Code(models.TextChoices):
        """How loading it failed. Stable: it is in the log."""

        MALFORMED = "malformed", "bytes that are no document"
        CRASHED = "crashed", "it ends the process that loads it"
        TIMED_OUT = "timed_out", "it takes too long"
        MEMORY = "memory", "it takes too much memory"

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="quarantine")
    at = models.DateTimeField(default=timezone.now)
    code = models.CharField(max_length=16, choices=Code.choices)
    details = models.CharField(max_length=120, blank=True, help_text="Without anything of the content.")
    instance = models.CharField(max_length=64, help_text="The process that found it.")
    epoch = models.PositiveIntegerField()
    seq = models.PositiveBigIntegerField(help_text="The newest batch that was to be loaded.")

    class Meta:
        verbose_name = "quarantined document"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(code__in=["malformed", "crashed", "timed_out", "memory"]),
                name="quarantine_code_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}: {self.code}"
