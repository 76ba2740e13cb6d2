// The signer's side: the SMS inbox, the signing page that a message leads to, and what the bank's app announces.

import { getJson } from "./api.js";
import { byId, clock, el } from "./dom.js";
import { SAY } from "./words.js";

const LINK = /https?:\/\/\S+\/s\/[^\s，。；]+/;
let flow = null;
let shown = "";

export function mountPhone() {
  for (const tab of document.querySelectorAll("[data-view]")) tab.addEventListener("click", () => show(tab.dataset.view));
  const publicUrl = document.body.dataset.publicUrl;
  if (publicUrl && new URL(publicUrl).origin !== location.origin) {
    const address = `${publicUrl}/sandbox`;
    byId("elsewhere").append(SAY.elsewhere, " ", el("a", { href: address }, address));
    byId("elsewhere").hidden = false;
  }
  show("inbox");
  byId("inbox").replaceChildren(el("p", { class: "empty" }, SAY.waitingSms));
}

// A flow has been started: the inbox is this signer's from now on.
export function watchPhone(started) {
  if (flow?.id !== started.id) {
    byId("page").removeAttribute("src");
    byId("bank").replaceChildren();
    show("inbox");
  }
  flow = started;
  shown = "";
}

export async function refreshPhone() {
  if (!flow) return;
  const [messages, challenges] = await Promise.all([
    getJson(`/sandbox/sms?mobile=${encodeURIComponent(flow.mobile)}`),
    getJson(`/sandbox/auth-system/challenges?flowNo=${encodeURIComponent(flow.flowNo)}`),
  ]);
  showInbox(messages);
  showBank(challenges.filter(({ authType }) => authType === "PAYMENT_VERIFICATION"));
}

function show(view) {
  for (const tab of document.querySelectorAll("[data-view]")) tab.setAttribute("aria-pressed", String(tab.dataset.view === view));
  byId("inbox").hidden = view !== "inbox";
  byId("page").hidden = view !== "page";
}

function showInbox(messages) {
  const signature = messages.map(({ id }) => id).join();
  if (signature === shown) return;
  shown = signature;
  byId("inbox").replaceChildren(...messages.map(bubble).reverse());
  if (!messages.length) byId("inbox").append(el("p", { class: "empty" }, "短信在路上…"));
}

function bubble({ text, sentAt }) {
  const [link] = text.match(LINK) ?? [];
  const body = el("p", { class: "bubble" });
  if (link) {
    const [before, after] = text.split(link);
    body.append(before, el("button", { type: "button", class: "link", "data-action": "open-link", onclick: () => open(link) }, link), after);
  } else {
    body.append(text);
  }
  return el("div", { class: "sms" }, el("p", { class: "from" }, clock(sentAt)), body);
}

// The page is framed from our own origin, whatever name the message called us by.
function open(link) {
  const { pathname } = new URL(link);
  byId("page").src = pathname;
  show("page");
}

function showBank(payments) {
  byId("bank").replaceChildren(...payments.slice(-1).map(notice));
}

function notice({ challengeId, amount, status }) {
  const yuan = (amount / 100).toFixed(2);
  const tail = (flow.accountNo ?? "").slice(-4);
  return el(
    "div", { class: "notice" },
    el("b", {}, `${flow.bankName ?? "银行"} · 到账通知`),
    el("p", {}, "您尾号 ", el("span", { class: "mono" }, tail), " 的账户收入 ", el("b", { class: "money", "data-amount": yuan }, `¥ ${yuan}`), "，附言账户验证"),
    el("a", { href: `/sandbox/auth-system/payments/${challengeId}`, target: "_blank", rel: "noopener" }, status === "PENDING" ? "看这笔转账" : "这笔转账的核验已结束"),
  );
}
