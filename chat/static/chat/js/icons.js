/** The icons of the page, drawn on a 24 by 24 grid. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  menu: "M4 7h16M4 12h16M4 17h10",
  compose: "M12 20h8M16.5 4.2a1.9 1.9 0 0 1 2.7 2.7L8 18l-4 1 1-4Z",
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  stop: "M8 8h8v8H8Z",
  wrap: "M4 6h16M4 12h13a3.5 3.5 0 0 1 0 7h-4m2.5-2.5L13 19l2.5 2.5M4 18h4",
  copy: "M9 9h10v11H9ZM15 9V5H5v11h4",
  check: "m5 12.5 4.5 4.5L19 7.5",
  again: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v5h-5",
  play: "M8 5.5v13l10.5-6.5Z",
  edit: "M16.5 4.2a1.9 1.9 0 0 1 2.7 2.7L8 18l-4 1 1-4Z",
  left: "m14.5 6-6 6 6 6",
  right: "m9.5 6 6 6-6 6",
  down: "M12 5v14M5.5 12.5 12 19l6.5-6.5",
  chevron: "m6.5 9.5 5.5 5.5 5.5-5.5",
  close: "M6 6l12 12M18 6 6 18",
  warning: "M12 8.5v4.5M12 16.4v.1M12 3.5 2.8 19.5h18.4Z",
  clock: "M12 7.5V12l3 2M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z",
  gap: "M4 6h16M4 18h16M7 12h.01M12 12h.01M17 12h.01",
  leave: "M14.5 16.5 19 12l-4.5-4.5M19 12H9M12 4H5v16h7",
  sliders: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4",
  thumbUp: "M7 11v9H4v-9ZM7 11l4-7.5c1.6 0 2.6 1 2.6 2.5L13 9.5h5.2c1.3 0 2.1 1.1 1.8 2.3l-1.6 6.7c-.2.9-1 1.5-1.9 1.5H7",
  thumbDown: "M7 13V4H4v9ZM7 13l4 7.5c1.6 0 2.6-1 2.6-2.5L13 14.5h5.2c1.3 0 2.1-1.1 1.8-2.3l-1.6-6.7c-.2-.9-1-1.5-1.9-1.5H7",
  download: "M12 4v11M7 10.5 12 15.5l5-5M4.5 19.5h15",
  print: "M7 8V4h10v4M7 17H4V8h16v9h-3M7 14h10v6H7Z",
  share: "M12 14V3.5M8 7l4-3.7L16 7M6 11H5v9h14v-9h-1",
  keyboard: "M3 6.5h18v11H3ZM7 10h.01M12 10h.01M17 10h.01M7.5 14h9",
  columns: "M4 5h16v14H4ZM12 5v14",
  sidebar: "M4 5h16v14H4ZM9.5 5v14",
  dots: "M6 12h.01M12 12h.01M18 12h.01",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3ZM12 15v5",
  unpin: "M9 4h6l-1 6 3 3v2H7v-2l3-3ZM12 15v5M4 4l16 16",
  tag: "M4 4.5h7.5L20 13l-7 7-8.5-8.5ZM8.5 9h.01",
  archive: "M4 5h16v4H4ZM5.5 9v10h13V9M10 13h4",
  unarchive: "M4 5h16v4H4ZM5.5 9v10h13V9M12 16.5v-4.5M9.5 14l2.5-2.5 2.5 2.5",
  trash: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 12.5h9l1-12.5M10.5 11v5M13.5 11v5",
  search: "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM20 20l-4.4-4.4",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7Z",
  display: "M4 5h16v11H4ZM9 20h6M12 16v4",
  spark: "M12 3.5c.6 4.9 3 7.3 8 8-5 .7-7.4 3.1-8 8-.6-4.9-3-7.3-8-8 5-.7 7.4-3.1 8-8Z",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Fill the places a template has left for icons. */
export function drawIcons(root = document) {
  for (const place of root.querySelectorAll("[data-icon]")) {
    place.replaceWith(icon(place.dataset.icon));
  }
}
