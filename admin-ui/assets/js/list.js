// Lists by keyboard: / to the search, J and K or the arrows from row to row, Enter opens.
function rows() {
  return [...document.querySelectorAll("table[data-list] tbody tr")].filter((row) => row.querySelector("a[href]"));
}

function select(row) {
  for (const other of rows()) other.classList.remove("sel");
  row.classList.add("sel");
  row.querySelector("a[href]").focus();
  row.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input,textarea,select,[contenteditable]") || document.querySelector("dialog[open]")) return;
  const all = rows();
  const at = all.findIndex((row) => row.classList.contains("sel"));
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (!search) return;
    search.focus();
    search.select();
  } else if (step && all.length && (event.key.length === 1 || event.target.closest("table[data-list]"))) {
    select(all[Math.min(Math.max(at + step, 0), all.length - 1)]);
  } else return;
  event.preventDefault();
});
