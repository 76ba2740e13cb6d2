// The editor of agreements' texts: numbered lines, marks where something is wrong, a copy of what isn't published yet.
for (const box of document.querySelectorAll("[data-code]")) {
  const [mirror, area] = [box.querySelector(".code-mirror"), box.querySelector("textarea")];
  const part = box.closest("[data-text]");
  box.classList.add("on");

  // A line of the mirror lies under each line of the text, so it is as high as that, however often it is broken.
  const draw = () => {
    const lines = area.value.split("\n");
    while (mirror.children.length > lines.length) mirror.lastChild.remove();
    lines.forEach((line, index) => {
      let row = mirror.children[index];
      if (!row) {
        row = mirror.appendChild(document.createElement("div"));
        row.className = "ln";
      }
      if (row.textContent !== line) row.textContent = line;
    });
  };
  const mark = () => {
    for (const row of mirror.querySelectorAll(".bad")) row.classList.remove("bad");
    for (const link of part.querySelectorAll("[data-line]")) mirror.children[link.dataset.line - 1]?.classList.add("bad");
  };
  draw();
  mark();
  area.addEventListener("input", draw);
  part.addEventListener("htmx:afterSettle", mark);
  document.body.addEventListener("htmx:oobAfterSwap", mark);

  part.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    const before = area.value.split("\n").slice(0, link.dataset.line - 1);
    const start = before.reduce((sum, line) => sum + line.length + 1, 0);
    const at = start + Math.max(Number(link.dataset.column) - 1, 0);
    area.focus({ preventScroll: true });
    area.setSelectionRange(at, at);
    mirror.children[link.dataset.line - 1]?.scrollIntoView({ block: "center" });
  });

  // Values that are being typed stay under the cursor: the list is set in anew only when other names are asked for.
  document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    const [old, next] = [event.detail.target, event.detail.fragment?.firstElementChild];
    if (old?.id === "agreement-values" && old.dataset.names === next?.dataset.names) event.detail.shouldSwap = false;
  });

  const fault = document.getElementById("agreement-fault");
  part.addEventListener("htmx:responseError", () => (fault.hidden = false));
  part.addEventListener("htmx:sendError", () => (fault.hidden = false));
  part.addEventListener("htmx:afterSwap", () => (fault.hidden = true));

  keepCopy(area, part);
}

/** What isn't published is kept in this browser, and offered when the editor is opened anew. */
function keepCopy(area, part) {
  const name = document.getElementById("document").value;
  const key = `text:${part.dataset.text}:${name}`;
  const banner = document.getElementById("agreement-kept");
  const opened = area.value;
  const kept = localStorage.getItem(key);
  // A page that answers a form holds the newest text already.
  const answers = location.pathname.split("/").length > 5;
  if (kept === opened) localStorage.removeItem(key);
  else if (kept !== null && !answers) banner.hidden = false;
  area.addEventListener("input", () => {
    if (area.value === opened && !answers) localStorage.removeItem(key);
    else localStorage.setItem(key, area.value);
  });
  banner.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-kept]")?.dataset.kept;
    if (!choice) return;
    banner.hidden = true;
    if (choice === "drop") return localStorage.removeItem(key);
    area.value = kept;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
