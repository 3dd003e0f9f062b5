/** Resolves `chat/<name>` and `admin/<name>` in Node as the page's import map does in a browser. Import this one first. */

import { register } from "node:module";

const resolver = `
  const ROOT = ${JSON.stringify(new URL("../../chat/static/", import.meta.url).href)};
  export function resolve(specifier, context, next) {
    const ours = /^chat\\/([a-z-]+)$/.exec(specifier);
    if (ours) return { url: ROOT + "chat/js/" + ours[1] + ".js", format: "module", shortCircuit: true };
    const admins = /^admin\\/([a-z-]+)$/.exec(specifier);
    if (admins) return { url: ROOT + "chat/admin/" + admins[1] + ".js", format: "module", shortCircuit: true };
    return next(specifier, context);
  }
`;

register(`data:text/javascript,${encodeURIComponent(resolver)}`);
