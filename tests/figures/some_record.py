"""Generations as the record may have them: whatever may be NULL is, here and there."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from chat.models import Conversation, Generation, Message, Role, Runner, Status, User

MODELS = ("a/first", "b/second", "модель")
CODES = ("provider_error", "timeout", "internal")


def people(count: int = 4) -> list[User]:
    return [User.objects.create(username=f"user{number}") for number in range(count)]


def some_generations(
    seed: int, owners: Sequence[User], moments: Sequence[datetime]
) -> list[Generation]:
    """Store one generation for each moment; which and whose is by chance, the same for the same seed."""
    chance = random.Random(seed)
    runner = Runner.objects.create(pk=uuid4(), name="r:1", lease_expires_at=datetime.now(UTC))
    made = [_generation(chance, chance.choice(owners), runner, moment) for moment in moments]
    Conversation.objects.bulk_create(one.conversation for one in made)
    prompts = [one.message.parent for one in made if one.message.parent]
    Message.objects.bulk_create(prompts)
    Message.objects.bulk_create(one.message for one in made)
    Generation.objects.bulk_create(made)
    return made


def _generation(chance: random.Random, owner: User, runner: Runner, moment: datetime) -> Generation:
    conversation = Conversation(owner=owner, title="About tides")
    common = {"conversation": conversation, "revision": 1}
    prompt = Message(role=Role.USER, content="?", **common)
    answer = Message(role=Role.ASSISTANT, parent=prompt, **common)
    return Generation(
        conversation=conversation,
        message=answer,
        owner=owner,
        created_at=moment,
        model=chance.choice(MODELS),
        **_outcome(chance, runner, moment),
    )


def _outcome(chance: random.Random, runner: Runner, moment: datetime) -> dict[str, Any]:
    status = chance.choice(list(Status))
    if status == Status.QUEUED:
        return {"status": status}
    if status == Status.IN_PROGRESS:
        return {"status": status, "runner": runner, "started_at": moment}
    return {
        "status": status,
        "seq": 1,
        "ended_at": moment + timedelta(minutes=chance.randint(0, 600)),
        "code": chance.choice(CODES) if status == Status.FAILED else "",
        "input_tokens": _some(chance, chance.choice((0, chance.randint(1, 30_000)))),
        "output_tokens": _some(chance, chance.choice((0, 1, 2, chance.randint(3, 4_000)))),
        "usage_estimated": chance.random() < 0.2,
        "cost": _some(chance, Decimal(chance.randint(0, 10**9)).scaleb(-6)),
        "queue_ms": _some(chance, chance.choice((0, chance.randint(1, 60_000)))),
        "ttft_ms": _some(chance, ttft := chance.randint(0, 5_000)),
        # Now and then it ends with its first word, or before.
        "total_ms": _some(chance, max(0, ttft + chance.choice((-1, 0, chance.randint(1, 9_000))))),
    }


def _some(chance: random.Random, value: Any) -> Any:
    return value if chance.random() < 0.85 else None
