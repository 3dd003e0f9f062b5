/**
 * The parameters as texts that a person writes, and back. The ranges are those of docs/protocol.md. Pure.
 */

export const FIELDS = ["system_prompt", "temperature", "top_p", "max_tokens", "stop"];

const SYSTEM_PROMPT_CHARS = 32_000;
const TEMPERATURE_MAX = 2;
const TOP_P_MAX = 1;
const MAX_TOKENS_MAX = 1_000_000;
const STOPS_MAX = 4;
const STOP_CHARS = 200;

const number = (text, isInRange) => {
  const value = Number(text.trim().replace(",", "."));
  return Number.isFinite(value) && isInRange(value) ? { value } : { problem: "range" };
};

const readers = {
  system_prompt: (text) => (text.length > SYSTEM_PROMPT_CHARS ? { problem: "range" } : { value: text }),
  temperature: (text) => number(text, (value) => value >= 0 && value <= TEMPERATURE_MAX),
  top_p: (text) => number(text, (value) => value > 0 && value <= TOP_P_MAX),
  max_tokens: (text) => number(text, (value) => Number.isInteger(value) && value >= 1 && value <= MAX_TOKENS_MAX),
  stop: (text) => {
    const value = text.split("\n").filter(Boolean).map(unescaped);
    const fits = value.length <= STOPS_MAX && value.every((one) => one.length <= STOP_CHARS);
    return fits ? { value } : { problem: "range" };
  },
};

/** `{value}` for what is written, undefined for nothing (the model's default); or `{problem}` when it cannot be. */
export function readField(name, text) {
  return text.trim() === "" && !(name === "stop" && text.replaceAll("\n", "")) ? { value: undefined } : readers[name](text);
}

export function textOf(name, value) {
  if (value === undefined || value === null) return "";
  return name === "stop" ? value.map(escaped).join("\n") : String(value);
}

/** `params` with the field set, or cleared when `value` is undefined. */
export function withField(params, name, value) {
  const { [name]: _before, ...others } = params;
  return value === undefined ? others : { ...others, [name]: value };
}

export const countOf = (params) => FIELDS.filter((name) => isSet(params[name])).length;

export const isSame = (one, other) => FIELDS.every((name) => textOf(name, one[name]) === textOf(name, other[name]));

export const isSet = (value) => value !== undefined && value !== null;

// One sequence a line; a line break inside of one is written as in code.
const ESCAPES = { "\\\\": "\\", "\\n": "\n", "\\t": "\t" };

const unescaped = (line) => line.replace(/\\[\\nt]/g, (found) => ESCAPES[found]);

const escaped = (text) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
