/** Asks, beside a thumb that was pressed, for the reason: one of a few, and in words. One for the whole page. */

import { button, element, setText } from "chat/dom";
import { COMMENT_CHARS, REASONS } from "chat/ratings";
import { words } from "chat/words";

const GAP_PX = 8;

class Popover {
  #reason = null;
  #typed = null;
  #explain = null;

  constructor() {
    this.title = element("h2", { id: "rating-title" });
    this.chips = element("div", { class: "chips", role: "group", "aria-labelledby": "rating-title" });
    this.comment = element("textarea", {
      class: "field-input", rows: "2", maxlength: String(COMMENT_CHARS), dir: "auto",
      placeholder: words.rating.more(), "aria-label": words.rating.more(),
    });
    const actions = element(
      "div",
      { class: "sheet-end" },
      button(null, words.rating.skip(), () => this.#skip(), { shown: true }),
      button(null, words.rating.send(), () => this.#send(), { shown: true, class: "button primary" }),
    );
    this.node = element(
      "div",
      { class: "rating-popover", popover: "auto", role: "dialog", "aria-labelledby": "rating-title" },
      this.title, this.chips, this.comment, actions,
    );
    this.comment.addEventListener("input", () => this.#typed(this.comment.value));
    document.body.append(this.node);
  }

  /** `comment` is what was written before and not sent; `typed(comment)` is told of each key. */
  open(opener, rating, comment, { typed, explain }) {
    this.opener = opener;
    this.#typed = typed;
    this.#explain = explain;
    this.#reason = null;
    this.comment.value = comment;
    setText(this.title, words.rating.why(rating));
    this.chips.replaceChildren(...REASONS[rating].map((reason) => this.#chip(reason)));
    this.node.showPopover();
    this.#place();
    this.chips.firstChild.focus();
  }

  #chip(reason) {
    const chip = button(null, words.rating.reasons[reason](), () => this.#choose(reason), { shown: true, class: "chip", "aria-pressed": "false" });
    chip.dataset.reason = reason;
    return chip;
  }

  #choose(reason) {
    this.#reason = this.#reason === reason ? null : reason;
    for (const chip of this.chips.children) chip.setAttribute("aria-pressed", String(chip.dataset.reason === this.#reason));
  }

  #send() {
    const comment = this.comment.value.trim();
    this.node.hidePopover();
    this.opener.focus();
    if (this.#reason || comment) this.#explain({ reason: this.#reason, comment });
    this.#typed("");
  }

  #skip() {
    this.node.hidePopover();
    this.#typed("");
  }

  /** Above the thumb or below it, where there is room; on a phone the style sheet puts it at the bottom. */
  #place() {
    const { left, top, bottom } = this.opener.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const isAbove = top - height - GAP_PX > 0;
    this.node.style.top = `${isAbove ? top - height - GAP_PX : Math.min(bottom + GAP_PX, innerHeight - height - GAP_PX)}px`;
    this.node.style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))}px`;
  }
}

let made = null;

export const RatingPopover = {
  open: (...what) => (made ??= new Popover()).open(...what),
  close: () => made?.node.hidePopover(),
};
