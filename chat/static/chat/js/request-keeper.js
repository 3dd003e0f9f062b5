/**
 * Keeps in localStorage what was asked for and is not confirmed, over a reload, and what was set for the next new conversation.
 * A request is sent by the tab it belongs to alone: else one that is late would undo a newer one. Of two tabs that ask the
 * same the later one's is kept.
 */

import { Belongings } from "chat/belongings";
import { forget, put, readJson } from "chat/storage";

const KINDS = new Set([
  "conversation.update", "conversation.delete", "conversation.restore", "conversation.share", "conversation.unshare",
  "message.rate", "preset.save", "preset.delete",
]);

export class RequestKeeper {
  constructor(user, tabs) {
    this.requests = new Belongings(`evochat.request.${user}.`, tabs, { isOurs: isRequest, nameOf: ({ subject }) => subject });
    this.next = `evochat.next.${user}`;
  }

  keep = ({ requests, next }, before) => {
    if (requests !== before.requests) this.#keepRequests(requests, before.requests);
    if (next === before.next) return;
    if (Object.keys(next.params).length) put(this.next, JSON.stringify(next.params));
    else forget(this.next);
  };

  /** `{requests}` to begin with. */
  async kept() {
    return { requests: await this.requests.kept() };
  }

  /** Call `adopt({requests})` with what other tabs leave behind. */
  follow(adopt) {
    this.requests.follow((requests) => adopt({ requests }));
  }

  /** The parameters of the next new conversation. */
  params() {
    const params = readJson(this.next);
    return params && typeof params === "object" && !Array.isArray(params) ? params : {};
  }

  #keepRequests(requests, before) {
    const waiting = requests.filter(({ refusal }) => !refusal);
    for (const { subject, id, command, order } of waiting) if (!isAmong({ subject, id }, before)) this.requests.put({ subject, id, command, order });
    for (const one of before) if (!isAmong(one, waiting)) this.#drop(one);
  }

  /** What another tab has asked since of the same subject is not ours to forget. */
  #drop({ subject, id }) {
    if (this.requests.get(subject)?.id === id) this.requests.forget(subject);
  }
}

const isAmong = ({ subject, id }, requests) => requests.some((one) => one.subject === subject && one.id === id);

const isRequest = ({ subject, id, command, order, tab }) =>
  [subject, id, tab].every((text) => typeof text === "string") && KINDS.has(command?.type) && Number.isFinite(order);
