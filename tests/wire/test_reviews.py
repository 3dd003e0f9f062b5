"""What brings an answer into the queue of reviews, seen from the wire: a failure, a rating down, and nothing else."""

from __future__ import annotations

from uuid import UUID

from chat.models import Cause, Outcome, Review
from tests.support.database import Person
from tests.support.deployment import Deployment
from tests.support.wire import Frame, Wire


async def ended(socket: Wire, prompt: str) -> Frame:
    accepted = await socket.prompt(prompt)
    await socket.until_end(accepted["generation"])
    return accepted


def queue_of(chat: Deployment, person: Person) -> dict[UUID, Review]:
    return {review.message_id: review for review in chat.database.reviews_of(person)}


async def test_failures_and_ratings_down_are_queued_in_the_transaction_that_stores_them(
    either: Deployment,
) -> None:
    alice = either.sign_up("alice")
    async with either.socket(alice) as socket:
        fine = await ended(socket, "Hello [[chunks=3 rate=0]]")
        failed = await ended(socket, "Hello [[status=400]]")
        # Whoever is told of the end finds it in the queue.
        queue = queue_of(either, alice)
        assert [(pk, each.causes) for pk, each in queue.items()] == [
            (UUID(failed["answer"]), [Cause.FAILED])
        ]
        assert queue[UUID(failed["answer"])].code == "provider_bad_request"

        await socket.ask("message.rate", message=fine["answer"], rating="up")
        assert UUID(fine["answer"]) not in queue_of(either, alice)
        await socket.ask("message.rate", message=fine["answer"], rating="down", reason="style")
        found = queue_of(either, alice)[UUID(fine["answer"])]
        assert (found.causes, found.rating_reason) == ([Cause.RATED_DOWN], "style")
        assert found.model == "scripted/echo-1"
        await socket.ask("message.rate", message=fine["answer"], rating=None)
        await socket.ask("message.rate", message=failed["answer"], rating="down")
        await socket.ask("message.rate", message=failed["answer"], rating=None)
    queue = queue_of(either, alice)
    assert queue[UUID(fine["answer"])].outcome == Outcome.WITHDRAWN
    assert queue[UUID(failed["answer"])].is_open
