/**
 * Every word the page's scripts say.
 *
 * `gettext`, `pgettext` and `ngettext` are those of Django's JavaScript catalogue when a page has loaded it, and English
 * otherwise. They are called when a word is needed, with literals, so `make messages` finds them.
 */

// Its global functions: in the admin, jQuery takes the name `django` from it.
const catalogue = globalThis;
const gettext = catalogue.gettext ?? ((text) => text);
/** Of a word that means several things: `context` says which. */
const pgettext = catalogue.pgettext ?? ((context, text) => text);
const ngettext = catalogue.ngettext ?? ((one, many, count) => (count === 1 ? one : many));

/** Put `values` in the places `%(name)s` of `text`. */
const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));

const counted = (text, count) => fill(text, { count: number(count) });

const language = () => globalThis.document?.documentElement.lang || "en";

export const number = (value) => new Intl.NumberFormat(language()).format(value);

export const seconds = (ms) => (ms < 100 ? fill(gettext("%(count)s ms"), { count: Math.round(ms) }) : longer(ms));

const longer = (ms) =>
  fill(gettext("%(count)s s"), {
    count: new Intl.NumberFormat(language(), { maximumFractionDigits: ms < 10000 ? 1 : 0 }).format(ms / 1000),
  });

const decimals = (value, options) => new Intl.NumberFormat(language(), options).format(value);

const LEAST_SHOWN_ROUBLES = 0.01;
const KIBI = 1024;

/** 131072 is 128K, 128000 too: each is counted as its maker did. */
const short = (tokens) => {
  const thousand = tokens % 1000 !== 0 && tokens % KIBI === 0 ? KIBI : 1000;
  const [size, unit] = tokens >= thousand ** 2 ? [thousand ** 2, "M"] : [thousand, "K"];
  return tokens < thousand ? number(tokens) : decimals(tokens / size, { maximumFractionDigits: 1 }) + unit;
};

const roubles = (amount) => fill(gettext("%(amount)s\u00a0₽"), { amount });

/** To the second: it is read while it runs. */
const longTime = (ms) => {
  const all = Math.max(1, Math.round(ms / 1000));
  const [minutes, rest] = [Math.floor(all / 60), all % 60];
  return minutes
    ? fill(gettext("%(minutes)s min %(seconds)s s"), { minutes: number(minutes), seconds: number(rest) })
    : fill(gettext("%(count)s s"), { count: number(rest) });
};

const wholeSeconds = (ms) => Math.max(1, Math.ceil(ms / 1000));

const dated = (moment, options) => new Intl.DateTimeFormat(language(), options).format(new Date(moment));

const isThisYear = (moment) => new Date(moment).getFullYear() === new Date().getFullYear();

const day = (moment) => dated(moment, { day: "numeric", month: "short", ...(!isThisYear(moment) && { year: "numeric" }) });

/** `2026-11` is November, in another year with the year. */
const month = (key) => {
  const first = `${key}-01T00:00`;
  const name = dated(first, { month: "long", ...(!isThisYear(first) && { year: "numeric" }) });
  return name.charAt(0).toLocaleUpperCase(language()) + name.slice(1);
};

/** Soon enough by the hour alone, else with its day. */
const clock = (moment) =>
  dated(moment, {
    hour: "numeric",
    minute: "2-digit",
    ...(new Date(moment).toDateString() !== new Date().toDateString() && { day: "numeric", month: "short" }),
  });

/** Which limit of one's own, until when, and what the operator says of it: their words are not ours to end. */
const overQuota = (quota, reason, until) => {
  const time = until && clock(until);
  const said = {
    paused: time ? fill(gettext("You may not send until %(time)s."), { time }) : gettext("You may not send for now."),
    prompts_per_day: fill(gettext("Your prompts for today are used up. You may send again from %(time)s."), { time }),
    tokens_per_day: fill(gettext("Your tokens for today are used up. You may send again from %(time)s."), { time }),
  }[quota] ?? gettext("Your limit is used up for now.");
  return reason ? fill(gettext("%(said)s The reason: %(reason)s"), { said, reason }) : said;
};

/** What of a conversation could not be changed. */
const notDone = (what) =>
  ({
    title: gettext("Not renamed."),
    tags: gettext("The tags were not changed."),
    head: gettext("The version was not changed."),
    delete: gettext("Not deleted."),
    restore: gettext("Not brought back."),
  })[what] ?? gettext("Not changed.");

