// The small forms: amount, face consent, refusal.

// Full-width figures and marks, as Chinese keyboards make them, mean the same as ASCII's.
H5.plainAmount = (text) => text.trim()
  .replace(/[０-９]/g, (figure) => String.fromCharCode(figure.charCodeAt(0) - 0xfee0))
  .replace(/[．。，,]/, ".").replace(/^[¥￥]\s*/, "").replace(/元$/, "").trim();

H5.parts.push(function amount() {
  const form = H5.one("form[data-amount]");
  if (!form) return;
  const field = form.elements.amount;
  // The wrong amount stays, to be mended; it never leaves this phone but by the form.
  if (field.getAttribute("aria-invalid") === "true") field.value = sessionStorage.getItem("amount") || "";
  const changed = () => H5.enable(H5.buttonOf(form), field.value.trim() !== "");
  field.addEventListener("input", changed);
  changed();
});

H5.checks.push((form) => {
  if (!("amount" in form.dataset)) return true;
  const field = form.elements.amount;
  const text = H5.plainAmount(field.value);
  const words = /^\d{1,4}(\.\d{1,2})?$/.test(text) && Number(text) > 0 && Number(text) < 1 ? null : H5.say("amount-format");
  H5.problem("amount", words);
  field.setAttribute("aria-invalid", String(words !== null));
  field.closest(".amount").classList.toggle("bad", words !== null);
  if (words !== null) { field.focus(); return false; }
  field.value = text;
  sessionStorage.setItem("amount", text);
  return true;
});

H5.parts.push(function faceConsent() {
  const form = H5.one("form[data-face]");
  if (!form || !form.elements.consent) return;
  const changed = () => {
    H5.enable(H5.buttonOf(form), form.elements.consent.checked);
    if (form.elements.consent.checked) H5.problem("consent", null);
  };
  form.addEventListener("input", changed);
  changed();
});

H5.checks.push((form) => {
  if (!("face" in form.dataset)) return true;
  if (!form.elements.consent || form.elements.consent.checked) {
    sessionStorage.setItem("facing", H5.base());
    return true;
  }
  H5.problem("consent");
  form.elements.consent.focus();
  return false;
});

// Who has asked for a face check goes on to it by themselves once its page is ready, however long that took; once, so
// that coming back does not send them away again.
H5.parts.push(function goOnFacing() {
  const link = H5.one('a[data-action="start-face"]');
  const asked = sessionStorage.getItem("facing") === H5.base();
  if (!link || !asked) return;
  sessionStorage.removeItem("facing");
  location.assign(link.href);
});

// Declining is asked twice, on one page: the first press asks again, the second one sends.
H5.checks.push((form) => {
  if (!("refusal" in form.dataset)) return true;
  const chosen = form.elements.reason.value !== "";
  H5.problem("reason", chosen ? null : undefined);
  if (!chosen) { form.elements.reason[0].focus(); return false; }
  if (form.elements.confirmed.value === "yes") return performance.now() - Number(form.dataset.askedAt || 0) > 600;
  form.elements.confirmed.value = "yes";
  form.dataset.askedAt = performance.now();
  const question = H5.one("[data-confirm]");
  question.hidden = false;
  question.scrollIntoView({ block: "nearest" });
  H5.put(H5.buttonOf(form), H5.say("refusal-yes"));
  return false;
});
