"use strict";
// The signer's pages work without this script, but for handwriting; it makes them quicker and kinder.
// H5.parts are the rooms: each is called with the document once it is there, and again when a page was replaced in place.
const H5 = { parts: [], checks: [] };

H5.one = (selector, root) => (root || document).querySelector(selector);
H5.all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
H5.main = () => H5.one("main");
H5.base = () => H5.main().dataset.base;

// Words come with the page, in its language; %n and %m are set in here.
H5.say = (key, n, m) => {
  const name = "data-" + key;
  return (H5.one("#words").getAttribute(name) || "").replace("%n", n).replace("%m", m);
};

H5.enable = (button, on) => {
  if (button) button.setAttribute("aria-disabled", String(!on));
};

// A problem stands beside its cause; the first one gets the focus.
H5.problem = (name, text) => {
  const box = H5.one('[data-problem="' + name + '"]');
  if (!box) return;
  box.hidden = text === null;
  if (typeof text === "string") H5.one("span", box).textContent = text;
};

H5.parts.push(function showWhatNeedsTheScript() {
  H5.all("[data-scripted]").forEach((element) => { element.hidden = false; });
});

// Large type in place: nothing that was typed, drawn or read is lost. The cookie is the one the server sets.
H5.parts.push(function largeType() {
  const toggle = H5.one('[data-toggle="size"]');
  toggle.addEventListener("click", (event) => {
    event.preventDefault();
    const large = document.documentElement.dataset.size !== "large";
    document.documentElement.dataset.size = large ? "large" : "";
    document.cookie = "esign_size=" + (large ? "large" : "normal") + "; Path=/; Max-Age=31536000; SameSite=Lax";
    toggle.setAttribute("aria-pressed", String(large));
    window.dispatchEvent(new Event("resize"));
  });
});

// A page from the browser's memory may be out of date.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
