"""The update log: the truth about what is in a document (DESIGN invariant 2).

`seq` counts the batches of one document without holes and in the order of commit, because it is taken
under the lock of the document's row. A database-wide serial would not do: on PostgreSQL two
transactions can commit in the other order than they drew their numbers.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from rooms.models.document import Document


class Update(models.Model):
    """What one person wrote into one document in one commit."""

    # No index of its own for either: every edit would pay for it. The constraint's begins with the document, and only
    # deleting a person asks for all that they wrote.
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="updates", db_index=False)
    seq = models.PositiveBigIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    payload = models.BinaryField(
        null=True, help_text="A Yjs update (v1). Null once a snapshot holds it: author and time stay for history."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "seq"], name="update_seq_once_a_document"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}#{self.seq}"


class Writer(models.Model):
    """Whose a Yjs client id is in one document: the person's who first wrote under it (trap Y5).

    One row for each page that ever wrote, in the commit of its first words. A client id that the document has and that
    has no row, or one without a person, is nobody's any more: nobody can go on under it.
    """

    # The key is the only index, as with updates: it begins with the document, and only deleting a person asks for all
    # of theirs.
    pk = models.CompositePrimaryKey("document_id", "client_id")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="writers", db_index=False)
    client_id = models.BigIntegerField(help_text="At most 53 bits.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    def __str__(self) -> str:
        return f"{self.document_id}:{self.client_id}"


class Snapshot(models.Model):
    """The whole document up to `seq`, encoded by a Doc that was fed in the order of the log."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="snapshots", db_index=False)
    epoch = models.PositiveIntegerField()
    seq = models.PositiveBigIntegerField()
    payload = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    # The database knows the default as well: while instances are replaced, old ones take snapshots without it.
    proof = models.CharField(
        max_length=32,
        default="",
        db_default="",
        editable=False,
        help_text="`core.loading.proof_of` the payload, once it was loaded. Empty: it was not.",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "seq"], name="snapshot_seq_once_a_document"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}@{self.seq}"
