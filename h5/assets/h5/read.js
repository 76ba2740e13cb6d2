// Reading: a document counts as read when it was in sight for the least time and its end was reached with the last
// page loaded. What was shown and for how long goes with the form, as evidence.

H5.reading = null;

H5.parts.push(function read() {
  H5.reading = null;
  const viewer = H5.one("[data-viewer]");
  if (!viewer) return;
  const documents = H5.all("[data-document]", viewer).map((section) => ({
    section, number: Number(section.dataset.document), name: section.dataset.name, submission: section.dataset.submission, seconds: 0, ended: false, pages: new Set(),
    before: "read" in section.dataset, leaves: H5.all("[data-leaf]", section), reflow: H5.one("[data-reflow]", section),
  }));
  const state = { viewer, documents, least: Number(viewer.dataset.leastSeconds), inView: new Set(), view: "original", zoom: 1 };
  H5.reading = state;
  H5.watchSight(state);
  H5.watchImages(viewer);
  H5.viewerTools(state);
  if (!H5.one("[data-reading-status]")) return;
  H5.one('[data-action="read-done"]').addEventListener("click", (event) => {
    if (documents.every(H5.isRead(state))) return;
    event.preventDefault();
    H5.goOnReading(state);
  });
  let last = performance.now();
  const tick = () => {
    if (H5.reading !== state) return;
    const now = performance.now();
    // A page that slept (locked phone) must not count the time it slept.
    H5.countReading(state, Math.min(now - last, 1000) / 1000);
    last = now;
    H5.showReading(state);
    setTimeout(tick, 200);
  };
  tick();
});

H5.seenAll = (document_) => document_.pages.size === document_.leaves.length;
H5.isRead = (state) => (document_) =>
  document_.before || (document_.ended && H5.seenAll(document_) && document_.seconds >= state.least);

H5.watchSight = (state) => {
  const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (entry.isIntersecting) state.inView.add(entry.target);
    else state.inView.delete(entry.target);
  }));
  H5.all("[data-leaf],[data-end],[data-reflow]", state.viewer).forEach((element) => seen.observe(element));
};

H5.loaded = (leaf) => {
  const image = H5.one("img", leaf);
  return image.complete && image.naturalWidth > 0;
};

// How far somebody came: every page down to the lowest in sight, if it has loaded. Who jumps ahead makes the pages
// passed over load too; nothing counts that never came to the phone.
H5.reached = (leaves) => leaves.filter((leaf) => {
  if (leaf.getBoundingClientRect().top > innerHeight) return false;
  H5.one("img", leaf).loading = "eager";
  return H5.loaded(leaf);
});

H5.countReading = (state, seconds) => {
  if (document.visibilityState !== "visible") return;
  state.documents.forEach((document_) => {
    const { leaves, reflow } = document_;
    if (!leaves.length) return;
    const text = state.view === "text" && reflow.dataset.ready === "yes";
    const shown = leaves.filter((leaf) => state.inView.has(leaf) && H5.loaded(leaf));
    H5.reached(leaves).forEach((leaf) => document_.pages.add(leaf));
    if (shown.length || (text && state.inView.has(reflow))) document_.seconds += seconds;
    if (!state.inView.has(H5.one("[data-end]", document_.section))) return;
    // The words of a document are one flow of text: whoever is at their end has had them all.
    if (text) leaves.forEach((leaf) => document_.pages.add(leaf));
    if (text || H5.loaded(leaves[leaves.length - 1])) document_.ended = true;
  });
};

H5.showReading = (state) => {
  const isRead = H5.isRead(state);
  const read = state.documents.filter(isRead).length;
  const all = state.documents.length;
  const open = state.documents.find((document_) => !isRead(document_));
  const button = H5.one('[data-action="read-done"]');
  if (button.form.dataset.sending) return;
  const left = open ? Math.max(0, Math.ceil(state.least - open.seconds)) : 0;
  H5.put(H5.one(".lab", button), !open ? H5.say("read-done") : left ? H5.say("read-more", left) : H5.say("read-end"));
  H5.put(H5.one("[data-reading-status]"), !open ? H5.say("read-ready")
    : H5.say("read-status", read, all) + " · " + H5.say("read-missing", open.name));
  const done = state.documents.reduce((sum, document_) =>
    sum + (isRead(document_) ? 1 : Math.min(1, document_.seconds / state.least) / 2 + (document_.ended ? .4 : 0)), 0);
  H5.one("[data-fill]", button).style.width = (open ? Math.round(100 * done / all) : 0) + "%";
  H5.enable(button, !open);
  H5.markTabs(state, isRead);
};

