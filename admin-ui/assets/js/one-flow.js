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
