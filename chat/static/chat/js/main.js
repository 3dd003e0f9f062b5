/** Puts the page together: state, socket, views. */

import { ticks } from "chat/answer-words";
import { Announcer } from "chat/announce";
import { chosen } from "chat/comparing";
import { ComparingView } from "chat/comparing-view";
import { Composer } from "chat/composer";
import { Connection } from "chat/connection";
import { DraftKeeper } from "chat/draft-keeper";
import { draftOf } from "chat/drafts";
import { Header } from "chat/header";
import { drawIcons } from "chat/icons";
import { Keeper } from "chat/keeper";
import { Log } from "chat/log";
import { nameOf } from "chat/model-words";
import { NoticeView } from "chat/notice-view";
import { ParametersView } from "chat/parameters-view";
import { RequestKeeper } from "chat/request-keeper";
import { conversationIn, routeListener } from "chat/router";
import { SharingView } from "chat/sharing-view";
import { ShortcutsView } from "chat/shortcuts-view";
import { Sidebar } from "chat/sidebar";
import { composerMode } from "chat/rows";
import { initialState } from "chat/state";
import { recall, remember } from "chat/storage";
import { Store } from "chat/store";
import { Tabs } from "chat/tabs";
import { ThemeView } from "chat/theme-view";
import { uuid } from "chat/uuid";

const TICK_MS = 1000;
const TAB_DRAFT = ["draft", () => sessionStorage];

const page = JSON.parse(document.getElementById("page").textContent);
const part = (name) => document.querySelector(`[data-part="${name}"]`);
const parts = (...names) => Object.fromEntries(names.map((name) => [name, part(name)]));

const freshDraft = () => {
  const id = uuid();
  remember(TAB_DRAFT[0], id, TAB_DRAFT[1]);
  return id;
};

const user = page.user.id;
const tabs = await Tabs.open();
const keeper = new Keeper(user, tabs);
const drafts = new DraftKeeper(user);
const requests = new RequestKeeper(user, tabs);
const state = initialState({
  user: page.user,
  conversation: page.conversation,
  model: recall("model"),
  params: requests.params(),
  draft: recall(...TAB_DRAFT) ?? freshDraft(),
});

const store = new Store(state, { send: (command) => connection.send(command), draw });
const { dispatch } = store;

const act = {
  send: (content) => {
    const models = chosen(store.state);
    const answers = models.slice(1).map(() => uuid());
    const what = models.length ? { type: "user.compare", models, answers } : { type: "user.send" };
    dispatch({ ...what, key: uuid(), content, ...branchEnd() });
    log.follow.toEnd();
  },
  edit: (message, content) => {
    const parent = message.parent ?? null;
    dispatch({ type: "user.send", key: uuid(), content, parent });
    log.follow.toEnd();
  },
  regenerate: (answer, model = null) => {
    dispatch({ type: "user.regenerate", key: uuid(), message: answer.parent, model });
    log.follow.toEnd();
  },
  continue: (answer) => dispatch({ type: "user.continue", key: answer.generation.id }),
  switch: (message) => message && dispatch({ type: "user.switch", message, id: uuid() }),
  stop: () => dispatch({ type: "user.stop" }),
  stopIfWriting: () => composerMode(store.state) === "stop" && act.stop(),
  editLast: () => log.editLast(),
  comparing: (models) => dispatch({ type: "user.comparing", models }),
  keep: ({ message, model }) => dispatch({ type: "user.keep", answer: message.id, model, id: uuid() }),
  write: () => composer.focus(),
  share: () => dispatch({ type: "user.share", id: uuid() }),
  unshare: () => dispatch({ type: "user.unshare", id: uuid() }),
  older: () => dispatch({ type: "user.older" }),
  more: () => dispatch({ type: "user.more" }),
  filter: (filter) => dispatch({ type: "user.filter", ...filter }),
  change: (conversation, set) => dispatch({ type: "user.change", id: uuid(), conversation, set }),
  remove: (conversation) => dispatch({ type: "user.delete", id: uuid(), conversation, draft: uuid() }),
  undo: () => dispatch({ type: "user.undo", id: uuid() }),
  noticeOver: (key) => dispatch({ type: "notice.over", key }),
  search: (text) => dispatch({ type: "user.search", text }),
  searchMore: () => dispatch({ type: "user.search_more" }),
  searchLeave: () => dispatch({ type: "user.search_leave" }),
  jump: (conversation, message) => dispatch({ type: "user.jump", conversation, message, id: uuid() }),
  jumpShown: () => dispatch({ type: "jump.shown" }),
  redraw: () => store.plan(),
  open: (conversation) => dispatch({ type: "user.open", conversation }),
  newChat: () => dispatch({ type: "user.new", draft: freshDraft() }),
  model: (model) => {
    dispatch({ type: "user.model", model, id: uuid() });
    remember("model", store.state.model);
  },
  params: (params) => dispatch({ type: "user.params", params, id: uuid() }),
  presets: () => dispatch({ type: "user.presets" }),
  usePreset: (preset) => dispatch({ type: "user.usePreset", preset, id: uuid(), modelId: uuid() }),
  savePreset: (preset, name) => dispatch({ type: "user.savePreset", preset, name, id: uuid() }),
  renamePreset: (preset, name) => dispatch({ type: "user.renamePreset", preset, name, id: uuid() }),
  deletePreset: (preset) => dispatch({ type: "user.deletePreset", preset, id: uuid() }),
  forgetRefusal: (subject) => dispatch({ type: "user.forgetRefusal", subject }),
  rate: (message, rating, why) => dispatch({ type: "user.rate", message, rating, ...why, id: uuid() }),
  typed: (text, message) => dispatch({ type: "user.typed", text, message }),
  retry: (key) => dispatch({ type: "user.retry", key, fresh: uuid() }),
  reclaim: (key) => dispatch({ type: "user.reclaim", key }),
  discard: (key) => dispatch({ type: "user.discard", key }),
  unborn: (draft) => {
    remember(TAB_DRAFT[0], draft, TAB_DRAFT[1]);
    dispatch({ type: "user.new", draft });
  },
  reconnect: () => connection.open(),
};

