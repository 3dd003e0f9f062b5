/** One message of the log. `update(row, context)` touches only what changed. */

import { actionsOf, omittedOf, statusOf, thinkingOf } from "chat/answer-words";
import { copyButton } from "chat/clipboard";
import { arrange, button, element, setText, show } from "chat/dom";
import { EditView } from "chat/edit-view";
import { icon } from "chat/icons";
import { MarkdownView } from "chat/markdown-view";
import { NumbersView } from "chat/numbers-view";
import { RatingView } from "chat/rating-view";
import { ThinkingView } from "chat/thinking-view";
import { UnsentView } from "chat/unsent-view";
import { words } from "chat/words";

export class PromptView {
  #row = null;
  #editor = null;
  #isLeft = false; // what is written in its place was closed, and kept

  constructor(act) {
    this.act = act;
    this.text = element("div", { class: "prompt-text", dir: "auto" });
    this.unsent = new UnsentView(act);
    this.versions = new VersionsView(act);
    this.copy = copyButton(() => this.#row.message.content, words.copy());
    this.edit = button("edit", words.edit(), () => this.startEdit());
    this.tools = element("div", { class: "tools" }, this.versions.node, this.copy, this.edit);
    const label = element("h2", { class: "offscreen", text: words.you() });
    this.node = element("article", { class: "message prompt" }, label, this.text, this.unsent.node, this.tools);
  }

  update(row, context) {
    const changed = this.#row?.message.content !== row.message.content;
    const before = this.#row?.draft;
    this.#row = row;
    this.node.dataset.id = row.key;
    if (changed) setText(this.text, row.message.content);
    const waiting = row.item && !row.item.accepted;
    this.node.classList.toggle("waiting", Boolean(waiting));
    this.unsent.update(waiting ? row : null, context);
    this.tools.classList.toggle("absent", Boolean(row.item));
    this.versions.update(row);
    this.#showDraft(row, before);
  }

  startEdit() {
    if (!this.#editor) this.#open();
    this.#editor.focus();
  }

  /** What was being written here is open again after a reload, and closed when another tab has sent or discarded it. */
  #showDraft({ draft, item }, before) {
    if (draft && !item && !this.#editor && !this.#isLeft) this.#open();
    if (!draft && before && this.#editor?.text === before) this.#close();
    const isKept = Boolean(draft && !this.#editor);
    this.edit.classList.toggle("kept", isKept);
    this.edit.title = isKept ? words.editKept() : words.edit();
    this.edit.setAttribute("aria-label", this.edit.title);
  }

  #open() {
    const { message, draft } = this.#row;
    const typed = (text) => {
      const written = text === message.content ? "" : text;
      this.#row = { ...this.#row, draft: written };
      this.act.typed(written, message.id);
    };
    const leave = () => {
      this.#close();
      this.edit.focus();
    };
    const discard = () => {
      leave();
      typed("");
    };
    const send = (text) => {
      leave();
      if (text !== message.content.trim()) this.act.edit(message, text);
      typed("");
    };
    this.#editor = new EditView(draft || message.content, { typed, send, discard, leave });
    this.#isLeft = false;
    this.node.classList.add("editing");
    this.node.append(this.#editor.node);
    // A view that is being made is not on the page yet.
    queueMicrotask(() => this.#editor?.grow());
  }

  #close() {
    this.#editor.node.remove();
    this.#editor = null;
    this.#isLeft = true;
    this.node.classList.remove("editing");
    this.#showDraft(this.#row);
  }
}

export class AnswerView {
  #row = null;
  #actions = null;

  constructor(act) {
    this.act = act;
    this.omittedText = element("span");
    this.omitted = element("p", { class: "omitted", hidden: true }, icon("gap"), this.omittedText);
    this.thinking = new ThinkingView();
    this.content = new MarkdownView();
    this.status = element("div", { class: "status", hidden: true });
    this.unsent = new UnsentView(act);
    this.tools = element("div", { class: "tools" });
    this.numbers = new NumbersView();
    this.rating = new RatingView(act);
    this.versions = new VersionsView(act);
    this.buttons = {
      continue: button("play", words.carryOn(), () => act.continue(this.#row.message), { shown: true }),
      retry: button("again", words.retry(), this.#again, { shown: true }),
      copy: copyButton(() => this.#row.message.content, words.copyAnswer()),
      regenerate: button("again", words.regenerate(), this.#again),
    };
    const label = element("h2", { class: "offscreen", text: words.assistant() });
    this.node = element(
      "article",
      { class: "message answer" },
      label,
      this.omitted,
      this.thinking.node,
      this.content.node,
      this.status,
      this.unsent.node,
      this.tools,
      this.numbers.list,
    );
  }

  update(row, context) {
    const { message, live } = row;
    this.#row = row;
    this.node.dataset.id = message.id;
    const writing = Boolean(live);
    const content = (message.content ?? "") + (live?.content ?? "");
    this.thinking.update(thinkingOf(row, context.now));
    this.content.update(content, !writing);
    this.node.classList.toggle("writing", writing && Boolean(content) && !live.stopping);
    this.node.classList.toggle("last", row.last);
    this.node.dataset.status = live ? "live" : (message.generation?.status ?? "pending");
    this.#showOmitted(omittedOf(row));
    this.#showStatus(statusOf(row, context));
    this.unsent.update(row.item && row.item.kind !== "send" && !row.item.accepted ? row : null, context);
    this.#showTools(row, context);
  }

  /** A double click asks once: the second answer would be paid for, too. */
  #again = ({ detail }) => detail < 2 && this.act.regenerate(this.#row.message);

  #showOmitted(count) {
    show(this.omitted, count > 0);
    if (count > 0) setText(this.omittedText, words.omitted(count));
  }

  #showStatus(status) {
    show(this.status, Boolean(status));
    if (!status) return;
    this.status.className = `status ${status.tone}`;
    setText(this.status, status.text);
  }

  #showTools(row, { modelTitle }) {
    const actions = actionsOf(row);
    this.versions.update(row);
    this.rating.update(row);
    this.numbers.update(actions.length ? row.message.generation : null, modelTitle);
    const key = actions.join();
    if (key === this.#actions) return;
    this.#actions = key;
    const buttons = actions.map((name) => this.buttons[name]);
    const shown = actions.length ? [this.versions.node, ...buttons, this.rating.node, this.numbers.button] : [];
    arrange(this.tools, shown);
  }
}

/** ‹ 2/3 ›: the versions of a message. */
class VersionsView {
  constructor(act) {
    this.label = element("span", { class: "versions-label" });
    this.previous = button("left", words.previousVersion(), () => act.switch(this.ids[this.index - 1]));
    this.next = button("right", words.nextVersion(), () => act.switch(this.ids[this.index + 1]));
    this.node = element("div", { class: "versions", hidden: true }, this.previous, this.label, this.next);
  }

  update({ message, versions }) {
    this.ids = versions;
    this.index = versions.indexOf(message.id);
    show(this.node, versions.length > 1);
    setText(this.label, `${this.index + 1}/${versions.length}`);
    this.label.setAttribute("aria-label", words.version(this.index + 1, versions.length));
    this.previous.disabled = this.index <= 0;
    this.next.disabled = this.index >= versions.length - 1;
  }
}
