"""Name a new conversation after its first exchange, by a short call on the same model."""

from __future__ import annotations

import re
from uuid import UUID

from django.db import transaction

from chat.conversations.shapes import updated_envelope
from chat.envelope import Envelope
from chat.evolution import ChatRequest
from chat.models import Conversation, TitleSource

TITLE_CHARS = 60
EXCERPT_CHARS = 1500
TITLE_TOKENS = 64
TITLE_TIMEOUT_S = 20.0
INSTRUCTION = (
    "Write a title for the conversation that follows: at most six words, in the language of the "
    "conversation, without quotation marks and without a full stop. Answer with the title alone."
)


def title_request(model: str, prompt: str, answer: str) -> ChatRequest:
    excerpt = f"User: {prompt[:EXCERPT_CHARS]}\n\nAssistant: {answer[:EXCERPT_CHARS]}"
    messages = [
        {"role": "system", "content": INSTRUCTION},
        {"role": "user", "content": excerpt},
    ]
    return ChatRequest(model=model, messages=messages, temperature=0.2, max_tokens=TITLE_TOKENS)


def clean_title(said: str) -> str:
    """Return what a model said as a title; empty when it is none."""
    lines = [line for line in said.strip().splitlines() if line.strip()]
    if not lines:
        return ""
    title = re.sub(r"^(title|название|заголовок)\s*:\s*", "", lines[0].strip(), flags=re.IGNORECASE)
    title = " ".join(title.strip("\"'«»“”*#_` ").rstrip(".").split())
    return title if len(title) <= TITLE_CHARS else ""


def give_title(conversation_id: UUID, title: str) -> Envelope | None:
    """Store a model's title where still nobody has chosen one; return what to publish."""
    with transaction.atomic():
        unnamed = Conversation.objects.filter(
            title_source=TitleSource.PROMPT, deleted_at__isnull=True
        )
        try:
            conversation = unnamed.locked(conversation_id)
        except Conversation.DoesNotExist:
            return None
        conversation.manage(title=title, title_source=TitleSource.MODEL)
    return updated_envelope(conversation)
