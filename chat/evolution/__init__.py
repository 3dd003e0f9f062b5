"""The provider: one client of an OpenAI-compatible API. It knows no database and no socket."""

from chat.evolution.catalog import ModelInfo
from chat.evolution.config import ProviderConfig
from chat.evolution.errors import ProviderError
from chat.evolution.items import (
    ChatRequest,
    Delta,
    Finish,
    Retrying,
    StreamItem,
    Usage,
)
from chat.evolution.provider import Provider

__all__ = [
    "ChatRequest",
    "Delta",
    "Finish",
    "ModelInfo",
    "Provider",
    "ProviderConfig",
    "ProviderError",
    "Retrying",
    "StreamItem",
    "Usage",
]
