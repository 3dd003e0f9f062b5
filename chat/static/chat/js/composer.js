/** Where the person writes: grows with the text, Enter sends, and Send is Stop while an answer is written. */

import { element, setText, show } from "chat/dom";
import { draftOf } from "chat/drafts";
import { icon } from "chat/icons";
import { composerMode } from "chat/rows";
import { placeOf } from "chat/place";
import { words } from "chat/words";

const COUNT_FROM_SHARE = 0.9;

export class Composer {
  #mode = null;
  #place = null;
  #limit = Infinity;

  constructor({ form, text, submit, count }, act) {
    Object.assign(this, { form, text, submit, count, act });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#mode === "send") this.#send();
      else if (this.#mode === "stop") act.stop();
    });
    text.addEventListener("input", () => this.#typed());
    text.addEventListener("keydown", (event) => this.#key(event));
    form.addEventListener("click", (event) => event.target === form && text.focus());
  }

  /**
   * What Stop brought back, or another conversation's draft, is in the field at once and not with the next frame: the
   * next key would write over it.
   */
  listener = (state, before) => {
    const draft = draftOf(state);
    if (draft !== draftOf(before) && draft !== this.text.value) this.text.value = draft;
  };

  draw(state) {
    this.#limit = state.limits.message_chars ?? Infinity;
    const place = placeOf(state);
    if (place !== this.#place) {
      this.#place = place;
      if (!matchMedia("(pointer: coarse)").matches) this.text.focus();
    }
    this.#showMode(composerMode(state));
    // Every key that is pressed is in the state at once, so this never takes back what is being written.
    if (this.text.value !== draftOf(state)) this.text.value = draftOf(state);
    this.#changed();
  }

  focus() {
    this.text.focus();
  }

  fill(content) {
    this.text.value = content;
    this.text.focus();
    this.#typed();
  }

  #typed() {
    this.act.typed(this.text.value);
    this.#changed();
  }

  #send() {
    const content = this.text.value.trim();
    if (!content || content.length > this.#limit) return;
    this.act.send(content);
    this.text.value = "";
    this.#typed();
  }

  #key(event) {
    // 229: an input method is composing, and this Enter chooses a word.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowUp" && !this.text.value && this.act.editLast()) event.preventDefault();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    // While an answer is written the next prompt may already be sent: it starts after it.
    this.#send();
  }

  #showMode(mode) {
    if (mode === this.#mode) return;
    this.#mode = mode;
    const label = { send: words.send(), stop: words.stop(), stopping: words.stopping() }[mode];
    this.submit.dataset.mode = mode;
    this.submit.setAttribute("aria-label", label);
    this.submit.title = label;
    const said = mode === "stopping" ? [element("span", { text: label })] : [];
    this.submit.replaceChildren(icon(mode === "send" ? "send" : "stop"), ...said);
  }

  #changed() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
    const length = this.text.value.trim().length;
    const left = this.#limit - length;
    const near = length > this.#limit * COUNT_FROM_SHARE;
    show(this.count, near);
    if (near) setText(this.count, left < 0 ? words.tooLong(-left, this.#limit) : words.charactersLeft(left, this.#limit));
    this.count.classList.toggle("over", left < 0);
    this.submit.disabled = this.#mode === "stopping" || (this.#mode === "send" && (length === 0 || left < 0));
  }
}
