"""Write a year of a small team's conversations into the database of `DATABASE_URL`, and make its first person staff.

python -m scripts.pictures.record
"""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import django

PEOPLE = ("anna", "boris", "clara", "dmitri", "elena", "fyodor")
MODELS = {"scripted/echo-1": Decimal("0.012"), "scripted/echo-2": Decimal("0.055")}
# How answers end, and how often: status, finish reason, error code, share.
ENDS = (
    ("completed", "stop", "", 88),
    ("completed", "length", "", 3),
    ("cancelled", "", "", 5),
    ("failed", "", "provider_timeout", 2),
    ("failed", "", "provider_rate_limited", 1),
    ("interrupted", "", "", 1),
)
WORDS = {
    "provider_timeout": "no word for 30 s",
    "provider_rate_limited": '{"error": {"message": "Too many requests", "code": 429}}',
}
COMMENTS = {
    "incorrect": "The second step does not work with our version.",
    "incomplete": "It stops before the part that I asked for.",
    "style": "Far too formal for this landlord.",
}
REASONS = tuple(COMMENTS)
TOPICS = (
    ("A letter to the landlord", "Write to my landlord that the heating is **broken** again."),
    ("Release notes for 2.4", "Turn this list of commits into release notes."),
    ("Plan for the quarter", "What should a plan for the quarter of five people contain?"),
    ("SQL for the monthly report", "Sum the orders by month and region in PostgreSQL."),
    ("Translate a contract", "Translate this clause into Russian, and keep the numbering."),
    ("A regular expression for dates", "A regular expression for dates like 2026-11-22?"),
)
ANSWER = """Here is a first version:

1. What has happened, with the **dates**.
2. What you ask for, and by when.

```python
from datetime import date
```
"""
CONVERSATIONS = 900
DAYS = 360


def main() -> None:
    """Write all of it, by a fixed seed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evochat.settings")
    django.setup()
    from django.utils import timezone

    from chat.models import User

    first = User.objects.earliest("pk")
    User.objects.filter(pk=first.pk).update(is_staff=True, is_superuser=True)
    chance = random.Random(7)
    people = [User.objects.create_user(name).pk for name in PEOPLE]
    now = timezone.now()
    for _ in range(CONVERSATIONS):
        # More of late than a year ago.
        ago = timedelta(days=DAYS * chance.random() ** 1.7, minutes=chance.randrange(600))
        _write(chance, chance.choice(people), now - ago)


def _write(chance: random.Random, owner: int, moment: datetime) -> None:
    from chat.models import Conversation, Message

    title, asked = chance.choice(TOPICS)
    conversation = Conversation.objects.create(
        owner_id=owner,
        title=title,
        model="scripted/echo-1",
        revision=2,
        created_at=moment,
        updated_at=moment,
    )
    prompt = Message(
        conversation=conversation, role="user", content=asked, revision=1, created_at=moment
    )
    answer = Message(
        conversation=conversation,
        parent=prompt,
        role="assistant",
        content=ANSWER,
        revision=2,
        created_at=moment + timedelta(milliseconds=1),
    )
    Message.objects.bulk_create([prompt, answer])
    Conversation.objects.filter(pk=conversation.pk).update(head=answer)
    generation = _generation(chance, answer, owner, moment)
    generation.save(force_insert=True)
    _judge(chance, answer, generation)


def _judge(chance: random.Random, answer: Any, generation: Any) -> None:
    from chat.models import Cause, Rating, Status
    from chat.reviews.causes import note_rating, queue

    at = generation.ended_at
    if generation.status == Status.FAILED:
        queue(answer, Cause.FAILED, at, code=generation.code)
    elif generation.status == Status.COMPLETED and chance.random() < 0.12:
        is_up = chance.random() < 0.7
        value, reason = ("up", "helpful") if is_up else ("down", chance.choice(REASONS))
        comment = "" if is_up else COMMENTS[reason]
        rating = Rating(message=answer, user_id=generation.owner_id, value=value, reason=reason)
        rating.comment, rating.created_at, rating.updated_at = comment, at, at
        rating.save()
        note_rating(answer, "", rating)


def _generation(chance: random.Random, answer: Any, owner: int, moment: datetime) -> Any:
    from chat.models import Generation

    (ending,) = chance.choices(ENDS, [share for *_, share in ENDS])
    status, finish, code, _share = ending
    model = chance.choices(list(MODELS), [3, 1])[0]
    written, first, speed = (
        chance.randrange(80, 900),
        chance.randrange(180, 900),
        chance.gauss(70, 9),
    )
    total = first + round(1000 * written / speed)
    return Generation(
        owner_id=owner,
        conversation_id=answer.conversation_id,
        message=answer,
        model=model,
        status=status,
        finish_reason=finish,
        code=code,
        detail=WORDS.get(code, ""),
        retryable=bool(code),
        seq=1,
        content_chars=len(answer.content),
        chars=len(answer.content),
        input_tokens=chance.randrange(30, 2000),
        output_tokens=written,
        cost=MODELS[model] * written / 100,
        queue_ms=chance.randrange(2, 60),
        ttft_ms=first,
        content_ms=first,
        total_ms=total,
        created_at=moment,
        started_at=moment,
        ended_at=moment + timedelta(milliseconds=total),
    )


if __name__ == "__main__":
    main()
