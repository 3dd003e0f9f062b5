"""The bytes of the wire: chunks of a stream, whole answers, errors."""

import time
from typing import Any

import msgspec

from scripted_evolution.script import Piece, Script

DONE = b"data: [DONE]\n\n"

encode = msgspec.json.encode


class ChunkWriter:
    """Encodes the chunks of one answer.

    Only the delta differs between them, so the rest is encoded once: the server is the load
    source of the benchmark.
    """

    def __init__(self, answer_id: str, model: str) -> None:
        self._common = {
            "id": answer_id,
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._head = b"data: " + encode(self._common)[:-1] + b',"choices":[{"index":0,"delta":'
        self._tail = b',"finish_reason":null}]}\n\n'

    def role(self) -> bytes:
        """Return the first chunk, which names the role and has no text."""
        return self.raw_delta(b'{"role":"assistant","content":""}')

    def piece(self, piece: Piece) -> bytes:
        """Return the chunk of one piece of text."""
        kind, text = piece
        field = b"content" if kind == "content" else b"reasoning_content"
        return self.raw_delta(b'{"%b":%b}' % (field, encode(text)))

    def raw_delta(self, delta: bytes) -> bytes:
        """Return a chunk around an already encoded `delta`."""
        return self._head + delta + self._tail

    def finish(self, reason: str) -> bytes:
        """Return the chunk that carries the finish reason."""
        return self.object(choices=[{"index": 0, "delta": {}, "finish_reason": reason}])

    def usage(self, input_tokens: int, output_tokens: int) -> bytes:
        """Return the last chunk: no choices, the numbers of tokens."""
        return self.object(choices=[], usage=usage(input_tokens, output_tokens))

    def object(self, **fields: Any) -> bytes:
        """Return a chunk with `fields` beside the common ones."""
        return b"data: " + encode(self._common | fields) + b"\n\n"


def completion(answer_id: str, model: str, script: Script) -> dict[str, Any]:
    """Return the body of an answer that is not streamed."""
    pieces = list(script.pieces)
    message = {"role": "assistant", "content": _joined(pieces, "content")}
    if reasoning := _joined(pieces, "reasoning"):
        message["reasoning_content"] = reasoning
    choice = {"index": 0, "message": message, "finish_reason": script.finish_reason}
    return {
        "id": answer_id,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [choice],
        "usage": usage(script.input_tokens, len(pieces)),
    }


def usage(input_tokens: int, output_tokens: int) -> dict[str, int]:
    """Return a usage object."""
    return {
        "prompt_tokens": input_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
    }


def error(message: str, code: str | int | None, kind: str = "scripted_error") -> dict[str, Any]:
    """Return an error in OpenAI's shape."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _joined(pieces: list[Piece], wanted: str) -> str:
    return "".join(text for kind, text in pieces if kind == wanted)
