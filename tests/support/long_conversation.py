"""A conversation of many messages, written into a database at once: no provider would be that quick."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

ANSWER = """## Answer {number}

Some **words** of it, with `code` and a [link](https://example.org/{number}), and then some more of them so that the
paragraph has a few lines on a screen of any size.

- first of {number}
- second, with *emphasis*
  1. nested

| column | value |
|--------|------:|
| number | {number} |

The end of answer {number}.
"""
FINISHED = {
    "status": "completed",
    "finish_reason": "stop",
    "seq": 1,
    "ttft_ms": 200,
    "total_ms": 3000,
}


def write(owner: int, messages: int, alias: str = "default") -> UUID:
    """Write a conversation of `messages` prompts and answers in turn; return its id."""
    from chat.models import Conversation, Generation, Message

    now = timezone.now()
    conversation = Conversation(owner_id=owner, title="A long one", revision=messages + 1)
    written: list[Message] = []
    for number in range(messages):
        is_answer = number % 2 == 1
        written.append(
            Message(
                conversation=conversation,
                parent=written[-1] if written else None,
                role="assistant" if is_answer else "user",
                content=ANSWER.format(number=number) if is_answer else f"Prompt {number}",
                revision=number + 1,
                created_at=now + timedelta(milliseconds=number),
            )
        )
    conversation.save(using=alias)
    Message.objects.using(alias).bulk_create(written)
    Conversation.objects.using(alias).filter(pk=conversation.pk).update(head=written[-1])
    generations = [
        Generation(
            owner_id=owner,
            conversation=conversation,
            message=message,
            model="scripted/echo-1",
            content_chars=len(message.content),
            ended_at=now,
            **FINISHED,
        )
        for message in written[1::2]
    ]
    Generation.objects.using(alias).bulk_create(generations)
    return conversation.pk
