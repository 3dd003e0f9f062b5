/** The numbers of an answer: a quiet line, and all of them by name. What is not known is left out. Pure. */

import { FIELDS, isSet, textOf } from "chat/parameters";
import { words } from "chat/words";

/** The line under an answer: model, tokens, cost, time to first word, speed. */
export function numbersOf(generation, modelTitle) {
  const { usage, timing } = generation;
  const parts = [modelTitle(generation.model)];
  if (usage?.output_tokens) parts.push(words.tokens(usage.output_tokens, usage.estimated));
  if (usage?.cost != null) parts.push(words.money(usage.cost));
  if (timing?.ttft_ms != null) parts.push(words.firstWord(timing.ttft_ms));
  const speed = speedOf(usage, timing);
  if (speed) parts.push(speed);
  return parts.filter(Boolean).join(" · ");
}

function speedOf(usage, timing) {
  if (!timing) return null;
  const writing = (timing.total_ms ?? 0) - (timing.ttft_ms ?? 0);
  if (usage?.output_tokens > 1 && writing > 0) {
    return words.tokensPerSecond(rounded((usage.output_tokens - 1) / (writing / 1000)));
  }
  return timing.chars_per_second ? words.charactersPerSecond(rounded(timing.chars_per_second)) : null;
}

/** Groups `{title, entries: [[name, value], …]}`, those without an entry left out. */
export function detailsOf(generation, modelTitle) {
  const usage = generation.usage ?? {};
  const timing = generation.timing ?? {};
  const { numbers } = words;
  const tokens = (count) => words.tokenCount(count, usage.estimated);
  const groups = [
    [numbers.answer(), [
      [numbers.model(), modelTitle(generation.model) || null],
      [numbers.inputTokens(), usage.input_tokens, tokens],
      [numbers.outputTokens(), usage.output_tokens, tokens],
      [numbers.cost(), usage.cost, words.exactMoney],
      [numbers.ended(), words.ending(generation)],
    ]],
    [words.parameters.title(), parameterEntries(generation.params ?? {})],
    [numbers.time(), [
      [numbers.queue(), timing.queue_ms, words.duration],
      [numbers.firstThought(), timing.reasoning_ms, words.duration],
      [numbers.firstContent(), timing.content_ms, words.duration],
      [numbers.firstText(), timing.ttft_ms, words.duration],
      [numbers.total(), timing.total_ms, words.duration],
    ]],
    [numbers.stream(), [
      [numbers.chunks(), timing.chunks, words.count],
      [numbers.characters(), timing.chars, words.count],
      [numbers.charactersPerSecond(), timing.chars_per_second, perSecond],
      [numbers.chunksPerSecond(), timing.chunks_per_second, perSecond],
      [numbers.chunkSize(), timing.avg_chunk_chars, (size) => words.characters(rounded(size))],
      [numbers.gap(50), timing.gap_p50_ms, words.duration],
      [numbers.gap(95), timing.gap_p95_ms, words.duration],
    ]],
  ];
  return groups
    .map(([title, entries]) => ({ title, entries: entries.filter(isKnown).map(([name, value, say]) => [name, say ? say(value) : value]) }))
    .filter(({ entries }) => entries.length > 0);
}

const parameterEntries = (params) =>
  FIELDS.filter((name) => isSet(params[name])).map((name) => [words.parameters.names[name](), saidOf(name, params[name])]);

const saidOf = (name, value) => (typeof value === "number" ? words.count(value) : textOf(name, value));

const isKnown = ([, value]) => value !== null && value !== undefined;

const perSecond = (speed) => words.count(rounded(speed));

const rounded = (value) => (value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
