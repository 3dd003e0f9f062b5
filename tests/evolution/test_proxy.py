"""The proxy that the environment names is used."""

import pytest

from chat.evolution import Provider, ProviderConfig
from scripted_evolution import ScriptedEvolution
from tests.evolution.asking import ask, words


async def test_requests_go_through_the_proxy_of_the_environment(
    server: ScriptedEvolution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.base_url.removesuffix("/v1"))
    provider = Provider(ProviderConfig("http://only-the-proxy-knows.invalid/v1"))
    assert (await ask(provider, "chunks=2 rate=0")).content == words(2)
    await provider.aclose()


async def test_hosts_excepted_from_the_proxy_are_asked_directly(
    server: ScriptedEvolution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://no-proxy.invalid:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    provider = Provider(ProviderConfig(server.base_url.replace("127.0.0.1", "localhost")))
    assert (await ask(provider, "chunks=2 rate=0")).content == words(2)
    await provider.aclose()
