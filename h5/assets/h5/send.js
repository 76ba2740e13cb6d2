// Sending: one tap, one act. While it is under way further taps are ignored; a lost reply may be sent again, because
// the hidden submission id makes the second one show the first one's outcome.

H5.buttonOf = (form) => H5.one("button[data-action]", form) || H5.one('button[form="' + form.id + '"]');

H5.sendProblem = (text) => {
  const box = H5.one("[data-send-problem]");
  if (!box) return;
  box.hidden = !text;
  H5.one("span", box).textContent = text || "";
};

H5.sending = (button, on) => {
  const label = H5.one(".lab", button) || button;
  if (on) {
    button.style.minWidth = button.offsetWidth + "px";
    button.dataset.label = label.textContent;
  }
  label.textContent = on ? H5.say("sending") : button.dataset.label;
  H5.enable(button, !on);
};

H5.send = (form) => {
  const button = H5.buttonOf(form);
  form.dataset.sending = "yes";
  H5.sendProblem("");
  H5.sending(button, true);
  const failed = (words) => {
    delete form.dataset.sending;
    H5.sending(button, false);
    H5.sendProblem(words);
  };
  const body = new URLSearchParams(new FormData(form));
  return fetch(form.getAttribute("action"), { method: "POST", body, redirect: "manual", credentials: "same-origin" })
    .then((reply) => {
      if (reply.type === "opaqueredirect" || reply.ok) location.replace(H5.base());
      else if (reply.status === 404) location.reload();
      else failed(H5.say("busy"));
    })
    .catch(() => failed(H5.say("offline")));
};

H5.parts.push(function sendForms() {
  H5.all("form[data-send]").forEach((form) => {
    // Here problems are said beside their cause; without the script the browser says them its own way.
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.dataset.sending) return;
      if (H5.checks.every((check) => check(form))) H5.send(form);
    });
  });
});
