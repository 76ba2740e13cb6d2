// What a signer does, by data-step and data-action alone. `view` is a page, or the frame of one.

const SHOWN = { state: "visible" };

/** Waits until the page shows this step. */
export const at = (view, step) => view.locator(`main[data-step="${step}"]`).waitFor(SHOWN);

/** A control. */
export const control = (view, action) => view.locator(`[data-action="${action}"]:visible`);

/** A control that may be pressed now. */
export const ready = (view, action) => control(view, action).and(view.locator(':not([aria-disabled="true"])'));

/** Taps a control as soon as it may be pressed. */
export const tap = async (view, action) => ready(view, action).first().tap();

/** Taps a control whether or not it may be pressed now. */
export const press = (view, action) => control(view, action).first().tap({ force: true });

/** Scrolls through the documents as a reader does, until they count as read, and goes on. */
export async function read(view) {
  await at(view, "read");
  await scrollUntilRead(view);
  await tap(view, "read-done");
}

export async function scrollUntilRead(view) {
  const main = view.locator("main");
  const reading = main.evaluate(() => new Promise((done) => {
    const button = document.querySelector('[data-action="read-done"]');
    const turn = setInterval(() => {
      if (button.getAttribute("aria-disabled") !== "true") {
        clearInterval(turn);
        done();
        return;
      }
      const atEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
      // Whoever turned too fast begins again.
      if (atEnd) scrollTo(0, 0);
      else scrollBy(0, innerHeight * .6);
    }, 300);
  }));
  await reading;
}

/** Writes a name on the pad, with a finger. */
export async function write(page, view) {
  const pad = view.locator("main canvas");
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  const at = ([x, y]) => [{ x: box.x + x * box.width, y: box.y + y * box.height }];
  const devtools = await page.context().newCDPSession(page);
  let timestamp = Date.now() / 1000;
  const touch = (type, touchPoints, seconds = .016) =>
    devtools.send("Input.dispatchTouchEvent", { type, touchPoints, timestamp: (timestamp += seconds) });
  for (const stroke of strokes()) {
    await touch("touchStart", at(stroke[0]), .2);
    for (const point of stroke.slice(1)) await touch("touchMove", at(point));
    // The finger rests before it lifts: lifted in full swing it would be a fling, which the next tap only stops.
    await touch("touchMove", at(stroke.at(-1)), .3);
    await touch("touchEnd", []);
  }
  await devtools.detach();
}

// Two strokes that look like quick handwriting, as parts of the pad's width and height.
function strokes() {
  const along = (from, to, count, wave) =>
    Array.from({ length: count }, (_, step) => {
      const part = step / (count - 1);
      return [from + (to - from) * part, .5 + .28 * Math.sin(part * wave)];
    });
  return [along(.15, .55, 16, 9), along(.45, .85, 16, 14)];
}

/** A dot on the pad, which is no signature. */
export async function dot(view) {
  await view.locator("main canvas").tap();
}

/** Consents, writes, signs. */
export async function sign(page, view) {
  await at(view, "sign");
  await write(page, view);
  await control(view, "consent").check();
  await tap(view, "sign");
}

/** Types an amount in fen and hands it in. */
export async function pay(view, fen) {
  await at(view, "auth-payment");
  await view.locator('main[data-step="auth-payment"]').getByRole("textbox").fill((fen / 100).toFixed(2));
  await tap(view, "submit-amount");
}

/** Consents to the use of the face and starts; ends on the auth system's own page. */
export async function face(view) {
  await at(view, "auth-face");
  await control(view, "consent").check();
  await tap(view, "start-face");
  await control(view, "pass").waitFor(SHOWN);
}
