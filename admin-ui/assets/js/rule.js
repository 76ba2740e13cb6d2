// The decision matrix by keyboard: one cell is in the way of Tab, the arrows move to the next one that leads anywhere,
// Enter opens it as any link.
function matrixCells(table) {
  return [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1).map((cell) => cell.querySelector("a")));
}

for (const table of document.querySelectorAll("[data-matrix]")) {
  const links = matrixCells(table).flat().filter(Boolean);
  links.forEach((link, place) => (link.tabIndex = place ? -1 : 0));
  table.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || !event.target.closest("td")) return;
    event.preventDefault();
    const cells = matrixCells(table);
    let row = cells.findIndex((line) => line.includes(event.target));
    let column = cells[row].indexOf(event.target);
    do {
      row += step[0];
      column += step[1];
    } while (cells[row] && column in cells[row] && !cells[row][column]);
    const next = cells[row]?.[column];
    if (!next) return;
    for (const link of cells.flat()) if (link) link.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

// What was changed since the preview was made can't be saved from it; the next preview, which is on its way, can.
document.addEventListener("input", (event) => {
  if (!event.target.closest("[data-rule-form]")) return;
  for (const button of document.querySelectorAll("#preview button")) button.disabled = true;
});
