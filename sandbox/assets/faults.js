// Faults on demand: one row of switches for each stand-in, armed for the next three occasions.

import { getJson, postJson } from "./api.js";
import { byId, el } from "./dom.js";

const COUNT = 3;
const ROWS = [
  ["sms", "短信", [["none", "正常"], ["error", "失败"], ["lost_reply", "丢回执"], ["slow", "变慢"]]],
  ["auth", "认证", [["none", "正常"], ["timeout", "超时"], ["duplicate", "重复"], ["silent", "静默"]]],
  ["webhook", "Webhook", [["none", "正常"], ["error", "503"], ["slow", "变慢"], ["lost_reply", "丢应答"]]],
];

export function mountFaults() {
  byId("faults").append(...ROWS.map(row));
  show(getJson("/sandbox/faults"));
}

function row([target, label, modes]) {
  const button = ([mode, text]) =>
    el("button", { type: "button", "data-target": target, "data-mode": mode, "aria-pressed": String(mode === "none"), onclick: () => arm(target, mode) }, text);
  return el("div", { class: "fault" }, el("span", {}, label), el("span", { class: "sw", role: "group", "aria-label": label }, ...modes.map(button)));
}

const arm = (target, mode) => show(postJson("/sandbox/faults", { target, mode, count: COUNT }));

export const refreshFaults = () => show(getJson("/sandbox/faults"));

async function show(answer) {
  const hint = byId("fault-hint");
  try {
    const armed = await answer;
    for (const button of document.querySelectorAll("#faults button")) {
      const fault = armed.find(({ target }) => target === button.dataset.target);
      button.setAttribute("aria-pressed", String((fault?.mode ?? "none") === button.dataset.mode));
    }
    const left = armed.map(({ target, count }) => `${ROWS.find(([name]) => name === target)[1]} ${count} 次`);
    hint.textContent = left.length ? `还会生效：${left.join(" · ")}` : `每次只对接下来 ${COUNT} 次生效`;
  } catch (error) {
    hint.textContent = `没能设置：${error.message}`;
  }
}
