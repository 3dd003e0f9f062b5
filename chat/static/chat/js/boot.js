/** Starts the page. When not all of its scripts come it says so, and what is typed meanwhile outlives the reload. */

import { remember } from "chat/storage";

const field = document.getElementById("prompt");
const notice = document.querySelector("[data-part=incomplete]");
const reload = () => location.reload();
const keep = () => remember("early", field.value || null, () => sessionStorage);

addEventListener("pagehide", keep);
import("chat/main").then(
  () => removeEventListener("pagehide", keep),
  (error) => {
    console.error(error);
    notice.hidden = false;
    notice.querySelector("button").addEventListener("click", reload);
    addEventListener("online", reload);
  },
);
