/**
 * Keeps in localStorage what was changed and is not confirmed, over a reload, what was set for the next new
 * conversation. Any tab may send a request again: it is the same one.
 */

import { forget, names, put, readJson } from "chat/storage";

const KINDS = new Set([
  "conversation.update", "conversation.share", "conversation.unshare", "message.rate", "preset.save", "preset.delete",
]);

export class RequestKeeper {
  constructor(user) {
    this.requests = `evochat.request.${user}.`;
    this.next = `evochat.next.${user}`;
  }

  keep = ({ requests, next }, before) => {
    if (requests !== before.requests) this.#keepRequests(requests, before.requests);
    if (next === before.next) return;
    if (Object.keys(next.params).length) put(this.next, JSON.stringify(next.params));
    else forget(this.next);
  };

  /** The requests to begin with. */
  kept() {
    return names(this.requests).map((name) => readJson(name)).filter(isRequest);
  }

  /** The parameters of the next new conversation. */
  params() {
    const params = readJson(this.next);
    return params && typeof params === "object" && !Array.isArray(params) ? params : {};
  }

  #keepRequests(requests, before) {
    for (const [subject, request] of Object.entries(requests)) {
      const { id, command, refusal } = request;
      if (refusal) this.#drop(subject, id);
      else if (before[subject]?.id !== id) put(this.requests + subject, JSON.stringify({ subject, id, command }));
    }
    for (const [subject, { id }] of Object.entries(before)) if (!requests[subject]) this.#drop(subject, id);
  }

  /** What another tab has asked since of the same subject is not ours to forget. */
  #drop(subject, id) {
    const name = this.requests + subject;
    if (readJson(name)?.id === id) forget(name);
  }
}

/** Whether it is one of ours: anybody may have written there. */
const isRequest = (one) =>
  Boolean(one && typeof one.subject === "string" && typeof one.id === "string" && KINDS.has(one.command?.type));
