/**
 * Follows the end of the log until the reader looks elsewhere, and offers the way back.
 *
 * While the reader looks elsewhere, what is on screen stays where it is, whatever changes its height above: older
 * messages, a rotated phone, a message that the browser had only estimated (`content-visibility`). The browser's own
 * anchoring is switched off (`overflow-anchor`): Safari has none, and it would pull against this one.
 */

const NEAR_PX = 40;
const MOVED_PX = 4;
const GLIDE_MS = 700;
const BELOW_TOP_PX = 72;
const HELD_MS = 1500;
const UPWARD_KEYS = new Set(["ArrowUp", "PageUp", "Home"]);

export class Follow {
  #following = true;
  #gliding = null;
  #pressed = false;
  #lastTop = 0;
  #touchY = null;
  #anchor = null;
  #held = null;

  /** `left()` is called when the reader stops following. */
  constructor(scroller, content, jump, left) {
    Object.assign(this, { scroller, content, jump, left });
    this.#listen();
    jump.addEventListener("click", () => this.toEnd({ smooth: true }));
    const sizes = new ResizeObserver(() => this.keep());
    sizes.observe(scroller);
    sizes.observe(content);
  }

  /** After a change of the log: stay at the end, or where the reader is. */
  keep() {
    if (this.#following) this.#toBottom();
    else this.#restore();
    this.#offer();
  }

  toEnd({ smooth = false } = {}) {
    this.#following = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (smooth && !calm) this.#glide();
    else this.#toBottom();
    this.#offer();
  }

  /** Show `node` near the top, and hold it there while what is around it gets its true height. */
  toNode(node) {
    this.#endGlide();
    this.#following = false;
    this.#anchor = { node, offset: BELOW_TOP_PX };
    clearTimeout(this.#held);
    this.#held = setTimeout(() => this.#letGo(), HELD_MS);
    this.#restore();
    this.left();
    this.#offer();
  }

  /** Run `change`, which adds above, and leave what is on screen where it is. */
  holding(change) {
    this.#anchor = this.#firstOnScreen();
    change();
    this.#restore();
  }

  #listen() {
    const { scroller } = this;
    const passive = { passive: true };
    for (const name of ["wheel", "touchstart", "keydown", "pointerdown"]) scroller.addEventListener(name, () => this.#letGo(), passive);
    // Before the scrolling itself: else the next word would undo the reader's first movement.
    scroller.addEventListener("wheel", (event) => event.deltaY < 0 && !event.ctrlKey && this.#leave(), passive);
    scroller.addEventListener("touchstart", (event) => (this.#touchY = event.touches[0].clientY), passive);
    scroller.addEventListener("touchmove", (event) => this.#dragged(event.touches[0].clientY), passive);
    scroller.addEventListener("keydown", (event) => this.#typed(event));
    scroller.addEventListener("scroll", () => this.#scrolled(), passive);
    scroller.addEventListener("scrollend", () => this.#arrive(), passive);
    // Who selects text wants it to hold still.
    scroller.addEventListener("pointerdown", (event) => (this.#pressed = event.pointerType === "mouse"), passive);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => this.#released(), passive);
  }

  #dragged(y) {
    if (y - this.#touchY > MOVED_PX) this.#leave();
  }

  #typed({ key, shiftKey, target }) {
    if (target.matches("input, textarea, select")) return;
    if (UPWARD_KEYS.has(key) || (key === " " && shiftKey)) this.#leave();
  }

  #released() {
    if (!this.#pressed) return;
    this.#pressed = false;
    this.keep();
  }

  #leave() {
    const { scrollTop } = this.scroller;
    if (!this.#following || scrollTop <= 0) return;
    this.#following = false;
    this.#endGlide();
    this.#anchor = this.#firstOnScreen();
    this.left();
  }

  #scrolled() {
    const { scrollTop } = this.scroller;
    const up = scrollTop < this.#lastTop - 1;
    const down = scrollTop > this.#lastTop;
    this.#lastTop = scrollTop;
    // A log that became shorter moves up as well, and is at its end then.
    if (up && !this.#gliding && !this.#atEnd(1)) this.#leave();
    else if (down && this.#atEnd(NEAR_PX)) this.#following = true;
    if (!this.#following && !this.#held) this.#anchor = this.#firstOnScreen();
    this.#offer();
  }

  #letGo() {
    if (!this.#held) return;
    clearTimeout(this.#held);
    this.#held = null;
    if (!this.#following) this.#anchor = this.#firstOnScreen();
  }

  #toBottom() {
    if (this.#gliding || this.#pressed) return;
    const { scroller } = this;
    scroller.scrollTop = scroller.scrollHeight;
    this.#lastTop = scroller.scrollTop;
  }

  #glide() {
    this.#endGlide();
    // Not every browser tells the end of scrolling.
    this.#gliding = setTimeout(() => this.#arrive(), GLIDE_MS);
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: "smooth" });
  }

  #arrive() {
    if (!this.#gliding) return;
    this.#endGlide();
    this.keep();
  }

  #endGlide() {
    clearTimeout(this.#gliding);
    this.#gliding = null;
  }

  #restore() {
    const { scroller } = this;
    if (!this.#anchor?.node.isConnected) return;
    const moved = this.#offsetOf(this.#anchor.node) - this.#anchor.offset;
    if (Math.abs(moved) < 1) return;
    scroller.scrollTop += moved;
    this.#lastTop = scroller.scrollTop;
  }

  /** The uppermost message on screen, and in a long one the uppermost block of its text. */
  #firstOnScreen() {
    const message = this.#firstBelowTop([...this.content.children]);
    const block = message && this.#firstBelowTop([...message.querySelectorAll(".markdown > .block")]);
    const node = block && this.#offsetOf(message) < 0 ? block : message;
    return node ? { node, offset: this.#offsetOf(node) } : null;
  }

  /** By halving: a thousand messages are ten looks. */
  #firstBelowTop(nodes) {
    let [low, high] = [0, nodes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#offsetOf(nodes[middle]) + nodes[middle].offsetHeight > 0) high = middle;
      else low = middle + 1;
    }
    return nodes[low] ?? null;
  }

  #offsetOf(node) {
    return node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }

  #atEnd(within) {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight <= within;
  }

  #offer() {
    this.jump.hidden = this.#following || this.#atEnd(NEAR_PX);
  }
}
