/** Draws each chart of the page of figures from its table, in the colours of the page. No number comes from elsewhere. */

const { Chart } = globalThis;
const MOST_RANKS = 12;
const RANK_PX = 30;
const LEGEND_PX = 90;
// Told apart without their colour: by how they are filled, or by how they are dashed and dotted.
const FILLS = [null, "/", "x", ".", "-"];
const DASHES = [[], [6, 4]];
const POINTS = ["circle", "triangle"];
const TILE = 8;

const language = document.documentElement.lang || undefined;
const short = new Intl.NumberFormat(language, { notation: "compact", maximumSignificantDigits: 3 });

/** Reads a table: its rows' names, and of each drawn column the name, the values and what its cells say. */
function tableOf(section) {
  const heads = [...section.querySelectorAll("thead th")];
  const rows = [...section.querySelectorAll("tbody tr")];
  const series = heads.flatMap((head, place) =>
    head.hasAttribute("data-drawn")
      ? [{
          name: head.textContent,
          values: rows.map((row) => valueOf(row.cells[place])),
          texts: rows.map((row) => row.cells[place].textContent),
        }]
      : [],
  );
  return { labels: rows.map((row) => row.cells[0].textContent), series };
}

const valueOf = (cell) => (cell.dataset.value === undefined ? null : Number(cell.dataset.value));

/** Gives the page's colours as they are now: they differ in light and in dark. */
function coloursOf(section) {
  const style = getComputedStyle(section);
  const named = (name) => style.getPropertyValue(name).trim();
  return {
    text: named("--body-fg"),
    line: named("--hairline-color"),
    ground: named("--body-bg"),
    series: [1, 2, 3, 4, 5].map((number) => named(`--series-${number}`)),
  };
}

/** Makes a fill of a colour with a mark in it, so that it is known in grey too. */
function filled(colour, ground, mark) {
  if (!mark) return colour;
  const tile = Object.assign(document.createElement("canvas"), { width: TILE, height: TILE });
  const brush = tile.getContext("2d");
  brush.fillStyle = colour;
  brush.fillRect(0, 0, TILE, TILE);
  brush.strokeStyle = brush.fillStyle = ground;
  brush.lineWidth = 1.5;
  brush.beginPath();
  const line = (...ends) => { brush.moveTo(ends[0], ends[1]); brush.lineTo(ends[2], ends[3]); };
  if ("/x".includes(mark)) [-TILE, 0, TILE].forEach((x) => line(x, TILE, x + TILE, 0));
  if (mark === "x") [-TILE, 0, TILE].forEach((x) => line(x, 0, x + TILE, TILE));
  if (mark === "-") line(0, TILE / 2, TILE, TILE / 2);
  if (mark === ".") brush.arc(TILE / 2, TILE / 2, 1.5, 0, 7);
  if (mark === ".") brush.fill();
  else brush.stroke();
  return brush.createPattern(tile, "repeat");
}

function datasetOf(kind, { name, values, texts }, place, colours) {
  const colour = colours.series[place];
  const common = { label: name, data: values, texts, borderColor: colour };
  if (kind !== "lines") {
    // Side by side where there are many: else little would be left of each.
    const room = values.length > 60 ? { categoryPercentage: 1, barPercentage: 1, borderWidth: 0 } : { borderWidth: 1 };
    return { ...common, ...room, backgroundColor: filled(colour, colours.ground, FILLS[place]), maxBarThickness: 48 };
  }
  const point = values.length > 100 ? 0 : 3;
  return {
    ...common, backgroundColor: colour, borderWidth: 2, borderDash: DASHES[place], pointStyle: POINTS[place],
    pointRadius: values.map((value, at) => (value !== null && isAlone(values, at) ? 3 : point)),
  };
}

/** Whether no line leads to a point: without a mark it would not be seen. */
const isAlone = (values, at) => (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;

function optionsOf(kind, unit, colours, many) {
  const lies = kind === "ranks";
  const stacked = kind === "stacked" || lies;
  const ticks = { color: colours.text };
  const names = { stacked, ticks: { ...ticks, autoSkip: !lies, maxRotation: 0, autoSkipPadding: 16 }, grid: { display: false } };
  const numbers = {
    stacked, beginAtZero: true, grid: { color: colours.line }, title: { display: true, text: unit, color: colours.text },
    ticks: { ...ticks, precision: kind === "lines" || unit === "₽" ? undefined : 0, callback: (value) => short.format(value) },
  };
  return {
    animation: false, responsive: true, maintainAspectRatio: false, locale: language, indexAxis: lies ? "y" : "x",
    interaction: { mode: "index", intersect: false, axis: lies ? "y" : "x" },
    scales: lies ? { x: numbers, y: names } : { x: names, y: numbers },
    plugins: {
      legend: { display: many, labels: { color: colours.text, ...(kind === "lines" && { usePointStyle: true, pointStyleWidth: 10, boxHeight: 6 }) } },
      tooltip: { callbacks: { label: ({ dataset, dataIndex }) => `${dataset.label}: ${dataset.texts[dataIndex]}` } },
    },
  };
}

function draw(section) {
  const { kind, unit } = section.dataset;
  const { labels, series } = tableOf(section);
  const shown = kind === "ranks" ? MOST_RANKS : labels.length;
  const colours = coloursOf(section);
  const canvas = section.querySelector("canvas");
  if (kind === "ranks") canvas.parentElement.style.height = `${Math.min(shown, labels.length) * RANK_PX + LEGEND_PX}px`;
  const cut = series.map((one) => ({ ...one, values: one.values.slice(0, shown) }));
  return new Chart(canvas, {
    type: kind === "lines" ? "line" : "bar",
    data: { labels: labels.slice(0, shown), datasets: cut.map((one, place) => datasetOf(kind, one, place, colours)) },
    options: optionsOf(kind, unit, colours, series.length > 1),
  });
}

const sections = [...document.querySelectorAll(".figures-chart")].filter((section) => section.querySelector("canvas"));
let drawn = [];

function drawAll() {
  drawn.forEach((chart) => chart.destroy());
  drawn = sections.map(draw);
}

drawAll();
// The reader may turn the page dark, by the system or by the admin's own button.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
