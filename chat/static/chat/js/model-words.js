/** What is said of a model where one is chosen. Pure. */

import { words } from "chat/words";

export const nameOf = (model) => words.modelTitle(model.title || model.id);

/** What it holds, what it costs and whether it can be had now, as far as that is known. */
export function notesOf({ context_length: context, input_price: input, output_price: output, available }) {
  const notes = [];
  if (context) notes.push(words.context(context));
  if (input != null && output != null) notes.push(words.prices(input, output));
  if (available === false) notes.push(words.unavailableNow());
  return notes.join(" · ");
}

export const labelOf = (model) => [nameOf(model), notesOf(model)].filter(Boolean).join(" · ");
