/* overview */
// Charts, drawn from the tables beside them: what is drawn and what is told are the same numbers.
const STROKES = [["--c1", []], ["--c2", [6, 3]], ["--c3", [2, 3]]];
const drawn = new Map();

function chart(host) {
  const rows = [...document.querySelectorAll(`#${host.dataset.chart} tbody tr`)];
  if (!rows.length || !window.uPlot) return;
  const said = rows.map((row) => row.querySelector("th").textContent);
  const value = (cell) => (Number.isFinite(parseFloat(cell.textContent)) ? parseFloat(cell.textContent) : null);
  const columns = [...rows[0].querySelectorAll("td")].map((_, place) => rows.map((row) => value(row.querySelectorAll("td")[place])));
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(name).trim();
  const axis = { stroke: colour("--text-3"), font: `11px ${colour("--sans")}`, grid: { stroke: colour("--grid"), width: 1 }, ticks: { show: false } };
  drawn.get(host)?.destroy();
  host.replaceChildren();
  const plot = new uPlot({
    width: Math.max(host.clientWidth - 16, 120), height: 214, legend: { show: false }, padding: [8, 18, 0, 0],
    cursor: { points: { size: 6 } },
    scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(most ?? 0, 1) * 1.08] } },
    axes: [
      { ...axis, grid: { show: false }, space: 58, size: 28, incrs: [1, 2, 4, 6, 8, 12, 24], values: (_, places) => places.map((place) => said[place] ?? "") },
      { ...axis, size: 38, space: 34 },
    ],
    series: [{}, ...columns.map((_, place) => ({
      stroke: colour(STROKES[place][0]), dash: STROKES[place][1], width: 2, points: { show: rows.length < 3 },
      spanGaps: true,
    }))],
  }, [rows.map((_, place) => place), ...columns], host);
  drawn.set(host, plot);
}

const charts = (part = document) => part.querySelectorAll("[data-chart]").forEach(chart);
document.addEventListener("part:set", (event) => charts(event.target));
addEventListener("resize", () => charts());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts());
charts();

// A choice of client is a way there; without a script the button beside it is.
for (const pick of document.querySelectorAll("form.pick")) {
  pick.querySelector("button").hidden = true;
  pick.querySelector("select").addEventListener("change", () => pick.requestSubmit());
}
