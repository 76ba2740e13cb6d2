// What every page has: words for scripts, lines of what just worked, things to copy.
"use strict";

const words = document.getElementById("words")?.dataset ?? {};

/** Says what just worked, for four seconds. */
function toast(text) {
  const line = document.createElement("p");
  line.className = "toast-line";
  line.textContent = text;
  document.getElementById("toasts")?.replaceChildren(line);
  setTimeout(() => line.remove(), 4000);
}

for (const line of document.querySelectorAll(".toast-line")) setTimeout(() => line.remove(), 4000);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  await navigator.clipboard.writeText(button.dataset.copy);
  toast(words.copied);
});

// A form is sent once, however often its button is pressed; after a way back it can be sent again. A file is taken away
// and the page stays, so that is no sending.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.submitter?.matches("[data-file]")) return;
  if (form.dataset.sending) return event.preventDefault();
  form.dataset.sending = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
});

// What is wrong with what was typed is an answer like any other: it is set in where the answer would be.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status !== 422 || !["flows", "preview"].includes(event.detail.target.id)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
