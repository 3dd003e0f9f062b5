/** The rows of what is under way, renewed in place: whoever points at one, or is on one by keyboard, keeps it there. */

/**
 * Which rows to show, `[{id, isGone}]`. Held, none moves: what has ended stays where it was, what is new comes at the end;
 * else a "Stop" could slip under the pointer that was meant for another. Pure.
 */
export function arrange(shown, fresh, isHeld) {
  if (!isHeld) return fresh.map((id) => ({ id, isGone: false }));
  const [before, now] = [new Set(shown), new Set(fresh)];
  const added = fresh.filter((id) => !before.has(id));
  return [...shown, ...added].map((id) => ({ id, isGone: !now.has(id) }));
}

const idOf = (row) => row.dataset.id;
const CAN_HOVER = "(hover: hover)";

export class Rows {
  constructor(list) {
    this.list = list;
  }

  get isEmpty() {
    return this.list.children.length === 0;
  }

  get #isHeld() {
    const isPointedAt = matchMedia(CAN_HOVER).matches && this.list.matches(":hover");
    return isPointedAt || this.list.contains(document.activeElement);
  }

  show(html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    const fresh = new Map([...made.content.children].map((row) => [idOf(row), row]));
    const shown = new Map([...this.list.children].map((row) => [idOf(row), row]));
    const wanted = arrange([...shown.keys()], [...fresh.keys()], this.#isHeld);
    wanted.forEach(({ id, isGone }, place) => {
      const row = shown.get(id) ?? fresh.get(id);
      if (isGone) this.#showEnded(row);
      else if (shown.has(id)) renew(row, fresh.get(id));
      if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null);
    });
    while (this.list.children.length > wanted.length) this.list.lastElementChild.remove();
  }

  #showEnded(row) {
    row.className = "is-gone";
    row.querySelector(".transcript-status").textContent = this.list.dataset.ended;
  }
}

/** Change the parts of a row that differ, and no other: what has the focus mostly does not. */
function renew(row, fresh) {
  row.className = fresh.className;
  [...row.children].forEach((part, place) => {
    const other = fresh.children[place].cloneNode(true);
    if (part.isEqualNode(other)) return;
    const hadFocus = part === document.activeElement;
    part.replaceWith(other);
    if (hadFocus) other.focus({ preventScroll: true });
  });
}
