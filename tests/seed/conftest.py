"""The scripted server and a provider of it, for what the guide does with a client of the API."""

from tests.evolution.conftest import provider, server

__all__ = ["provider", "server"]
