"""`manage.py run_generations`: a process that writes answers and serves nothing."""

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from chat.engine import Engine
from evochat.server import use_fast_loop


class Command(BaseCommand):
    help = (
        "Write answers in a process of its own; the web processes then run with GENERATE_IN=worker."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--grace",
            type=float,
            default=30.0,
            help="seconds that running answers get to end after SIGTERM (default 30)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        use_fast_loop()
        asyncio.run(self._run(options["grace"]))

    async def _run(self, grace_s: float) -> None:
        stopping = asyncio.Event()
        engine = Engine(generates=True)

        def stop() -> None:
            # Who asks again does not want to wait; what is shown is stored all the same.
            if stopping.is_set():
                engine.cut_grace()
            stopping.set()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        await engine.start()
        self.stdout.write("evochat writes answers")
        self.stdout.flush()
        await stopping.wait()
        await engine.stop(grace_s)
