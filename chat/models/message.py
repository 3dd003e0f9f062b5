from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.keys import as_param


class Role(models.TextChoices):
    USER = "user", _("User")
    ASSISTANT = "assistant", _("Assistant")


# Walks from a message up to its root, nearest first.
_BRANCH_SQL = """
WITH RECURSIVE branch(id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, branch.depth + 1
    FROM chat_message m JOIN branch ON m.id = branch.parent_id
    WHERE branch.depth + 1 < %s
)
SELECT m.* FROM branch JOIN chat_message m ON m.id = branch.id ORDER BY branch.depth DESC
"""
_BRANCH_IDS_SQL = """
WITH RECURSIVE branch(id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, branch.depth + 1
    FROM chat_message m JOIN branch ON m.id = branch.parent_id
)
SELECT id FROM branch ORDER BY depth DESC
"""
# Walks down from a message to the ends of all branches below it.
_NEWEST_LEAF_SQL = """
WITH RECURSIVE below(id) AS (
    SELECT id FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id FROM chat_message m JOIN below ON m.parent_id = below.id
)
SELECT m.id FROM below JOIN chat_message m ON m.id = below.id
WHERE NOT EXISTS (SELECT 1 FROM chat_message child WHERE child.parent_id = m.id)
ORDER BY m.created_at DESC, m.id DESC LIMIT 1
"""
WHOLE_BRANCH = 1_000_000


class MessageQuerySet(models.QuerySet["Message"]):
    def branch(self, leaf: uuid.UUID | None, limit: int = WHOLE_BRANCH) -> list[Message]:
        """Return the last `limit` messages of the branch that ends in `leaf`, oldest first."""
        if leaf is None:
            return []
        return list(self.raw(_BRANCH_SQL, [as_param(leaf), limit]))

    def branch_ids(self, leaf: uuid.UUID | None) -> list[uuid.UUID]:
        """Return the ids of the whole branch that ends in `leaf`, oldest first, without its texts."""
        if leaf is None:
            return []
        return [message.pk for message in self.raw(_BRANCH_IDS_SQL, [as_param(leaf)])]

    def newest_leaf(self, message_id: uuid.UUID) -> uuid.UUID:
        """Return the end of the branch through a message that was written last."""
        (leaf,) = self.raw(_NEWEST_LEAF_SQL, [as_param(message_id)])
        return leaf.pk

    def sibling_ids(self, messages: Iterable[Message]) -> dict[uuid.UUID | None, list[uuid.UUID]]:
        """Map each parent of `messages` to its children, in the order they were made."""
        messages = list(messages)
        parents = {m.parent_id for m in messages if m.parent_id}
        conversations = {m.conversation_id for m in messages if m.parent_id is None}
        rows = (
            self.filter(
                Q(parent__in=parents) | Q(parent__isnull=True, conversation__in=conversations)
            )
            .order_by("created_at", "id")
            .values_list("parent_id", "id")
        )
        children: dict[uuid.UUID | None, list[uuid.UUID]] = {}
        for parent, child in rows:
            children.setdefault(parent, []).append(child)
        return children


class Message(models.Model):
    """One turn of a conversation. An answer's `content` holds what its ended generations wrote."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        "chat.Conversation",
        on_delete=models.CASCADE,
        related_name="messages",
        verbose_name=_("conversation"),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    content = models.TextField(_("content"), blank=True)
    reasoning = models.TextField(_("reasoning"), blank=True)
    revision = models.BigIntegerField(_("revision"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["conversation", "revision"], name="message_changed_since"),
            models.Index(fields=["-created_at", "-id"], name="message_newest"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="message_role_known"),
            models.CheckConstraint(
                condition=Q(role=Role.USER) | Q(parent__isnull=False),
                name="message_answer_has_parent",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.ASSISTANT) | ~Q(content=""), name="message_prompt_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.content[:60]}"
