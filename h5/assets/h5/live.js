// Waiting: the server says when the flow has moved; the page is then replaced in place. Where events don't come
// through (old web views, proxies that hold them back), the same address is asked every few seconds.

H5.watching = null;

H5.parts.push(function watch() {
  if (H5.watching) H5.watching.stop();
  H5.watching = null;
  if ("watch" in H5.main().dataset) H5.watching = H5.startWatching();
});

H5.startWatching = () => {
  const watch = { stopped: false, source: null, timer: null };
  watch.stop = () => {
    watch.stopped = true;
    clearTimeout(watch.timer);
    if (watch.source) watch.source.close();
  };
  const poll = () => {
    if (watch.stopped) return;
    fetch(H5.base() + "/state", { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store" })
      .then((reply) => reply.status === 404 ? location.reload() : reply.json().then((state) => H5.hasMoved(watch, state)))
      .catch(() => {})
      .then(() => { watch.timer = setTimeout(poll, 3000); });
  };
  const fallBack = () => {
    if (watch.source) watch.source.close();
    watch.source = null;
    poll();
  };
  if (!window.EventSource) { poll(); return watch; }
  watch.source = new EventSource(H5.base() + "/state");
  watch.timer = setTimeout(fallBack, 6000);
  watch.source.onmessage = (event) => { clearTimeout(watch.timer); H5.hasMoved(watch, JSON.parse(event.data)); };
  watch.source.onerror = () => {
    if (watch.source && watch.source.readyState === EventSource.CLOSED) { clearTimeout(watch.timer); fallBack(); }
  };
  return watch;
};

// While somebody types an amount only another step may take the page away.
H5.hasMoved = (watch, state) => {
  const main = H5.main();
  const same = state.step === main.dataset.step && (main.dataset.step !== "wait" || state.version === main.dataset.version);
  if (watch.stopped || same) return;
  watch.stop();
  H5.replacePage();
};

H5.replacePage = () => {
  fetch(H5.base(), { credentials: "same-origin", cache: "no-store" })
    .then((reply) => reply.text())
    .then((html) => {
      const next = new DOMParser().parseFromString(html, "text/html");
      H5.one(".app").replaceWith(H5.one(".app", next));
      document.title = next.title;
      H5.start();
      const heading = H5.one("h1");
      if (heading) heading.focus({ preventScroll: true });
      scrollTo(0, 0);
    })
    .catch(() => setTimeout(H5.start, 3000));
};
