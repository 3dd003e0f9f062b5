"""The demo's model: a real one in a child process, or scripted answers in its place."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from chat.evolution import Provider, ProviderConfig
from local_model.demo import DemoModel
from local_model.server import CONTEXT_TOKENS
from tests.local_model.model import ask, needs_the_model

ROOT = Path(__file__).resolve().parents[2]


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
async def test_it_names_itself(local: DemoModel, provider: Provider) -> None:
    assert (local.kind, local.title) == ("local", "SmolLM2 135M (local demo model)")
    (model,) = await provider.models()
    assert (model.id, model.context_length) == (local.model, CONTEXT_TOKENS)
    assert (model.input_price, model.output_price) == (None, None)


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