/** On a branch the reader chose, the next message goes there and not to the end the server knows. */
function branchEnd() {
  const { threads, open, outbox } = store.state;
  if (outbox.some((item) => item.place === open)) return {};
  const thread = threads[open];
  return thread?.leaf && thread.messages[thread.leaf] ? { parent: thread.leaf } : {};
}

// What was typed before the scripts were there comes after what was kept; also in a page that never had all of them.
const early = [recall("early", () => sessionStorage), part("text").value].filter(Boolean).join("\n\n");
remember("early", null, () => sessionStorage);
dispatch({ type: "drafts.found", drafts: drafts.kept() });

drawIcons();
const log = new Log(parts("scroller", "list", "older", "welcome", "missing", "skeleton", "jump"), act);
const sidebar = new Sidebar(
  parts(
    "panel", "page", "nav", "conversations", "empty", "more", "listSkeleton", "filters", "archive", "veil", "toggle", "close",
    "newChat", "query", "leaveSearch", "shortcut", "found", "foundNote", "hits", "moreHits",
  ),
  act,
);
const notices = new NoticeView(part("notices"), act);
const composer = new Composer(parts("form", "text", "submit", "count"), act);
const header = new Header(parts("title", "chooser", "chosen", "picker", "model", "demo", "connection", "connectionText", "retry"), act);
const comparing = new ComparingView(parts("openComparing", "comparing"), act);
const sharing = new SharingView(part("openSharing"), act);
new ShortcutsView(part("openShortcuts"), act);
new ThemeView(part("theme"));
const parameters = new ParametersView(part("openParameters"), act);

const modelTitle = (id) => nameOf(store.state.models.find((model) => model.id === id) ?? { id: id ?? "" });

function draw(state) {
  const ready = state.connection.phase === "ready";
  const context = { ready, now: Date.now(), modelTitle, key: `${ready} ${state.models.length}` };
  header.draw(state);
  parameters.draw(state);
  sharing.draw(state);
  comparing.draw(state);
  sidebar.draw(state);
  notices.draw(state);
  log.draw(state, context);
  composer.draw(state);
}

const connection = new Connection({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${page.socket}`,
  sessionUrl: page.session,
  on: dispatch,
});

// First what keeps, then what shows: what is on the screen is written down.
store.listen(keeper.keep);
store.listen(drafts.keep);
store.listen(requests.keep);
store.listen(composer.listener);
store.listen(routeListener);
store.listen(new Announcer(part("announcer")).listener);
store.listen((state, before) => {
  if (state.connection.phase !== "signed_out" || before.connection.phase === "signed_out") return;
  location.assign(`${page.signIn}?next=${encodeURIComponent(location.pathname)}`);
});

store.listen((state) => state.connection.phase === "other_user" && location.assign("/"));

// Where nothing could be written down, the browser asks before the page and its text go.
addEventListener("beforeunload", (event) => (keeper.unkept || drafts.unkept) && event.preventDefault());

addEventListener("popstate", () => {
  const conversation = conversationIn(location.pathname);
  dispatch(conversation ? { type: "user.open", conversation } : { type: "user.new", draft: freshDraft() });
});

for (const idea of document.querySelectorAll("[data-idea]")) {
  idea.addEventListener("click", () => composer.fill(idea.dataset.idea));
}

// Countdowns move on their own.
setInterval(() => {
  const { live, outbox, connection: link } = store.state;
  const isCounted = Object.values(live).some((one) => ticks({ live: one })) || outbox.some((item) => item.retryAt);
  const counting = link.phase !== "ready" || isCounted;
  if (counting) store.plan();
}, TICK_MS);

window.evochat = { state: () => store.state };

// Signing out ends the session, and so the socket, before the next page is there: that is no surprise.
document.getElementById("sign-out").addEventListener("submit", () => connection.leave());
if (early.trim()) act.typed([draftOf(store.state), early].filter(Boolean).join("\n\n"));
dispatch({ type: "kept.found", ...(await keeper.kept()), ...(await requests.kept()) });
for (const one of [keeper, requests]) one.follow((left) => dispatch({ type: "kept.found", ...left }));
drafts.follow((emptied) => dispatch({ type: "draft.emptied", ...emptied }));
connection.open();
