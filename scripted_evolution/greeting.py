"""The answer to a prompt without a directive: short Markdown that says it is scripted."""

import re

_QUOTE_CHARS_MAX = 400

_ENGLISH = """\
Hello! I am a **scripted answer**, not a language model: no model is configured here, so I repeat \
what you wrote and show how an answer looks.

You asked:

{quote}

What you can try while I am writing:

- press **Stop**, in this tab or in another one;
- reload the page: not a word gets lost;
- open the same conversation twice and watch both.

And a little code, so that you see how it is shown:

```python
def greet(name: str) -> str:
    return f"Hello, {{name}}! This text was scripted."
```

Set `EVOLUTION_API_KEY` and a real model will answer you instead.
"""

_RUSSIAN = """\
Здравствуйте! Это **ответ по сценарию**, а не языковая модель: модель здесь не настроена, поэтому \
я повторяю ваш вопрос и показываю, как выглядит ответ.

Вы написали:

{quote}

Что можно попробовать, пока я пишу:

- нажать **Стоп** в этой вкладке или в другой;
- обновить страницу: ни одно слово не потеряется;
- открыть тот же разговор дважды и смотреть в оба.

И немного кода, чтобы увидеть, как он показан:

```python
def greet(name: str) -> str:
    return f"Привет, {{name}}! Этот текст написан по сценарию."
```

Задайте `EVOLUTION_API_KEY`, и вам ответит настоящая модель.
"""


def greeting(prompt: str) -> str:
    """Return the scripted answer to `prompt`, in Russian when the prompt has Cyrillic letters."""
    template = _RUSSIAN if re.search("[а-яА-ЯёЁ]", prompt) else _ENGLISH
    return template.format(quote=_quoted(prompt[:_QUOTE_CHARS_MAX]))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.strip().splitlines() or ["…"])
