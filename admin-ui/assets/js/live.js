// Live parts. A stream says 'look again'; the page fetches itself and sets in the parts marked data-part whose content
// changed. What the reader has under the pointer or in hand stays.
const LIVE = document.querySelector("span[data-live]");

function say(text, off) {
  LIVE.classList.toggle("off", off);
  LIVE.textContent = text;
}

async function lookAgain() {
  const answer = await fetch(location.href, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-part][id]")) {
    const next = fresh.getElementById(part.id);
    const busy = part.contains(document.activeElement) && document.activeElement.matches("input,textarea,select");
    if (!next || busy || next.innerHTML === part.innerHTML) continue;
    if (part.dataset.part === "wait") part.dispatchEvent(new CustomEvent("part:fresh", { bubbles: true, detail: next }));
    else {
      part.innerHTML = next.innerHTML;
      htmx.process(part);
      part.dispatchEvent(new CustomEvent("part:set", { bubbles: true }));
    }
  }
  say(words.live, false);
}

if (LIVE) {
  const stream = new EventSource(LIVE.dataset.live);
  let last = new Date();
  stream.addEventListener("open", () => say(words.live, false));
  stream.addEventListener("look", () => {
    last = new Date();
    lookAgain();
  });
  stream.addEventListener("error", () => {
    // The server closes a stream now and then; only one that can't be opened anew is cut off.
    setTimeout(() => {
      if (stream.readyState !== EventSource.OPEN) say(words.cut.replace("{time}", last.toTimeString().slice(0, 5)), true);
    }, 5000);
  });
}
