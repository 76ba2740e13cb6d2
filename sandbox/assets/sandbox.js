// The try-it page: a form on the left, a phone in the middle, and what the system does on the right.

import { demoClient } from "./api.js";
import { byId } from "./dom.js";
import { refreshFaults, mountFaults } from "./faults.js";
import { isOver, readFlow, refreshWebhooks, watchFlow } from "./flow.js";
import { mountForm } from "./form.js";
import { mountPhone, refreshPhone, watchPhone } from "./phone.js";

const EVERY = 1500;
// After the end the webhook may still be on its way.
const ROUNDS_AFTER_END = 20;
let rounds = 0;

function started(flow) {
  rounds = 0;
  watchPhone(flow);
  watchFlow(flow);
  refresh();
  // On a narrow screen the phone is below the form.
  if (matchMedia("(max-width: 720px)").matches) byId("inbox").scrollIntoView({ block: "center" });
}

async function refresh() {
  await Promise.allSettled([refreshPhone(), refreshWebhooks(), refreshFaults()]);
}

// The lists have no push; the flow itself does, and is read here only as a net.
setInterval(() => {
  rounds = isOver() ? rounds + 1 : 0;
  if (document.hidden || rounds > ROUNDS_AFTER_END) return;
  refresh();
  if (byId("live").classList.contains("off")) readFlow();
}, EVERY);

async function showClient() {
  try {
    const { client } = await demoClient();
    byId("client").textContent = `演示客户端 ${client.code} · 数据只在本机`;
  } catch {
    // The form says what is missing.
  }
}

mountForm(started);
mountPhone();
mountFaults();
showClient();
