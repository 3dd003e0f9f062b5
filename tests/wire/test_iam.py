"""The provider by key id and secret: a token is had, used and kept."""

from pytest_django import DjangoDbBlocker

from tests.support.deployment import deployed
from tests.support.processes import Processes


async def test_an_answer_by_key_id_and_secret(
    processes: Processes, sqlite_url: str, django_db_blocker: DjangoDbBlocker
) -> None:
    with deployed(processes, sqlite_url, django_db_blocker) as chat:
        chat.env |= {
            "EVOLUTION_API_KEY": "",
            "EVOLUTION_KEY_ID": "the-key-id",
            "EVOLUTION_SECRET": "the-canary-secret",
            "EVOLUTION_TOKEN_URL": chat.evolution.token_url,
        }
        web = chat.add_web()
        alice = chat.sign_up("alice")
        async with chat.socket(alice) as socket:
            accepted = await socket.prompt("[[chunks=3 rate=0]]")
            end = await socket.until_end(accepted["generation"])
        (call,) = await chat.evolution.calls("[[chunks=3 rate=0]]")
    assert end["type"] == "generation.completed"
    assert call["authorization_kind"] == "iam"
    assert "the-canary-secret" not in web.output()
