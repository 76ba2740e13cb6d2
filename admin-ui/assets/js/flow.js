// The list of flows. What is new waits behind a button, so that no row moves under the pointer; rows that stand already
// are brought up to date where they stand.
const rowOf = (body, id) => [...body.querySelectorAll("tr[data-id]")].find((row) => row.dataset.id === id);

document.addEventListener("part:fresh", (event) => {
  const part = event.target;
  if (part.id !== "flow-rows") return;
  const next = event.detail;
  const fresh = [...next.querySelectorAll("tr[data-id]")];
  const news = fresh.filter((row) => !rowOf(part, row.dataset.id));
  for (const row of fresh) {
    const known = rowOf(part, row.dataset.id);
    if (known && known.innerHTML !== row.innerHTML) known.innerHTML = row.innerHTML;
  }
  const line = document.getElementById("flow-news");
  if (!line || !news.length) return;
  const button = line.querySelector("button");
  button.textContent = words.flowsNews.replace("{count}", news.length);
  line.hidden = false;
  button.onclick = () => {
    line.hidden = true;
    part.innerHTML = next.innerHTML;
    htmx.process(part);
    part.querySelector("tbody a")?.focus();
  };
});

// One filter is open at a time, and none stays open behind the reader's back.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// One flow: what is new in its timeline slides in once and is said once.
const timeline = document.getElementById("flow-timeline");
if (timeline) {
  const names = () => [...timeline.querySelectorAll("li[data-name]")];
  let known = new Set(names().map((line) => line.dataset.name));
  timeline.addEventListener("part:set", () => {
    const fresh = names().filter((line) => !known.has(line.dataset.name));
    for (const line of fresh) line.classList.add("fresh");
    known = new Set(names().map((line) => line.dataset.name));
    const news = document.getElementById("flow-news");
    if (fresh.length && news) news.textContent = fresh.map((line) => line.querySelector("b").textContent).join(" · ");
  });
}
