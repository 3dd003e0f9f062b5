from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SearchEntry(models.Model):
    """A text that can be found: a message's, or with no message the conversation's title.

    Written by the triggers of chat/search/index.py alone. On PostgreSQL it also has a `vector`.
    """

    conversation = models.ForeignKey(
        "chat.Conversation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    message = models.OneToOneField(
        "chat.Message", on_delete=models.CASCADE, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(message__isnull=True),
                name="search_one_title",
            )
        ]
        indexes = [models.Index(fields=["conversation"], name="search_of_conversation")]

    def __str__(self) -> str:
        return f"message {self.message_id}" if self.message_id else f"title {self.conversation_id}"
