"""`manage.py fake_evolution`: the scripted provider as a process of its own."""

import asyncio
import contextlib
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from scripted_evolution import Record, ScriptedEvolution


class Command(BaseCommand):
    """Serve scripted answers until interrupted; `docs/scripted-evolution.md` has the directives."""

    help = "Run the scripted Evolution server, for trying evochat without a provider."
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the address to listen on."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001, help="0 takes a free port")
        parser.add_argument("--verbose", action="store_true", help="print each request")

    def handle(self, *args: Any, host: str, port: int, verbose: bool, **options: Any) -> None:
        """Serve until Ctrl-C."""
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(self._serve(host, port, verbose))

    async def _serve(self, host: str, port: int, verbose: bool) -> None:
        server = ScriptedEvolution()
        await server.start(host, port)
        self.stdout.write(f"scripted evolution on {server.base_url}")
        try:
            if verbose:
                await self._print_requests(server)
            await asyncio.Event().wait()
        finally:
            await server.stop()

    async def _print_requests(self, server: ScriptedEvolution) -> None:
        printed: set[int] = set()

        def ended_now(record: Record) -> bool:
            return record.ended_at is not None and record.id not in printed

        while True:
            record = await server.wait_for(ended_now, timeout_s=None)
            printed.add(record.id)
            self.stdout.write(_line(record))


def _line(record: Record) -> str:
    seconds = (record.ended_at or record.started_at) - record.started_at
    end = "closed by client" if record.closed_by_client else "answered"
    return f"{record.path} {record.model or ''} {record.chunks_sent} chunks, {seconds:.1f} s, {end}"
