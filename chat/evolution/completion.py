"""A whole answer, not streamed, to its text."""

import msgspec

from chat.evolution.chunks import decode_json
from chat.evolution.mapping import from_stray_text
from chat.evolution.thinking import ThinkSplitter


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Answer(msgspec.Struct):
    choices: list[_Choice]


def text_of(body: bytes) -> str:
    """Return the content of the answer in `body`, without reasoning; empty when there is none.

    Raises `ProviderError` when it is no answer: an error in a 200, or a gateway's page.
    """
    try:
        answer = msgspec.convert(decode_json(body), _Answer)
    except ValueError:
        raise from_stray_text(body.decode("utf-8", "replace")) from None
    return _content(answer.choices[0].message.content or "") if answer.choices else ""


def _content(text: str) -> str:
    splitter = ThinkSplitter()
    pieces = [*splitter.feed(text), *splitter.flush()]
    content = "".join(piece for kind, piece in pieces if kind == "content")
    return content.replace("\0", "\ufffd").strip()
