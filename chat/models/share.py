from __future__ import annotations

import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

_SALT = "chat.models.share"
_ID_BYTES = 16


class ShareQuerySet(models.QuerySet["Share"]):
    def readable(self) -> ShareQuerySet:
        """Those that still open: not revoked, of a conversation and an owner that are still there."""
        return self.filter(
            revoked_at__isnull=True,
            conversation__deleted_at__isnull=True,
            conversation__owner__is_active=True,
        )


class Share(models.Model):
    """A link by which anyone reads one branch of a conversation: the one open when it was shared.

    The secret of the link is a keyed hash of the id (256 bits) and is stored nowhere: a copy of the
    database opens nothing, and the owner can be shown the same link again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        "chat.Conversation", on_delete=models.CASCADE, related_name="shares"
    )
    head = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")

    def __str__(self) -> str:
        return str(self.id)


def share_token(share_id: uuid.UUID) -> str:
    """Return what a link says: the id and its keyed hash, 64 characters."""
    return urlsafe_b64encode(share_id.bytes + _hash(share_id, settings.SECRET_KEY)).decode()


def share_of_token(token: str) -> uuid.UUID | None:
    """Return the id that a link's token stands for; none if the token is not one of ours."""
    try:
        raw = urlsafe_b64decode(token)
        share_id = uuid.UUID(bytes=raw[:_ID_BYTES])
    except ValueError:
        return None
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    hashes = [_hash(share_id, key) for key in keys]
    is_ours = any(constant_time_compare(raw[_ID_BYTES:], known) for known in hashes)
    return share_id if is_ours else None


def _hash(share_id: uuid.UUID, secret: str | bytes) -> bytes:
    return salted_hmac(_SALT, share_id.bytes, secret=secret, algorithm="sha256").digest()
