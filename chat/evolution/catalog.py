"""The models a provider lists."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from chat.evolution.errors import ProviderError
from chat.evolution.mapping import from_stray_text

_LENGTH_NAMES = ("context_length", "max_model_len", "context_window", "max_context_length", "n_ctx")
# A higher price is a mistake, and no column holds it.
_PRICE_MAX = 10**8


@dataclass(frozen=True)
class ModelInfo:
    """A model: its id as the API wants it (slashes and all), a title, its context in tokens.

    Prices are roubles for a million tokens; `reasoning` is whether it thinks first. None: unsaid.
    """

    id: str
    title: str
    context_length: int | None
    input_price: Decimal | None = None
    output_price: Decimal | None = None
    reasoning: bool | None = None


def parse_models(body: bytes) -> list[ModelInfo]:
    """Return the models in the answer to `GET /models`, in its order, each id once.

    Raises `ProviderError` when the answer is no list of models.
    """
    listed = _listed(body)
    if not isinstance(listed, list):
        raise from_stray_text(body.decode("utf-8", "replace"))
    return list({model.id: model for model in filter(None, map(_model, listed))}.values())


def _listed(body: bytes) -> Any:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProviderError("provider_bad_response", body.decode("utf-8", "replace")) from None
    return answer.get("data") if isinstance(answer, dict) else answer


def _model(entry: Any) -> ModelInfo | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        return None
    model_id: str = entry["id"]
    title = entry.get("title") or entry.get("display_name") or entry.get("name")
    reasoning = entry.get("reasoning")
    return ModelInfo(
        model_id,
        str(title or model_id),
        _context_length(entry),
        input_price=_price(entry, "prompt_tokens_cost"),
        output_price=_price(entry, "generated_tokens_cost"),
        reasoning=reasoning if isinstance(reasoning, bool) else None,
    )


def _context_length(entry: dict[str, Any]) -> int | None:
    """Return the context under one of the names servers use; llama.cpp's is inside `meta`."""
    meta = entry.get("meta")
    known = meta | entry if isinstance(meta, dict) else entry
    lengths = (known.get(name) for name in _LENGTH_NAMES)
    return next((length for length in lengths if isinstance(length, int) and length > 0), None)


def _price(entry: dict[str, Any], name: str) -> Decimal | None:
    """Return a price of the model's metadata: a number, or one written as text."""
    metadata = entry.get("metadata")
    value = metadata.get(name) if isinstance(metadata, dict) else None
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        price = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return price if price.is_finite() and 0 <= price <= _PRICE_MAX else None
