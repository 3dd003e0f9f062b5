/** Share & export: the link to the open conversation, and the conversation as a file or a page to print. */

import { copyButton } from "chat/clipboard";
import { button, element, setText, show } from "chat/dom";
import { icon } from "chat/icons";
import { exportsOf, isTakenOut, shareOf } from "chat/sharing";
import { Sheet } from "chat/sheet";
import { words } from "chat/words";

export class SharingView {
  #state = null;
  #asked = null; // of which conversation a link was asked for here, to tell when it shows the latest

  constructor(opener, act) {
    this.opener = opener;
    this.act = act;
    this.sheet = new Sheet(words.sharing.title(), [this.#link(), this.#files()], { className: "sharing" });
    opener.addEventListener("click", () => {
      this.#asked = null;
      this.sheet.show();
      this.draw(this.#state);
    });
  }

  draw(state) {
    this.#state = state;
    show(this.opener, isTakenOut(state));
    if (!this.sheet.open) return;
    if (!isTakenOut(state)) return this.sheet.close();
    this.#drawLink(state);
    for (const [kind, path] of Object.entries(exportsOf(state.open))) this.files[kind].href = path;
  }

  #link() {
    this.address = element("input", { class: "field-input", readonly: true, "aria-label": words.sharing.link() });
    this.address.addEventListener("focus", () => this.address.select());
    const copy = copyButton(() => this.address.value, words.copy(), { shown: true });
    this.line = element("div", { class: "share-line" }, this.address, copy);
    this.make = button("share", words.sharing.make(), () => this.#share(), { shown: true, class: "button primary" });
    this.anew = button("again", words.sharing.anew(), () => this.#share(), { shown: true });
    this.stop = button("close", words.sharing.stop(), () => this.act.unshare(), { shown: true, class: "button danger" });
    this.told = element("p", { class: "sheet-note", role: "status" });
    return element(
      "section",
      {},
      element("h3", { text: words.sharing.linkTitle() }),
      element("p", { class: "sheet-note", text: words.sharing.about() }),
      this.line,
      element("div", { class: "share-actions" }, this.make, this.anew, this.stop),
      this.told,
    );
  }

  #files() {
    const file = (iconName, name, about, rest) =>
      element("a", { class: "export", ...rest }, icon(iconName), element("span", {}, element("b", { text: name }), element("small", { text: about })));
    this.files = {
      markdown: file("download", words.sharing.markdown(), words.sharing.markdownAbout(), { download: true }),
      json: file("download", words.sharing.json(), words.sharing.jsonAbout(), { download: true }),
      print: file("print", words.sharing.print(), words.sharing.printAbout(), { target: "_blank", rel: "noopener" }),
    };
    return element("section", {}, element("h3", { text: words.sharing.exportTitle() }), element("div", { class: "exports" }, ...Object.values(this.files)));
  }

  #drawLink(state) {
    const { path, phase, refusal } = shareOf(state);
    show(this.line, Boolean(path));
    if (path) this.address.value = new URL(path, location.href).href;
    show(this.make, !path);
    for (const action of [this.anew, this.stop]) show(action, Boolean(path));
    for (const action of [this.make, this.anew, this.stop]) action.disabled = phase !== "still";
    setText(this.told, this.#news({ path, phase, refusal }));
  }

  #news({ path, phase, refusal }) {
    if (phase === "making") return words.sharing.making();
    if (phase === "closing") return words.sharing.closing();
    if (refusal) return words.sharing.refusal(refusal);
    return path && this.#asked === this.#state.open ? words.sharing.upToNow() : "";
  }

  #share() {
    this.#asked = this.#state.open;
    this.act.share();
  }
}
