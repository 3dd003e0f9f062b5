/**
 * Light, dark or as the system has it: what the person chose, shown before anything is drawn, so that no page flashes.
 *
 * It is kept where the admin's own script keeps it, under the same name: one choice holds for both. A change, of another
 * tab too, comes as an event.
 */
(() => {
  const root = document.documentElement;
  const bars = [...document.querySelectorAll("meta[name=theme-color]")].map((bar) => ({ bar, media: bar.media }));

  const kept = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // refused by the browser's settings
    }
  };

  function show() {
    const choice = ["light", "dark"].includes(kept()) ? kept() : "auto";
    root.dataset.theme = choice;
    for (const { bar, media } of bars) bar.media = choice === "auto" ? media : media.includes(choice) ? "all" : "not all";
  }

  addEventListener("storage", show);
  show();
})();
