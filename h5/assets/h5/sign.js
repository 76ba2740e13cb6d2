// Signing: handwriting is kept as strokes, never as a picture. The canvas is redrawn from them at every change of size.

H5.pad = null;

H5.parts.push(function sign() {
  H5.pad = null;
  const form = H5.one("form[data-signing]");
  if (!form) return;
  const canvas = H5.one("[data-pad] canvas");
  const pad = new SignaturePad(canvas, { penColor: "#1a2a5e", minWidth: 1.2, maxWidth: 3.6, minDistance: 2, throttle: 8 });
  const state = { form, canvas, pad, box: H5.one("[data-padbox]"), groups: [], size: null, turned: false };
  H5.pad = state;
  H5.fitPad(state);
  pad.addEventListener("beginStroke", () => { H5.one("[data-hint]").hidden = true; });
  pad.addEventListener("endStroke", () => H5.inkChanged(state));
  window.addEventListener("resize", () => { if (H5.pad === state) H5.fitPad(state); });
  H5.padTools(state);
  form.addEventListener("input", () => H5.signable(state));
  H5.signable(state);
});

H5.padTools = (state) => {
  const replace = (groups) => { state.pad.fromData(groups); H5.inkChanged(state); };
  H5.one("[data-pad-undo]").addEventListener("click", () => replace(state.pad.toData().slice(0, -1)));
  H5.one("[data-pad-clear]").addEventListener("click", () => replace([]));
  const full = H5.one("[data-pad-full]");
  const toggle = (on) => {
    full.setAttribute("aria-pressed", String(on));
    document.documentElement.classList.toggle("writing", on);
    H5.fitPad(state);
    full.focus();
  };
  full.addEventListener("click", () => toggle(full.getAttribute("aria-pressed") !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && full.getAttribute("aria-pressed") === "true") toggle(false);
  });
};

// Full screen on an upright phone is written with the phone turned to the left: what the writer sees as right is the
// screen's down. Strokes are turned back by arithmetic, so no orientation lock is needed, which iOS does not have.
H5.fitPad = (state) => {
  const { canvas, pad } = state;
  const groups = state.size ? pad.toData() : [];
  const before = { size: state.size, turned: state.turned };
  const full = document.documentElement.classList.contains("writing");
  state.turned = full && innerHeight > innerWidth;
  document.documentElement.classList.toggle("turned", state.turned);
  const size = { width: canvas.offsetWidth, height: canvas.offsetHeight };
  if (!size.width || (before.size && before.size.width === size.width && before.size.height === size.height)) return;
  const ratio = Math.max(1, Math.min(3, window.devicePixelRatio || 1));
  canvas.width = size.width * ratio;
  canvas.height = size.height * ratio;
  canvas.getContext("2d").scale(ratio, ratio);
  state.size = size;
  pad.fromData(groups.length ? H5.moved(groups, before, state) : []);
  H5.inkChanged(state);
};

// The writer's own space: x to the writer's right, y down, whichever way the phone is held.
H5.upright = (point, view) => view.turned ? { x: point.y, y: view.size.width - point.x } : { x: point.x, y: point.y };
H5.room = (view) => view.turned ? { width: view.size.height, height: view.size.width } : view.size;

// As large as the new room allows without cutting the ink, its middle where it was in proportion.
H5.moved = (groups, from, to) => {
  const a = H5.room(from), b = H5.room(to);
  const points = groups.reduce((all, group) => all.concat(group.points), []).map((point) => H5.upright(point, from));
  const along = (axis, side) => {
    const values = points.map((point) => point[axis]);
    const least = Math.min(...values), most = Math.max(...values);
    return { middle: (least + most) / 2, half: (most - least) / 2 + 12, from: a[side], to: b[side] };
  };
  const x = along("x", "width"), y = along("y", "height");
  const scale = Math.min(Math.max(x.to / x.from, y.to / y.from), x.to / 2 / x.half, y.to / 2 / y.half);
  const shift = (axis) => {
    const half = axis.half * scale;
    return Math.min(axis.to - half, Math.max(half, axis.middle / axis.from * axis.to)) - axis.middle * scale;
  };
  const left = shift(x), top = shift(y);
  return groups.map((group) => Object.assign({}, group, { points: group.points.map((point) => {
    const at = H5.upright(point, from);
    const placed = { x: left + at.x * scale, y: top + at.y * scale };
    return Object.assign({}, point, to.turned ? { x: to.size.width - placed.y, y: placed.x } : placed);
  }) }));
};

H5.strokes = (state) => state.pad.toData().map((group) => group.points.map((point) => {
  const at = H5.upright(point, state);
  return [Math.round(at.x * 10) / 10, Math.round(at.y * 10) / 10];
})).filter((stroke) => stroke.length);

// A dot, a tick or a slip is no signature: some length of line, and some size.
H5.enoughInk = (strokes) => {
  const points = strokes.reduce((all, stroke) => all.concat(stroke), []);
  if (points.length < 8) return false;
  const span = (axis) => Math.max(...points.map((p) => p[axis])) - Math.min(...points.map((p) => p[axis]));
  const length = strokes.reduce((sum, stroke) => sum + stroke.slice(1).reduce((part, point, index) =>
    part + Math.hypot(point[0] - stroke[index][0], point[1] - stroke[index][1]), 0), 0);
  return Math.max(span(0), span(1)) >= 30 && length >= 80;
};

H5.inkChanged = (state) => {
  const strokes = H5.strokes(state);
  state.strokes = strokes;
  state.form.elements.strokes.value = strokes.length ? JSON.stringify(strokes) : "";
  H5.one("[data-hint]").hidden = strokes.length > 0;
  if (H5.enoughInk(strokes)) H5.problem("pad", null);
  H5.previewInk(strokes);
  H5.signable(state);
};

H5.previewInk = (strokes) => {
  const svg = H5.one("[data-preview]");
  const points = strokes.reduce((all, stroke) => all.concat(stroke), []);
  H5.one("path", svg).setAttribute("d", strokes.map((stroke) =>
    "M" + (stroke.length === 1 ? stroke.concat(stroke) : stroke).map((point) => point.join(" ")).join("L")).join(""));
  if (!points.length) return;
  const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
  const left = Math.min(...xs) - 6, top = Math.min(...ys) - 6;
  svg.setAttribute("viewBox", [left, top, Math.max(...xs) - left + 6, Math.max(...ys) - top + 6].join(" "));
};

H5.typedName = (form) => form.elements.typed_name ? form.elements.typed_name.value.trim() : "";

H5.signable = (state) => {
  const inked = H5.enoughInk(state.strokes || []) || H5.typedName(state.form) !== "";
  const consented = state.form.elements.consent.checked;
  if (consented) H5.problem("consent", null);
  H5.enable(H5.one('[data-action="sign"]'), inked && consented);
};

H5.checks.push((form) => {
  if (!("signing" in form.dataset)) return true;
  const inked = H5.enoughInk(H5.pad.strokes || []) || H5.typedName(form) !== "";
  const consented = form.elements.consent.checked;
  H5.problem("pad", inked ? null : undefined);
  H5.problem("consent", consented ? null : undefined);
  if (!inked) H5.pad.canvas.focus();
  else if (!consented) form.elements.consent.focus();
  return inked && consented;
});
