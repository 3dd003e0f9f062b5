// The page of an export, kept up to date while its file is on its way.

const EVERY_MS = 700;
const AFTER_AN_ERROR_MS = 4000;

const page = document.querySelector("[data-export]");
const bar = page.querySelector("progress");
const state = page.querySelector(".export-state");
const numbers = page.querySelector(".export-numbers");

function show(progress) {
  page.dataset.state = progress.state;
  // A status that is written again would be read out again.
  if (state.textContent !== progress.state_words) state.textContent = progress.state_words;
  numbers.textContent = progress.words;
  if (progress.most === null) {
    bar.removeAttribute("value");
  } else {
    // An export of nothing is whole too.
    bar.max = Math.max(progress.most, 1);
    bar.value = progress.state === "done" ? bar.max : progress.rows;
  }
  for (const part of page.querySelectorAll("[data-while]")) {
    part.hidden = !part.dataset.while.split(" ").includes(progress.state);
  }
}

async function ask() {
  const answer = await fetch(page.dataset.export, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function follow() {
  let wait = EVERY_MS;
  try {
    const progress = await ask();
    show(progress);
    if (progress.is_over) return;
  } catch {
    wait = AFTER_AN_ERROR_MS;
  }
  setTimeout(follow, wait);
}

follow();
