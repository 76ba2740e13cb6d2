// Before the first paint: without a choice of one's own the page follows the system, and the kit asks for an attribute.
const root = document.documentElement;
if (!root.dataset.theme) root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
