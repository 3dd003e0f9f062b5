"""Write conversations worth a picture into the database of `DATABASE_URL`, and print the id of the one to open.

python -m scripts.pictures.conversations ru
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

import django

QUICKSORT = """```python
def quicksort(items: list[int]) -> list[int]:
    if len(items) < 2:
        return items
    pivot, *rest = items
    smaller = [item for item in rest if item < pivot]
    larger = [item for item in rest if item >= pivot]
    return [*quicksort(smaller), pivot, *quicksort(larger)]
```
"""
SORTING = f"""Quicksort picks a **pivot**, puts what is smaller to its left and what is larger to its right, and does the same with both halves.

{QUICKSORT}
| case | comparisons | when |
|------|------------:|------|
| best | $n \\log_2 n$ | the pivot halves the list |
| worst | $n^2 / 2$ | the list is sorted already |

So take the pivot **at random**: then no order is bad for it.
"""
SORTING_RU = f"""Быстрая сортировка выбирает **опорный элемент**, собирает меньшие слева от него, большие справа, и делает то же с обеими частями.

{QUICKSORT}
| случай | сравнений | когда |
|--------|----------:|-------|
| лучший | $n \\log_2 n$ | опорный элемент делит список пополам |
| худший | $n^2 / 2$ | список уже отсортирован |

Поэтому опорный элемент берут **наугад**: тогда плохого порядка не бывает.
"""


@dataclass(frozen=True)
class Story:
    """A conversation: its title, when it was, and what was said."""

    title: str
    days_ago: float
    prompt: str = ""
    answer: str = ""
    pinned: bool = False
    tags: tuple[str, ...] = ()


STORIES = {
    "en": [
        Story("Quicksort in Python", 0, "How does quicksort work? Show it in Python.", SORTING),
        Story("Release notes for 2.4", 3, pinned=True, tags=("work",)),
        Story("Regular expression for dates", 0.02),
        Story("A letter to the landlord", 1, tags=("home",)),
        Story("PostgreSQL or SQLite", 4, tags=("work",)),
        Story("Plan for the quarter", 6, tags=("work",)),
        Story("Recipes with chickpeas", 12, tags=("home",)),
        Story("What is a monad?", 20),
    ],
    "ru": [
        Story(
            "Быстрая сортировка на Python",
            0,
            "Как работает быстрая сортировка? Покажи на Python.",
            SORTING_RU,
        ),
        Story("Список изменений версии 2.4", 3, pinned=True, tags=("работа",)),
        Story("Регулярное выражение для дат", 0.02),
        Story("Письмо арендодателю", 1, tags=("дом",)),
        Story("PostgreSQL или SQLite", 4, tags=("работа",)),
        Story("План на квартал", 6, tags=("работа",)),
        Story("Рецепты с нутом", 12, tags=("дом",)),
        Story("Что такое монада?", 20),
    ],
}


def main(language: str) -> None:
    """Give them to the first of the people."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evochat.settings")
    django.setup()
    from django.utils import timezone

    from chat.models import User

    owner = User.objects.order_by("pk")[0].pk
    now = timezone.now()
    written = [_write(owner, story, now) for story in STORIES[language]]
    print(written[0])


def _write(owner: int, story: Story, now: datetime) -> str:
    from chat.models import Conversation, Generation, Message

    moment = now - timedelta(days=story.days_ago)
    conversation = Conversation.objects.create(
        owner_id=owner,
        title=story.title,
        pinned=story.pinned,
        tags=[*story.tags],
        revision=2,
        created_at=moment,
        updated_at=moment,
    )
    prompt = Message(
        conversation=conversation, role="user", content=story.prompt or story.title, revision=1
    )
    answer = Message(
        conversation=conversation,
        parent=prompt,
        role="assistant",
        content=story.answer or story.title,
        revision=2,
        created_at=prompt.created_at + timedelta(milliseconds=1),
    )
    Message.objects.bulk_create([prompt, answer])
    Conversation.objects.filter(pk=conversation.pk).update(head=answer)
    Generation.objects.create(
        owner_id=owner,
        conversation=conversation,
        message=answer,
        model="scripted/echo-1",
        content_chars=len(answer.content),
        status="completed",
        finish_reason="stop",
        seq=1,
        input_tokens=24,
        output_tokens=287,
        ttft_ms=310,
        total_ms=4100,
        content_ms=3790,
        ended_at=moment,
    )
    return str(conversation.pk)


if __name__ == "__main__":
    main(sys.argv[1])
