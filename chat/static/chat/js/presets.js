/**
 * The person's presets: a model and parameters under a name. Pure.
 *
 * They are asked for when they are first to be seen, and after that again with each connection.
 */

import { isSame } from "chat/parameters";
import { ask, asked, refusalOf, withoutRequest } from "chat/requests";
import { chosenModel, currentModel, paramsOf, withModel, withParams } from "chat/settings";

export const NAME_CHARS = 80;

export const noPresets = { phase: "idle", items: [] }; // idle | wanted | asked | ready

const byName = (one, other) => one.name.localeCompare(other.name);

/** The presets with what was asked of them and is not confirmed yet, by name. */
export function presetsOf(state) {
  const items = new Map(state.presets.items.map((preset) => [preset.id, preset]));
  for (const { subject } of state.requests) {
    const command = subject.startsWith("preset:") ? asked(state, subject) : null;
    if (command?.type === "preset.save") items.set(command.preset, shapeOf(command));
    if (command?.type === "preset.delete") items.delete(command.preset);
  }
  return [...items.values()].sort(byName);
}

const shapeOf = ({ preset, name, model, params }) => ({ id: preset, name, model: model ?? null, params });

/** The preset that is what is set now, or null. */
export function presetInUse(state) {
  const [params, model] = [paramsOf(state), currentModel(state)?.id];
  return presetsOf(state).find((one) => isSame(one.params, params) && (!one.model || one.model === model)) ?? null;
}

export const plainName = (name) => name.trim().replace(/\s+/g, " ");

/** Why a preset cannot have `name`: `empty`, `long` or `taken` by another than `id`; or null. */
export function problemOf(state, name, id = null) {
  if (!plainName(name)) return "empty";
  if (plainName(name).length > NAME_CHARS) return "long";
  return presetsOf(state).some((one) => one.id !== id && one.name === plainName(name)) ? "taken" : null;
}

export const presetHandlers = {
  "preset.listed": (state, { presets }) => ({ ...state, presets: { phase: "ready", items: presets } }),
  "preset.saved": (state, { preset }) => changed(state, (items) => [...items.filter(({ id }) => id !== preset.id), preset]),
  "preset.deleted": (state, { preset }) => changed(state, (items) => items.filter(({ id }) => id !== preset)),

  "user.presets": (state) =>
    state.presets.phase === "idle" ? { ...state, presets: { ...state.presets, phase: "wanted" } } : state,
  /** Save what is set now under a name, new or in the place of the preset `preset`. */
  "user.savePreset": (state, { preset, name, id }) => {
    const model = chosenModel(state) ?? currentModel(state)?.id;
    return saving(state, id, { preset, name: plainName(name), ...(model && { model }), params: paramsOf(state) });
  },
  "user.renamePreset": (state, { preset, name, id }) => {
    const known = presetsOf(state).find((one) => one.id === preset);
    if (!known) return state;
    const { model, params } = known;
    return saving(state, id, { preset, name: plainName(name), ...(model && { model }), params });
  },
  "user.deletePreset": (state, { preset, id }) =>
    ask(state, { subject: `preset:${preset}`, id, command: { type: "preset.delete", preset } }),
  "user.usePreset": (state, { preset, id, modelId }) => {
    const used = presetsOf(state).find((one) => one.id === preset);
    if (!used) return state;
    const next = withParams(state, { params: used.params, id });
    const isOffered = state.models.some(({ id: name }) => name === used.model);
    return isOffered && used.model !== currentModel(state)?.id ? withModel(next, { model: used.model, id: modelId }) : next;
  },
  "user.forgetRefusal": (state, { subject }) => (refusalOf(state, subject) ? withoutRequest(state, subject) : state),
};

const saving = (state, id, what) => ask(state, { subject: `preset:${what.preset}`, id, command: { type: "preset.save", ...what } });

const changed = (state, change) => ({ ...state, presets: { ...state.presets, items: change(state.presets.items) } });
