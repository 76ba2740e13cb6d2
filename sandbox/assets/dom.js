// Building elements without markup in strings: what comes from the server is always text.

export const byId = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

// A status glyph from the page's sprite, with the words it stands for; without, where the words stand beside it.
export function glyph(status, tone, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `sg st-${tone}`);
  svg.setAttribute(...(label ? ["aria-label", label] : ["aria-hidden", "true"]));
  if (label) svg.setAttribute("role", "img");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#s-${status}`);
  svg.append(use);
  return svg;
}

export const clock = (iso) => new Date(iso).toLocaleTimeString("zh-CN", { hour12: false });