export const words = {
  product: "evochat",
  untitled: () => gettext("New chat"),
  writing: () => gettext("Answer being written"),

  // -- The list of conversations ------------------------------------------------------------------
  list: {
    /** What a group of `chat/list-groups` is called. */
    group: (key) =>
      ({
        pinned: gettext("Pinned"),
        today: gettext("Today"),
        yesterday: gettext("Yesterday"),
        week: gettext("Previous 7 days"),
        month: gettext("Previous 30 days"),
      })[key] ?? month(key),
    options: () => gettext("Options"),
    rename: () => gettext("Rename"),
    newTitle: () => gettext("New title"),
    pin: () => gettext("Pin"),
    unpin: () => gettext("Unpin"),
    editTags: () => gettext("Tags…"),
    archive: () => gettext("Archive"),
    unarchive: () => gettext("Unarchive"),
    remove: () => gettext("Delete"),
    archived: () => gettext("Archived"),
    back: () => gettext("Back to the list"),
    filterByTag: () => gettext("Show those with a tag"),
    tagsOf: (title) => fill(gettext("Tags of “%(title)s”"), { title }),
    tagsHint: () => gettext("A tag is a word of yours, such as work or travel. By it you find what belongs together."),
    newTag: () => gettext("New tag"),
    addTag: () => gettext("Add"),
    saveTags: () => gettext("Save"),
    tagsFull: (count) => counted(ngettext("There is room for %(count)s tag.", "There is room for %(count)s tags.", count), count),
    /** What stands where nothing is listed: `{title, text}`. */
    empty: (kind, tag) =>
      ({
        none: {
          title: gettext("Nothing here yet"),
          text: gettext("Ask something, and the conversation is kept here. You can rename, pin, tag and search all of them."),
        },
        archived: {
          title: gettext("Nothing is archived"),
          text: gettext("Archive a conversation to take it out of the list and still find it."),
        },
        tag: { title: fill(gettext("Nothing has the tag “%(tag)s”"), { tag }), text: gettext("Press the tag again to see all.") },
      })[kind],
    undo: () => gettext("Undo"),
    dismiss: () => gettext("Dismiss"),
    notice: ({ kind, what, refusal }) =>
      ({
        deleted: gettext("Conversation deleted"),
        archived: gettext("Conversation archived"),
        unarchived: gettext("Conversation is back in the list"),
      })[kind] ?? `${notDone(what)} ${words.refusal(refusal)}`,
  },
  search: {
    /** What the search is doing, or what came of it. */
    note: ({ phase, text, answered }, count) => {
      if (phase === "failed") return gettext("The search did not work. Try other words.");
      if (count) return "";
      return answered === text ? gettext("Nothing found. Fewer words find more; -word leaves a word out.") : gettext("Searching…");
    },
    /** Who said it, and when; of a title when it was begun. */
    place: (role, moment) => {
      const when = day(moment);
      if (!role) return when;
      return fill(role === "user" ? gettext("You · %(when)s") : gettext("Answer · %(when)s"), { when });
    },
  },

  // -- Connection ---------------------------------------------------------------------------------
  connecting: () => gettext("Connecting…"),
  reconnecting: () => gettext("Reconnecting…"),
  offline: (ms) => {
    const count = wholeSeconds(ms);
    return counted(
      ngettext("Offline. Reconnecting in %(count)s second", "Offline. Reconnecting in %(count)s seconds", count),
      count,
    );
  },

  // -- Sending ------------------------------------------------------------------------------------
  sending: () => gettext("Sending…"),
  waitingToSend: () => gettext("Will be sent when the connection is back"),
  waitsForItsTurn: () => gettext("Waits for the message above"),
  notSent: (refusal) => fill(gettext("Not sent: %(reason)s"), { reason: words.refusal(refusal) }),
  notSentYet: (code, ms) => {
    if (code !== "rate_limited") return gettext("The server could not store this yet. Trying again…");
    const count = wholeSeconds(ms);
    return counted(
      ngettext("Too many messages: will be sent in %(count)s second", "Too many messages: will be sent in %(count)s seconds", count),
      count,
    );
  },
  discard: () => gettext("Discard"),
  somethingNotSent: () => gettext("Something here was not sent"),
  unsentTitle: (title) => fill(gettext("Not sent yet: %(title)s"), { title }),
  send: () => gettext("Send"),
  stop: () => gettext("Stop"),
  stopping: () => gettext("Stopping…"),
  tooLong: (over, limit) =>
    fill(ngettext("%(count)s character too many for %(limit)s", "%(count)s characters too many for %(limit)s", over), {
      count: number(over), limit: number(limit),
    }),
  charactersLeft: (left, limit) =>
    fill(ngettext("%(count)s of %(limit)s characters left", "%(count)s of %(limit)s characters left", left), {
      count: number(left), limit: number(limit),
    }),

  // -- The state of an answer ---------------------------------------------------------------------
  starting: () => gettext("Starting…"),
  queued: (position) =>
    position ? fill(gettext("In the queue: place %(position)s"), { position: number(position) }) : gettext("In the queue"),
  waitingForModel: () => gettext("Waiting for the first word…"),
  wakingModel: (ms) => fill(gettext("The model may be waking up: waiting for %(time)s…"), { time: longTime(ms) }),
  thinkingFor: (ms) => (ms === null ? gettext("Thinking…") : fill(gettext("Thinking for %(time)s…"), { time: longTime(ms) })),
  thoughtFor: (ms) => (ms === null ? gettext("Thoughts") : fill(gettext("Thought for %(time)s"), { time: longTime(ms) })),
  retrying: (ms, code) => {
    const count = wholeSeconds(ms);
    const when = counted(ngettext("Trying again in %(count)s second", "Trying again in %(count)s seconds", count), count);
    return `${words.failure(code)} ${when}`;
  },
  retryingNow: () => gettext("Trying again…"),
  stopped: () => gettext("You stopped this answer."),
  stoppedByStaff: () => gettext("An operator stopped this answer."),
  interrupted: () => gettext("This answer was interrupted on our side. What was written is kept."),
  emptyAnswer: () => gettext("The model returned no text."),
  onlyThought: () => gettext("The model only thought and gave no answer."),
  thoughtToLimit: () =>
    gettext("The model only thought and gave no answer: it ran out of tokens while thinking. Try again, or ask for less at once."),
  emptyAtLimit: () => gettext("The model used up its length limit before the first word of an answer."),

  omitted: (count) =>
    counted(
      ngettext(
        "The oldest message did not fit the model's context and was left out.",
        "The %(count)s oldest messages did not fit the model's context and were left out.",
        count,
      ),
      count,
    ),

  /** How an answer ended, or null when it simply came to its end. */
  finish: (reason) => {
    const known = {
      stop: null,
      length: gettext("Reached the length limit."),
      content_filter: gettext("The content filter ended this answer."),
      tool_calls: gettext("The model asked for a tool, and there is none here."),
    };
    if (!reason) return null;
    return reason in known ? known[reason] : fill(gettext("Ended by the model: %(reason)s."), { reason });
  },

  // -- Failures by code ---------------------------------------------------------------------------
  failure: (code) =>
    ({
      provider_auth: gettext("The service did not accept our key. An administrator has to look at it."),
      provider_forbidden: gettext("This model is not open to us."),
      provider_model_not_found: gettext("The service does not have this model any more."),
      provider_bad_request: gettext("The model did not accept this request."),
      context_length_exceeded: gettext("This conversation has become too long for the model."),
      provider_rate_limited: gettext("The service is busy."),
      provider_unavailable: gettext("The service cannot be reached."),
      provider_timeout: gettext("The model did not answer in time."),
      provider_truncated: gettext("The answer broke off before its end."),
      provider_bad_response: gettext("The service sent something we could not read."),
      internal: gettext("Something went wrong on our side."),
    })[code] ?? gettext("The answer could not be written."),

  /** Why a command was refused. `until`: when it would not be any more, in milliseconds. */
  refusal: ({ code, field, quota, reason, until }) =>
    ({
      invalid: field === "model" ? gettext("This model is not available.") : gettext("This could not be sent as it is."),
      bad_frame: gettext("This could not be sent as it is."),
      unknown_command: gettext("The page is out of date. Reload it, please."),
      conflict: gettext("This was sent before with another text."),
      not_found: gettext("This conversation is no longer there."),
      too_long: gettext("This message is too long."),
      rate_limited: gettext("Too many messages. Try again in a moment."),
      too_many_generations: gettext("Too many answers are waiting already. Let one of them end first."),
      quota_exceeded: overQuota(quota, reason, until),
      unavailable: gettext("The server could not store this. Try again."),
    })[code] ?? gettext("This could not be sent."),

  // -- Numbers ------------------------------------------------------------------------------------
  tokens: (count, estimated) =>
    (estimated ? "≈ " : "") + counted(ngettext("%(count)s token", "%(count)s tokens", count), count),
  firstWord: (ms) => fill(gettext("first word after %(time)s"), { time: seconds(ms) }),
  tokensPerSecond: (speed) => fill(gettext("%(count)s tokens/s"), { count: number(speed) }),
  charactersPerSecond: (speed) => fill(gettext("%(count)s characters/s"), { count: number(speed) }),
  tokenCount: (count, estimated) =>
    estimated ? fill(gettext("≈ %(count)s (estimated)"), { count: number(count) }) : number(count),
  characters: (count) => counted(ngettext("%(count)s character", "%(count)s characters", count), count),
  count: (value) => number(value),
  money: (amount) =>
    amount > 0 && amount < LEAST_SHOWN_ROUBLES
      ? fill(gettext("<\u00a0%(amount)s"), { amount: roubles(decimals(LEAST_SHOWN_ROUBLES)) })
      : roubles(decimals(amount, { minimumFractionDigits: amount ? 2 : 0, maximumFractionDigits: 2 })),
  exactMoney: (amount) =>
    amount > 0 && amount < LEAST_SHOWN_ROUBLES
      ? roubles(decimals(amount, { maximumSignificantDigits: 2 }))
      : roubles(decimals(amount, { minimumFractionDigits: amount ? 2 : 0, maximumFractionDigits: 4 })),
  /** To the millisecond below a second: the list is there to compare. */
  duration: (ms) =>
    ms < 1000
      ? fill(gettext("%(count)s ms"), { count: Math.round(ms) })
      : fill(gettext("%(count)s s"), { count: decimals(ms / 1000, { maximumFractionDigits: ms < 10000 ? 2 : 1 }) }),
  /** How a generation ended, told apart in a word or two. */
  ending: ({ status, finish_reason: reason, by_staff }) => {
    const ends = {
      stop: gettext("by itself"),
      length: gettext("at the length limit"),
      content_filter: gettext("by the content filter"),
      tool_calls: gettext("by asking for a tool"),
      cancelled: by_staff ? gettext("stopped by an operator") : gettext("stopped by you"),
      interrupted: gettext("interrupted on our side"),
      failed: gettext("failed"),
    };
    const key = status === "completed" ? reason : status;
    return Object.hasOwn(ends, key) ? ends[key] : (key ?? null);
  },
  numbers: {
    all: () => gettext("Numbers of this answer"),
    answer: () => gettext("Answer"),
    model: () => gettext("Model"),
    inputTokens: () => gettext("Input tokens"),
    outputTokens: () => gettext("Output tokens"),
    cost: () => gettext("Cost"),
    ended: () => gettext("Ended"),
    time: () => gettext("Time"),
    queue: () => gettext("In the queue"),
    firstThought: () => gettext("First reasoning"),
    firstContent: () => gettext("First content"),
    firstText: () => gettext("First word of either"),
    total: () => gettext("Total"),
    stream: () => gettext("Stream"),
    chunks: () => gettext("Chunks"),
    characters: () => gettext("Characters"),
    charactersPerSecond: () => gettext("Characters/s"),
    chunksPerSecond: () => gettext("Chunks/s"),
    chunkSize: () => gettext("Average chunk"),
    gap: (percent) => fill(gettext("Gap, p%(percent)s"), { percent }),
    ofLastPart: () => gettext("This answer was continued. The numbers are those of its last part."),
  },

  // -- Actions ------------------------------------------------------------------------------------
  copy: () => gettext("Copy"),
  copied: () => gettext("Copied"),
  copyAnswer: () => gettext("Copy answer"),
  copyCode: () => gettext("Copy code"),
  regenerate: () => gettext("Answer again"),
  retry: () => gettext("Retry"),
  carryOn: () => gettext("Continue"),
  edit: () => gettext("Edit"),
  editKept: () => gettext("Edit (changes not sent)"),
  cancel: () => gettext("Cancel"),
  save: () => gettext("Send"),
  previousVersion: () => gettext("Previous version"),
  nextVersion: () => gettext("Next version"),
  version: (index, count) => fill(gettext("Version %(index)s of %(count)s"), { index, count }),
  /** On the way back to the end of the log: what is there that was not when the reader left it. */
  jump: (news) =>
    ({
      more: gettext("More text below"),
      finished: gettext("The answer is finished"),
      answer: gettext("New answer below"),
      message: gettext("New message below"),
    })[news] ?? gettext("Jump to latest"),
  plainText: () => gettext("text"),
  table: () => gettext("Table"),
  image: (alt) => fill(gettext("Image: %(alt)s"), { alt }),
  imageNotLoaded: () => gettext("Not loaded: its site would learn what you read. Opens in a new tab."),
  wrapLines: () => gettext("Wrap lines"),
  formula: () => gettext("Formula"),

  // -- What screen readers hear -------------------------------------------------------------------
  you: () => gettext("You said:"),
  assistant: () => gettext("Answer:"),
  answerStarted: () => gettext("The answer has started."),
  answerFinished: () => gettext("The answer is finished."),
  answerStopped: () => gettext("The answer was stopped."),
  answerFailed: (code) => words.failure(code),

  // -- Models --------------------------------------------------------------------------------------
  demoModel: () => gettext("demo model"),
  demo: () => pgettext("a model that is for trying things out", "demo"),
  /** Titles are their provider's, and stay as they are; those of the demo are ours. */
  modelTitle: (title) =>
    ({
      "SmolLM2 135M (local demo model)": gettext("SmolLM2 135M (local demo model)"),
      "Scripted answers (demo)": gettext("Scripted answers (demo)"),
    })[title] ?? title,
  chooseModel: () => gettext("Model"),
  context: (tokens) => fill(gettext("%(size)s context"), { size: short(tokens) }),
  prices: (input, output) =>
    input || output
      ? fill(gettext("%(input)s in, %(output)s out per 1M tokens"), {
          input: roubles(decimals(input, { maximumFractionDigits: 2 })),
          output: roubles(decimals(output, { maximumFractionDigits: 2 })),
        })
      : gettext("free"),
  unavailableNow: () => gettext("unavailable now"),

  // -- Parameters, presets -------------------------------------------------------------------------
  close: () => gettext("Close"),
  done: () => gettext("Done"),
  notStored: (refusal) => fill(gettext("Not stored: %(reason)s"), { reason: words.refusal(refusal) }),
  parameters: {
    title: () => gettext("Parameters"),
    open: (count) =>
      count ? counted(ngettext("Parameters: %(count)s set", "Parameters: %(count)s set", count), count) : gettext("Parameters"),
    ofThis: () => gettext("For the answers of this conversation from now on. What is empty is left to the model."),
    ofNext: () => gettext("For the conversation that begins with your next message. What is empty is left to the model."),
    byDefault: () => gettext("The model's default"),
    clear: () => gettext("Clear"),
    clearOf: (name) => fill(gettext("Clear: %(name)s"), { name: words.parameters.names[name]() }),
    names: {
      system_prompt: () => gettext("System prompt"),
      temperature: () => gettext("Temperature"),
      top_p: () => gettext("Top-p"),
      max_tokens: () => gettext("Max tokens"),
      stop: () => gettext("Stop sequences"),
    },
    help: {
      system_prompt: () => gettext("Who the model is and how it answers. It is sent before every message. Up to 32,000 characters."),
      temperature: () => gettext("From 0 (always the likeliest word) to 2 (the most surprising)."),
      top_p: () => gettext("Above 0, up to 1: only the likeliest words that together make up this share. Change this or the temperature, not both."),
      max_tokens: () => gettext("The longest an answer may be: a whole number from 1 to 1,000,000."),
      stop: () => gettext("An answer ends before any of these. One a line, up to four of up to 200 characters; \\n is a line break."),
    },
    problems: {
      system_prompt: () => gettext("This is longer than 32,000 characters."),
      temperature: () => gettext("Give a number from 0 to 2."),
      top_p: () => gettext("Give a number above 0 and up to 1."),
      max_tokens: () => gettext("Give a whole number from 1 to 1,000,000."),
      stop: () => gettext("Give up to four lines of up to 200 characters."),
    },
  },
  presets: {
    title: () => gettext("Presets"),
    one: () => gettext("Preset"),
    none: () => gettext("None: as set below"),
    noneYet: () => gettext("None saved yet"),
    name: () => gettext("Name of the preset"),
    saveAs: () => gettext("Save as a preset…"),
    save: () => gettext("Save"),
    replace: () => gettext("Replace"),
    rename: () => gettext("Rename…"),
    remove: () => gettext("Delete"),
    sure: (name) => fill(gettext("Delete “%(name)s”?"), { name }),
    problems: {
      empty: () => gettext("Give it a name."),
      long: () => gettext("A name has up to 80 characters."),
      taken: () => gettext("Another preset has this name."),
    },
    refusal: ({ code, field }) => {
      if (code === "conflict" && field === "name") return words.presets.problems.taken();
      if (code === "invalid" && field === "preset") return gettext("You have as many presets as there can be. Delete one first.");
      return words.notStored({ code, field });
    },
  },

  // -- Sharing, taking out --------------------------------------------------------------------------
  sharing: {
    title: () => gettext("Share & export"),
    linkTitle: () => gettext("A link to read"),
    about: () =>
      gettext("Anyone with the link can read the branch that is open now, without your name. What is said or opened later is not shown until you share again; an answer that is still being written is shown once it has ended."),
    link: () => gettext("The link"),
    make: () => gettext("Create a link"),
    anew: () => gettext("Share up to now"),
    stop: () => gettext("Stop sharing"),
    making: () => gettext("Being shared…"),
    closing: () => gettext("Being closed…"),
    upToNow: () => gettext("The link shows what is open now, up to its end."),
    refusal: ({ code, field }) =>
      code === "invalid" && field === "conversation" ? gettext("There is nothing to share yet.") : words.refusal({ code, field }),
    exportTitle: () => gettext("Take it along"),
    markdown: () => gettext("Markdown"),
    markdownAbout: () => gettext("The open branch, as text"),
    json: () => gettext("JSON"),
    jsonAbout: () => gettext("All branches, with numbers"),
    print: () => gettext("Print view"),
    printAbout: () => gettext("The open branch, on a plain page"),
  },

  // -- Side by side ---------------------------------------------------------------------------------
  comparing: {
    title: () => gettext("Compare models"),
    about: (fewest, most) =>
      fill(gettext("Your next message goes to several models, and their answers are shown side by side. Choose %(fewest)s to %(most)s."), {
        fewest: number(fewest), most: number(most),
      }),
    models: () => gettext("Models"),
    go: () => gettext("Compare"),
    next: (names) => fill(gettext("Next message goes to %(models)s"), { models: names.join(" · ") }),
    leave: () => gettext("Do not compare"),
    answers: () => gettext("Answers side by side"),
    keep: () => gettext("Keep this one"),
  },

  // -- Light and dark -------------------------------------------------------------------------------
  theme: {
    title: () => gettext("Theme"),
    chosen: (theme) => fill(gettext("Theme: %(name)s"), { name: words.theme.names[theme]() }),
    names: {
      auto: () => pgettext("the theme is", "As in the system"),
      light: () => pgettext("the theme is", "Light"),
      dark: () => pgettext("the theme is", "Dark"),
    },
  },

  // -- Shortcuts ------------------------------------------------------------------------------------
  shortcuts: {
    title: () => gettext("Keyboard shortcuts"),
    writing: () => gettext("While writing"),
    send: () => gettext("Send"),
    newLine: () => gettext("New line"),
    editLast: () => gettext("Edit the last message (in an empty field)"),
    cancelEdit: () => gettext("Leave a message as it was"),
    anywhere: () => gettext("Anywhere"),
    stop: () => gettext("Stop the answer"),
    search: () => gettext("Search the conversations"),
    undo: () => gettext("Take back what was just done to a conversation"),
    list: () => gettext("Show this list"),
    listToo: () => gettext("Show this list, outside of a field"),
  },

  // -- Ratings --------------------------------------------------------------------------------------
  rating: {
    title: () => gettext("Rate this answer"),
    up: () => gettext("Good answer"),
    down: () => gettext("Bad answer"),
    notStored: () => gettext("Your rating was not stored."),
    kept: () => gettext("Comment not sent"),
    why: (rating) => (rating === "up" ? gettext("What was good?") : gettext("What was wrong?")),
    more: () => gettext("More in your own words (optional)"),
    skip: () => gettext("Skip"),
    send: () => gettext("Send"),
    reasons: {
      accurate: () => gettext("Accurate"),
      helpful: () => gettext("Helpful"),
      clear: () => pgettext("an answer is", "Clear"),
      incorrect: () => gettext("Not correct"),
      incomplete: () => gettext("Not complete"),
      off_topic: () => gettext("Off topic"),
      style: () => gettext("Style or form"),
      unsafe: () => gettext("Harmful"),
      other: () => gettext("Something else"),
    },
  },
};
