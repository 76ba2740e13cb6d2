// The system's side: the flow's timeline, the webhooks it sends, and the result it ends with.

import { demoClient, getJson, graphql } from "./api.js";
import { byId, clock, el, glyph } from "./dom.js";
import { subscribe } from "./socket.js";
import { CODE, EVENT, SAY, SEAL, STATUS, TERMINAL, VERDICT } from "./words.js";

const FLOW = `query($id: ID!) { signFlow(id: $id) {
  id flowNo status smsUndelivered expiresAt failure { code message }
  events(first: 100) { nodes { seq type toStatus occurredAt } }
  sealRecords { documentName status level downloadUrl }
  result { authValidUntil evidenceDigest token } } }`;
const EVENTS = "subscription($ids: [ID!]) { signFlowEvents(filter: { flowIds: $ids }) { node { seq } } }";

let flow = null;
let end = () => {};
let reading = null;
let isStale = false;

export function watchFlow(started) {
  end();
  flow = started;
  byId("flow-no").textContent = started.flowNo;
  byId("flow").hidden = false;
  byId("flow-empty").hidden = true;
  byId("took").textContent = `startSignFlow · ${started.took} 毫秒`;
  // An event is only a nudge: what is shown is always read afresh, so nothing is missed while the socket is away.
  end = subscribe(EVENTS, { ids: [started.id] }, readFlow, (isLive) => {
    showLive(isLive);
    if (isLive) readFlow();
  });
  readFlow();
}

// One read at a time; a nudge during a read is followed by another read.
export async function readFlow() {
  if (!flow) return;
  isStale = true;
  reading ??= (async () => {
    while (isStale) {
      isStale = false;
      const id = flow.id;
      try {
        const { signFlow } = await graphql(FLOW, { id });
        if (signFlow && id === flow.id) showFlow(signFlow);
      } catch (error) {
        byId("flow-error").textContent = `${CODE[error.code] ?? error.message}（${error.code}）`;
      }
    }
    reading = null;
  })();
  await reading;
}

export const isOver = () => !flow || TERMINAL.includes(byId("status").dataset.status);

function showLive(isLive) {
  const live = byId("live");
  live.textContent = isLive ? SAY.live : SAY.offline;
  live.classList.toggle("off", !isLive);
  live.hidden = false;
}

function showFlow(found) {
  byId("flow-error").textContent = "";
  const [label, tone] = STATUS[found.status];
  byId("status").className = `pill st-${tone}`;
  byId("status").dataset.status = found.status;
  byId("status").replaceChildren(glyph(found.status, tone, ""), label);
  byId("timeline").replaceChildren(...found.events.nodes.toReversed().map(step));
  showResult(found);
}

function step({ type, toStatus, occurredAt }) {
  const [label, tone] = STATUS[toStatus];
  const isBad = type.endsWith("_FAILED") || ["SMS_EXHAUSTED", "AUTH_REJECTED", "MATERIAL_REFUSED", "DECLINED"].includes(type);
  return el(
    "li", { class: isBad ? "bad" : null },
    el("time", { datetime: occurredAt, title: occurredAt }, clock(occurredAt)),
    el("span", { class: "nd" }, glyph(toStatus, tone, label)),
    el("div", {}, el("b", {}, EVENT[type] ?? type), label === EVENT[type] ? null : el("p", {}, label)),
  );
}

function showResult({ status, failure, result, sealRecords }) {
  const box = byId("result");
  if (!result) {
    box.replaceChildren(el("p", { class: "hint" }, "流程结束后，这里是结果令牌和盖章文件"));
    return;
  }
  const facts = [["resultToken", `${result.token.slice(0, 48)}…`], ["evidenceDigest", result.evidenceDigest], ["validUntil", result.authValidUntil]];
  const seals = sealRecords.map((seal) =>
    el("li", {}, `${seal.documentName} · ${SEAL[seal.status]}${seal.level ? ` · ${seal.level}` : ""} `, link(seal.downloadUrl, "下载 PDF")));
  box.replaceChildren(
    failure ? el("p", { class: "problem" }, `${failure.message}（${failure.code}）`) : el("p", {}, STATUS[status][0]),
    el("dl", { class: "facts" }, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", { class: "mono" }, value)])),
    el("ul", { class: "docs" }, ...seals),
    el("p", { class: "acts" },
      el("button", { type: "button", class: "btn", onclick: () => navigator.clipboard?.writeText(result.token) }, "复制令牌"),
      link("/verify", "离线验证")),
  );
}

const link = (href, text) => (href ? el("a", { class: "btn", href, target: "_blank", rel: "noopener" }, text) : null);

export async function refreshWebhooks() {
  if (!flow) return;
  const { client } = await demoClient();
  const all = await getJson(`/sandbox/webhooks/${encodeURIComponent(client.code)}?limit=100`);
  const ours = all.filter(({ body }) => body?.data?.flowId === flow.id);
  byId("webhooks").replaceChildren(...ours.map(delivery));
  byId("webhooks-part").hidden = ours.length === 0;
}

function delivery({ body, verdict, status, receivedAt }) {
  const isGood = status < 300;
  return el(
    "li", {},
    glyph(isGood ? "COMPLETED" : "FAILED", isGood ? "done" : "fail", isGood ? "已收下" : "已拒收"),
    el("div", {}, el("b", {}, String(body.type ?? "").replace("sign_flow.", "")), el("p", {}, `${STATUS[body.data.status]?.[0] ?? body.data.status} · ${VERDICT[verdict]}`)),
    el("span", { class: "mono" }, `${status} · ${clock(receivedAt)}`),
  );
}