H5.put = (element, text) => { if (element.textContent !== text) element.textContent = text; };

H5.markTabs = (state, isRead) => {
  const current = state.documents.find((document_) => H5.all("[data-leaf],[data-reflow]", document_.section)
    .some((element) => state.inView.has(element)));
  state.documents.forEach((document_) => {
    const tab = H5.one('.docs a[href="#' + document_.section.id + '"]');
    if (!tab) return;
    if (document_ === current) tab.setAttribute("aria-current", "true");
    else if (current) tab.removeAttribute("aria-current");
    H5.one(".seen", tab).hidden = !isRead(document_);
    H5.one("b", tab).hidden = isRead(document_);
  });
};

// A tap on a button that may not be pressed yet goes where reading goes on.
H5.goOnReading = (state) => {
  const open = state.documents.find((document_) => !H5.isRead(state)(document_));
  const box = open.section.getBoundingClientRect();
  const missed = open.leaves.find((leaf) => !open.pages.has(leaf));
  if (box.top > innerHeight * .7) open.section.scrollIntoView();
  else if (missed && (box.bottom < innerHeight || missed.getBoundingClientRect().bottom < 0)) missed.scrollIntoView();
  else scrollBy({ top: innerHeight * .7 });
};

H5.report = (state) => JSON.stringify({
  documents: state.documents.filter((document_) => !document_.before).map((document_) => ({
    number: document_.number,
    submission: document_.submission,
    seconds: Math.round(document_.seconds),
    reachedEnd: document_.ended,
    pages: document_.pages.size,
  })),
});

H5.checks.push((form) => {
  if (!("reading" in form.dataset)) return true;
  if (!H5.reading.documents.every(H5.isRead(H5.reading))) return false;
  form.elements.reading.value = H5.report(H5.reading);
  return true;
});

// A page that did not come says so and comes again at a tap.
H5.watchImages = (viewer) => H5.all("[data-leaf] img", viewer).forEach((image) => {
  const failed = () => {
    const leaf = image.closest("[data-leaf]");
    if (H5.one(".retry", leaf)) return;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "retry";
    again.textContent = H5.say("image-failed");
    again.addEventListener("click", () => { again.remove(); image.src = image.getAttribute("src").split("?")[0] + "?" + Date.now(); });
    leaf.append(again);
  };
  image.addEventListener("error", failed);
  if (image.complete && image.naturalWidth === 0 && image.currentSrc) failed();
});

H5.viewerTools = (state) => {
  const zoomTo = (zoom) => {
    state.zoom = Math.min(2.5, Math.max(1, zoom));
    state.viewer.style.setProperty("--zoom", state.zoom);
  };
  H5.all("[data-zoom]").forEach((button) => button.addEventListener("click", () =>
    zoomTo(state.zoom * (button.dataset.zoom === "in" ? 1.25 : .8))));
  H5.all("[data-leaf]").forEach((leaf) => leaf.addEventListener("dblclick", () => zoomTo(state.zoom > 1 ? 1 : 1.6)));
  H5.all("[data-show]").forEach((button) => button.addEventListener("click", () => {
    state.view = button.dataset.show;
    H5.all("[data-show]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    const text = state.view === "text";
    H5.all("[data-leaves]").forEach((leaves) => { leaves.hidden = text; });
    H5.all("[data-reflow]").forEach((reflow) => { reflow.hidden = !text; if (text) H5.loadText(reflow); });
  }));
};

// The words of a document, reflowed; a form feed parts its pages.
H5.loadText = (reflow) => {
  if (reflow.dataset.ready) return;
  reflow.dataset.ready = "coming";
  reflow.textContent = H5.say("text-loading");
  fetch(reflow.dataset.reflow, { credentials: "same-origin" })
    .then((reply) => { if (!reply.ok) throw new Error("no text"); return reply.text(); })
    .then((text) => {
      reflow.textContent = "";
      const paragraph = (words, kind) => {
        const element = document.createElement("p");
        element.className = kind;
        element.textContent = words;
        reflow.append(element);
      };
      paragraph(H5.say("text-note"), "xs t3");
      text.split(/[\n\f]+/).map((line) => line.trim()).filter(Boolean).forEach((line) => paragraph(line, ""));
      reflow.dataset.ready = "yes";
    })
    .catch(() => { delete reflow.dataset.ready; reflow.textContent = H5.say("offline"); });
};
