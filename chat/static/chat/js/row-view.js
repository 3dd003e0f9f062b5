/** The view for a row of the log. */

import { ColumnsView } from "chat/columns-view";
import { AnswerView, PromptView } from "chat/message-view";

export function viewOf(row, act) {
  if (row.columns) return new ColumnsView(act);
  return row.message.role === "user" ? new PromptView(act) : new AnswerView(act);
}
