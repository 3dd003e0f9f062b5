/**
 * Make nodes on the page the same as others, touching only what differs: a node that says the same keeps its identity,
 * and with it a selection in it, its scroll position and the focus.
 *
 * Some nodes are drawn by a view of their own (code, formulas, tables). `viewFor(node)` names its class, or nothing;
 * the view has a `node` and `update(node, open)`.
 */

const drawn = new WeakMap(); // node on the page -> its view

export function mirror(target, source, viewFor, open) {
  let old = target.firstChild;
  for (const node of [...source.childNodes]) old = put(target, old, node, viewFor, open).nextSibling;
  while (old) {
    const next = old.nextSibling;
    old.remove();
    old = next;
  }
}

/** Make `old` say what `node` says, or replace it; return what is there now. */
function put(target, old, node, viewFor, open) {
  const View = viewFor(node);
  if (View) return viewed(target, old, node, View, open);
  if (old && !drawn.has(old) && alike(old, node)) {
    if (old.nodeType === Node.TEXT_NODE) grow(old, node.data);
    else if (!old.isEqualNode(node)) mirror(old, node, viewFor, open);
    return old;
  }
  const fresh = node.cloneNode(false);
  set(target, old, fresh);
  mirror(fresh, node, viewFor, open);
  return fresh;
}

function viewed(target, old, node, View, open) {
  let view = drawn.get(old);
  if (view?.constructor !== View) {
    view = new View();
    drawn.set(view.node, view);
    set(target, old, view.node);
  }
  view.update(node, open);
  return view.node;
}

const set = (target, old, fresh) => (old ? old.replaceWith(fresh) : target.append(fresh));

/** Appending keeps a selection that setting the whole text would lose. */
function grow(text, data) {
  if (text.data === data) return;
  if (data.startsWith(text.data)) text.appendData(data.slice(text.length));
  else text.data = data;
}

function alike(one, other) {
  if (one.nodeName !== other.nodeName) return false;
  if (one.nodeType !== Node.ELEMENT_NODE) return true;
  return one.attributes.length === other.attributes.length &&
    [...other.attributes].every(({ name, value }) => one.getAttribute(name) === value);
}
