"""An estimate of tokens, for when the provider does not count."""

import math

# Byte-pair vocabularies take about four bytes of UTF-8 a token, in English and in Russian alike.
BYTES_PER_TOKEN = 4


def estimated_tokens(text: str) -> int:
    return math.ceil(len(text.encode(errors="replace")) / BYTES_PER_TOKEN)
