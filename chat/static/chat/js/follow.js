/** Follows the end of the log until the reader scrolls up, and offers the way back. */

const NEAR_PX = 40;

export class Follow {
  #following = true;
  #lastTop = 0;

  constructor(scroller, jump) {
    this.scroller = scroller;
    this.jump = jump;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    jump.addEventListener("click", () => this.toEnd({ smooth: true }));
    new ResizeObserver(() => this.keep()).observe(scroller);
  }

  /** After a change of the log: stay at the end if the reader is there. */
  keep() {
    if (this.#following) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#offer();
  }

  toEnd({ smooth = false } = {}) {
    this.#following = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
    this.#offer();
  }

  /** Run `change`, which adds above, and leave what is on screen where it is. */
  holding(change) {
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    change();
    this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
    this.#lastTop = this.scroller.scrollTop;
  }

  #scrolled() {
    const { scrollTop } = this.scroller;
    // Only a movement up is the reader's wish to stay: growing text moves the end away by itself.
    if (scrollTop < this.#lastTop - 1 && !this.#atEnd()) this.#following = false;
    else if (this.#atEnd()) this.#following = true;
    this.#lastTop = scrollTop;
    this.#offer();
  }

  #atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #offer() {
    this.jump.hidden = this.#following || this.#atEnd();
  }
}
