// A link that asks before it acts leads to a page of its own. With a script the same page opens in a dialog.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  // Signed out meanwhile, or no answer: the page itself says it best.
  if (!answer?.ok || answer.redirected) return location.assign(link.href);
  const dialog = document.getElementById("dialog");
  dialog.innerHTML = await answer.text();
  dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector("input,select,textarea,button,a"))?.focus();
});

document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog");
  const leaves = event.target.closest("dialog [data-leave]");
  if (leaves || event.target === dialog) {
    event.preventDefault();
    dialog.close();
  }
});
