// The editor of SMS templates: what is typed is marked at once, variables are put in where the cursor stands.
document.documentElement.classList.add("scripted");

/** Draws a text with its variables marked, each in a span of its own. */
function markInto(mirror, text, known) {
  const parts = text.split(/(\{\{[^]*?\}\})/);
  mirror.replaceChildren(
    ...parts.map((part, index) => {
      if (index % 2 === 0) return part;
      const span = document.createElement("span");
      span.className = known.includes(part.slice(2, -2).trim()) ? "v" : "v bad";
      span.textContent = part;
      return span;
    }),
    "\u200b",
  );
}

for (const box of document.querySelectorAll("[data-mirror]")) {
  const [mirror, area] = [box.querySelector(".mirror"), box.querySelector("textarea")];
  const known = box.dataset.known.trim().split(" ");
  const mark = () => markInto(mirror, area.value, known);
  box.classList.add("on");
  area.addEventListener("input", mark);
  mark();

  const inserts = box.closest("form").querySelector(".inserts");
  if (inserts) inserts.hidden = false;
  inserts?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    area.focus();
    area.setRangeText(button.dataset.insert, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// What is offered to mend a slip of the pen works with a script only.
function offerMends() {
  for (const button of document.querySelectorAll("[data-mend]")) button.hidden = false;
}
offerMends();
document.addEventListener("htmx:oobAfterSwap", offerMends);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mend]");
  const area = button && document.querySelector("[data-mirror] textarea");
  if (!area) return;
  const pattern = /\{\{([^]*?)\}\}/g;
  area.value = area.value.replace(pattern, (all, name) =>
    name.trim() === button.dataset.mend ? `{{ ${button.dataset.to} }}` : all,
  );
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
});
