// The form that starts a flow: sample values that pass, a plan of what would happen, and clear words when refused.

import { graphql } from "./api.js";
import { byId, el } from "./dom.js";
import { flowNo, party } from "./sample.js";
import { AUTH, CODE, SAY } from "./words.js";

const PLAN = `query($input: StartSignFlowInput!) {
  planSignFlow(input: $input) { authType authRule { note } smsTemplate { name } documents { documentName } } }`;
const START = `mutation($input: StartSignFlowInput!) {
  startSignFlow(input: $input) { replayed flow { id flowNo } } }`;

const TYPES = `{ agreementTypes { code name scenes subjectTypes enabled templates { variables } } }`;

const form = byId("start");
let agreements = [];
let lastInput = null;
let planTimer = null;
let isSending = false;

// onStarted gets {id, flowNo, mobile, bankName, accountNo, replayed, took}.
export function mountForm(onStarted) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.elements.flowNo.value = form.elements.flowNo.value.trim() || flowNo();
    start(readInput(), onStarted);
  });
  form.addEventListener("input", () => planSoon());
  form.elements.scene.addEventListener("change", listAgreements);
  for (const radio of form.elements.type) radio.addEventListener("change", fillParty);
  byId("again").addEventListener("click", () => lastInput && start(lastInput, onStarted));
  byId("reroll").addEventListener("click", fillParty);
  fillParty();
  learnAgreements();
}

// What staff have published can be tried at once.
async function learnAgreements() {
  try {
    const { agreementTypes } = await graphql(TYPES);
    agreements = agreementTypes.filter(({ enabled, templates }) => enabled && templates.length > 0);
    listAgreements();
  } catch (error) {
    showError(error);
  }
}

const isCompany = () => form.elements.type.value === "CORPORATE";

function fillParty() {
  const sample = party(form.elements.type.value);
  for (const [name, value] of Object.entries(sample)) form.elements[name].value = value;
  form.elements.flowNo.value = "";
  byId("name-label").textContent = isCompany() ? "企业名称" : "姓名";
  byId("document-label").textContent = isCompany() ? "统一社会信用代码" : "身份证号";
  byId("signatory").hidden = !isCompany();
  listAgreements();
}

function listAgreements() {
  const { scene, agreementType } = form.elements;
  const before = agreementType.value;
  const type = form.elements.type.value;
  const allowed = agreements.filter(({ scenes, subjectTypes }) => scenes.includes(scene.value) && subjectTypes.includes(type));
  agreementType.replaceChildren(...allowed.map(({ code, name }) => el("option", { value: code }, name)));
  if (allowed.some(({ code }) => code === before)) agreementType.value = before;
  if (allowed.length > 0) planSoon();
}

// An agreement's own variables get a word each, so that its text can be seen.
function sampleVariables(code) {
  const names = agreements.filter((one) => one.code === code).flatMap(({ templates }) => templates.flatMap(({ variables }) => variables));
  return names.length > 0 ? Object.fromEntries(names.map((name) => [name, "示例"])) : null;
}

function readInput() {
  const value = (name) => form.elements[name].value.trim();
  const accountNo = value("accountNo");
  return {
    flowNo: value("flowNo") || "SB-PLAN",
    scene: value("scene"),
    fundPurpose: value("fundPurpose"),
    agreementType: value("agreementType"),
    agreementVariables: sampleVariables(value("agreementType")),
    subject: {
      type: value("type"), role: value("role"), subjectNo: value("subjectNo"), name: value("name"), mobile: value("mobile"),
      idDocument: { type: isCompany() ? "UNIFIED_SOCIAL_CREDIT_CODE" : "RESIDENT_ID_CARD", number: value("documentNumber") },
      bankAccount: accountNo ? { accountNo, bankName: value("bankName") } : null,
      signatoryName: isCompany() ? value("signatoryName") : null,
    },
  };
}

function planSoon() {
  clearTimeout(planTimer);
  planTimer = setTimeout(plan, 400);
}

async function plan() {
  const hint = byId("plan");
  try {
    const { planSignFlow: found } = await graphql(PLAN, { input: readInput() });
    const documents = found.documents.map(({ documentName }) => documentName).join("、");
    hint.textContent = `将用${AUTH[found.authType]}和短信模板「${found.smsTemplate.name}」，签 ${found.documents.length} 份：${documents}`;
  } catch (error) {
    hint.textContent = CODE[error.code] ?? error.message;
  }
}

async function start(input, onStarted) {
  if (isSending) return;
  isSending = true;
  lastInput = input;
  const label = byId("start-label");
  label.textContent = SAY.starting;
  clearError();
  const begin = performance.now();
  try {
    const { startSignFlow: started } = await graphql(START, { input });
    byId("again").hidden = false;
    const { mobile, bankAccount } = input.subject;
    onStarted({ ...started.flow, replayed: started.replayed, mobile, ...bankAccount, took: Math.round(performance.now() - begin) });
    form.elements.flowNo.value = "";
    byId("replayed").textContent = started.replayed ? SAY.replayed : "";
  } catch (error) {
    showError(error);
  } finally {
    isSending = false;
    label.textContent = SAY.start;
  }
}

function clearError() {
  byId("form-error").hidden = true;
  byId("replayed").textContent = "";
  for (const note of form.querySelectorAll(".problem")) note.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

// Problems stand at their fields where we know them, and all of them by path in the banner otherwise.
function showError(error) {
  clearError();
  const elsewhere = (error.fields ?? []).filter((field) => !markField(field));
  const advice = { UNREACHABLE: SAY.unreachable, NO_CREDENTIALS: SAY.noCredentials }[error.code];
  const lines = elsewhere.map((field) => (typeof field === "string" ? field : `${field.path}：${field.problem}`));
  byId("form-error").replaceChildren(
    el("b", {}, CODE[error.code] ?? error.message),
    el("p", {}, advice ?? (CODE[error.code] ? error.message : "")),
    ...lines.map((line) => el("p", { class: "mono" }, line)),
    el("p", { class: "mono" }, [error.code, error.traceId].filter(Boolean).join(" · ")),
  );
  byId("form-error").hidden = false;
  form.querySelector("[aria-invalid]")?.focus();
}

function markField(field) {
  const path = (field.path ?? field).replace(/^input\./, "");
  const input = form.querySelector(`[data-path="${CSS.escape(path)}"]`);
  if (!input) return false;
  const id = `problem-${input.name}`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
  input.closest("details")?.setAttribute("open", "");
  input.after(el("p", { class: "problem", id }, field.problem ?? "与第一次发起时不同"));
  return true;
}
