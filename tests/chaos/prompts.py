"""Prompts whose answers are known: numbered words, so that any loss, repetition or disorder shows."""

import uuid


def numbered(words: int, rate: int = 50, **more: object) -> str:
    """Make a prompt that nobody has sent before, answered by that many words."""
    rest = "".join(f" {key}={value}" for key, value in more.items())
    return f"{uuid.uuid4()} [[chunks={words} rate={rate}{rest}]]"


def endless(rate: int = 50) -> str:
    """Make a prompt whose answer goes on until somebody ends it."""
    return f"{uuid.uuid4()} [[fault=endless rate={rate}]]"
