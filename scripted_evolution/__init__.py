"""A scripted Evolution server: real HTTP, answers chosen by a directive in the prompt.

See `docs/scripted-evolution.md` for the directives.
"""

from scripted_evolution.records import Record
from scripted_evolution.server import ScriptedEvolution

__all__ = ["Record", "ScriptedEvolution"]
