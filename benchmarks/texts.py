"""Texts of Russian and English words, as unevenly spread as in any language: by Zipf's law."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

OLD_WORD = "дилижанс"
# What the searches of the benchmark look for: in how many of the texts of the pool each stands.
PLANTED = {
    "договор": 0.2,
    "invoice": 0.1,
    "телескоп": 0.01,
    "telescope": 0.01,
    "квазар": 0.0005,
    "quasar": 0.0005,
    "синяя ворона": 0.001,
}
_RUSSIAN = """
и в не на я что он с как это по но они мы вы из у который то за свой ее так год от весь для о
время дом работа вопрос ответ модель текст пример задача данные случай слово система число часть
письмо строка функция таблица список значение запрос сервер ошибка решение проверка правило
условие результат клиент срок цена товар
"""
_ENGLISH = """
the of and to in is that for it as with on be by this are or from at an have not which but all
one more when model answer question text example task data case word system number part letter
line function table list value request server error solution check rule condition result client
term price product report team plan review
"""
_BEGINNINGS = ("пере", "под", "за", "вы", "об", "при", "re", "un", "over", "sub", "inter", "pre")
_ENDINGS = ("ать", "ение", "ость", "ник", "ный", "ка", "ing", "ed", "ness", "er", "able", "ly")


def texts(count: int, old: int, seed: int) -> Iterator[str]:
    """Give so many; half of them are Russian. The first `old` have a word that no other has."""
    chance = random.Random(seed)
    vocabularies = [_vocabulary(words, seed) for words in (_RUSSIAN.split(), _ENGLISH.split())]
    planted = list(PLANTED.items())
    for number in range(count):
        words = vocabularies[number % 2]
        weights = _zipf(len(words))
        said = chance.choices(words, cum_weights=weights, k=5 + int(chance.expovariate(1 / 25)))
        for phrase, share in planted:
            if chance.random() < share:
                said.insert(chance.randrange(len(said)), phrase)
        if number < old:
            said.append(OLD_WORD)
        yield f"{' '.join(said).capitalize()}."


def _vocabulary(words: list[str], seed: int) -> list[str]:
    rare = [
        f"{begin}{word}{end}"
        for begin, word, end in itertools.product(_BEGINNINGS, words[20:], _ENDINGS)
    ]
    random.Random(seed).shuffle(rare)
    return [*words, *rare]


def _zipf(count: int) -> list[float]:
    return list(itertools.accumulate(1 / (rank + 2) for rank in range(count)))
