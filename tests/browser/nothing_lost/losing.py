"""What is done to a link and looked for after it."""

from tests.browser.person import Visitor
from tests.support.proxy import Proxy
from tests.support.waiting import eventually

SHORT = "[[chunks=3 rate=0]]"
LONG = "[[chunks=400 rate=20]]"
WAITING = "Will be sent when the connection is back"
UNSENT = "Object.keys(localStorage).filter((key) => key.startsWith('evochat.unsent.'))"


async def offline(visitor: Visitor, link: Proxy) -> None:
    link.cut(reset=True)
    await visitor.page.wait_for_function("() => evochat.state().connection.phase === 'offline'")


async def online(visitor: Visitor, link: Proxy) -> None:
    link.restore()
    await visitor.page.evaluate("dispatchEvent(new Event('online'))")
    await visitor.connected()


async def write(visitor: Visitor, *texts: str) -> None:
    for text in texts:
        await visitor.composer.fill(text)
        await visitor.composer.press("Enter")


def prompts(visitor: Visitor) -> list[str]:
    stored = visitor.chat.database.messages_of(visitor.person)
    return [message.content for message in stored if message.role == "user"]


async def stored(visitor: Visitor, *texts: str) -> None:
    """Wait until the prompts are in the database, and hold that they stay those."""
    await eventually(lambda: prompts(visitor) == list(texts), f"stored: {texts}", 30)


def give_away(visitor: Visitor) -> None:
    """Make the open conversation somebody else's: to the one who had it, it is no longer there."""
    visitor.chat.database.execute(
        "UPDATE chat_conversation SET owner_id = %s WHERE id = %s",
        visitor.chat.sign_up("heir").user.pk,
        visitor.conversation.replace("-", ""),
    )


async def settled(visitor: Visitor) -> None:
    await visitor.page.wait_for_function(
        "() => evochat.state().outbox.length === 0 && Object.keys(evochat.state().live).length === 0",
        timeout=30_000,
    )
