/** The two thumbs under an answer. */

import { button, element, show } from "chat/dom";
import { RatingPopover } from "chat/rating-popover";
import { isRatable, pressed } from "chat/ratings";
import { words } from "chat/words";

export class RatingView {
  #row = null;

  constructor(act) {
    this.act = act;
    this.up = button("thumbUp", words.rating.up(), () => this.#press("up"));
    this.down = button("thumbDown", words.rating.down(), () => this.#press("down"));
    this.note = element("span", { class: "rating-note", hidden: true, text: words.rating.notStored() });
    this.kept = button("edit", words.rating.kept(), () => this.#ask(), { shown: true, class: "button rating-kept", hidden: true });
    this.node = element("div", { class: "rating", role: "group", "aria-label": words.rating.title() }, this.up, this.down, this.note, this.kept);
  }

  update(row) {
    this.#row = row;
    show(this.node, isRatable(row));
    this.#mark(this.up, "up");
    this.#mark(this.down, "down");
    show(this.note, row.unrated);
    show(this.kept, Boolean(row.rating && row.draft));
  }

  #mark(thumb, name) {
    const { rating } = this.#row;
    const isGiven = rating?.rating === name;
    thumb.setAttribute("aria-pressed", String(isGiven));
    const why = isGiven ? [rating.reason && words.rating.reasons[rating.reason](), rating.comment].filter(Boolean) : [];
    thumb.title = [words.rating[name](), ...why].join(" · ");
  }

  #press(thumb) {
    const { message, rating } = this.#row;
    const wanted = pressed(rating, thumb);
    this.act.rate(message.id, wanted, {});
    if (wanted) this.#ask(wanted);
    else RatingPopover.close();
  }

  #ask(rating = this.#row.rating.rating) {
    const { message: { id }, draft } = this.#row;
    RatingPopover.open(this[rating], rating, draft, {
      typed: (comment) => {
        this.#row = { ...this.#row, draft: comment };
        this.act.typed(comment, id);
      },
      explain: (why) => this.act.rate(id, rating, why),
    });
  }
}
