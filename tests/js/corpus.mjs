/** Texts as models write them, and some that are made to be difficult: one Markdown construct or collision each. */

export const CORPUS = {
  mixed: `# Title

A paragraph with **bold**,
on two lines.

- one
- two

  still two

\`\`\`python
def f():
    return "\`\`"
\`\`\`

| a | b |
|---|--:|
| 1 | 2 |

> quoted

1. first
2. second
`,
  lists: `Shopping:
- milk
  - oat
    1. organic
    2. plain

  a paragraph of milk
- [ ] bread
- [x] ~~salt~~

1. one

   \`\`\`js
   const a = 1;
   \`\`\`
2. two
* other
+ another

- after
`,
  code: "Before\n```js\nlet a = `x`;\n\n\n// # no heading\n```\nafter\n\n~~~\n``` inside ~~~\n~~~\n\n    indented\n\n    code\n\nend `a``b` and ``c`d``.\n````md\n```js\n```\n````\n",
  unclosed: "Text **bold and `code\n\n```python\ndef f():\n    pass\n\n# not a heading\n``\n",
  tables: "Look:\n| name | `a\\|b` | sum |\n|:---|:--:|---:|\n| x | **y** | 1 |\n| z \\| w | <br> | |\nAfter the table.\n\n|a|\n|-|\n|1|\n\n| not | a table |\n\nText | with | pipes\n",
  math: "Euler: $e^{i\\pi} + 1 = 0$ and \\(a_1 * b_2 * c\\), prices $5 and $10.\n\n$$\n\\int_0^1 x\\,dx\n= \\frac{1}{2}\n- 0\n$$\n\nSo:\n\\[\n\\begin{aligned}\na &= b \\\\\n\n- c &= d\n\\end{aligned}\n\\]\nand inline $$x^2$$ too; US$5, $HOME:$PATH, `$x$`, the $n$th.\n\n| $a$ | \\(b\\) |\n|---|---|\n| $|x|$ | $y$ |\n\n- item $z$\n  $$q$$\n",
  openMath: "A price of $5.\n\n$$\nx = 1\n- y\n\n# never closed, so all of it stays open\n",
  quotes: "> a\nlazy\n> > nested\n>\n> - list\n> - in it\n\n> ```\n> code\n> ```\n\ntext\n> tight\n***\n---\nHeading\n===\nSub\n---\n",
  emphasis: "**bold**text *a*b _c_ __d__ ***e*** ~~f~~ ~5 to ~10 2*3*4 a_b_c \\*no\\* **open\n\n*also open and `tick\n\nend**\n",
  links: "[a](https://example.org/a_(b)) <https://example.org> https://example.org/x_y?z=1&w=2. www.example.org a@example.org [b][] ![alt **x**](https://example.org/i.png \"t\") [c](javascript:x) [d](#e)\n\nHard  \nbreak\\\nagain &amp; &copy; &#35; <b>x</b> <!-- c -->\n\n<div>\n**html**\n</div>\n\nafter\n",
  russian: "## Заголовок\n\nПервый абзац — с тире, «кавычками» и эмодзи 👩‍💻.\n\n1. **Пункт**: текст\n   - вложенный\n2. Ещё\n\n| Ключ | Значение |\n|---|---|\n| да | нет |\n",
  separators: "a\n\n\n\nb\n   \n\t\nc\r\nd\r\n\r\n* * *\n- - -\n_ _ _\n\n\u00a0\n",
};

/** Where what comes later changes what stands before. */
export const DEFINED_LATER = {
  notes: "A claim[^1] and another[^two], and again[^1]; [^none] is none.\n\nMiddle.\n\nMore.\n\n[^1]: The *source*, [^three] too.\n[^two]: Two lines\n    of it.\n\n    And a paragraph.\n\n[^three]: Third.\n[^four]: Never mentioned.\n\nAfter the notes.\n\nLast.\n",
  references: "See [the docs][d] and [d].\n\nTwo.\n\nThree.\n\n[d]: https://example.org/docs \"Docs\"\n\nFour.\n\n> [e]: https://example.org/e\n\nFive [e].\n\nSix.\n\nSeven.\n",
};
