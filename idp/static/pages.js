// Makes the pages nicer; every one of them works without it.
"use strict";

const announce = (text) => { document.getElementById("announce").textContent = text; };
const minutes = new Intl.NumberFormat(document.documentElement.lang || "en", { style: "unit", unit: "minute", unitDisplay: "long" });
const clock = (seconds) => seconds > 600 ? minutes.format(Math.ceil(seconds / 60)) : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

// Calls `show` with the seconds left, now and until there are none.
function countDown(seconds, show) {
  const end = Date.now() + 1000 * seconds;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (!left) window.clearInterval(timer);
    show(left);
  };
  const timer = window.setInterval(tick, 500);
  tick();
}

// On a phone, customers come first; in every browser they are reached first too.
const narrow = window.matchMedia("(max-width: 41.99rem)");
function place() {
  const customers = document.querySelector(".columns > .customers");
  if (!customers) return;
  if (narrow.matches) customers.parentElement.prepend(customers);
  else customers.parentElement.append(customers);
}
narrow.addEventListener("change", place);
place();

// A second click on a button that is already at work changes nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  window.setTimeout(() => delete form.dataset.sent, 5000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// What a page says about what its script does is true only where the script runs.
for (const said of document.querySelectorAll("[data-script]")) said.hidden = false;

// After a mistake the focus is on what went wrong, without scrolling past it.
const errors = document.getElementById("errors");
if (errors) errors.focus();
else {
  const first = document.querySelector("form:not(.other) input:not([type=hidden], [type=checkbox], .away, :disabled)");
  if (first && !first.value) first.focus({ preventScroll: true });
}

// Times are shown where the reader is; without the script, as the server wrote them.
const local = new Intl.DateTimeFormat(document.documentElement.lang || "en", {
  year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short",
});
function showTimes() {
  for (const time of document.querySelectorAll("time[datetime*=T]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.valueOf())) time.textContent = local.format(at);
  }
}
showTimes();

// A password can be looked at.
for (const button of document.querySelectorAll("button[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  const word = button.firstElementChild;
  const show = word.textContent;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    word.textContent = shown ? show : button.dataset.hide;
    field.focus();
  });
  button.form.addEventListener("submit", () => { field.type = "password"; }); // so that the browser does not keep it as a text
}

// The rules of a password, ticked while it is typed. The server checks them all again.
const checks = document.querySelector(".checks");
if (checks) {
  const password = document.getElementById(checks.dataset.password);
  const again = document.getElementById(checks.dataset.again);
  const met = {
    length: (item) => {
      const length = [...password.value.normalize("NFC")].length;
      return length >= Number(item.dataset.shortest) && length <= Number(item.dataset.longest);
    },
    same: () => Boolean(password.value) && password.value === again.value,
  };
  const show = () => {
    for (const item of checks.children) item.toggleAttribute("data-met", met[item.dataset.check](item));
  };
  for (const field of [password, again]) field.addEventListener("input", show);
  show();
}

// A button that needs some fields is off until they are filled in, by hand or by a password manager.
for (const button of document.querySelectorAll("button[data-needs]")) {
  const fields = button.dataset.needs.split(" ").map((id) => document.getElementById(id));
  const show = () => {
    const empty = fields.some((field) => !field.value && !field.matches(":autofill"));
    button.disabled = empty || Boolean(button.form.querySelector(".checks > :not([data-met])"));
  };
  for (const field of fields) for (const happened of ["input", "change", "animationstart"]) field.addEventListener(happened, show);
  window.addEventListener("pageshow", show);
  show();
}

// A button that is off for a while, and a hint that says for how long.
for (const button of document.querySelectorAll("button[data-off-for]")) {
  countDown(Number(button.dataset.offFor), (left) => {
    button.disabled = left > 0;
    // what could not be pressed is what helps now, where nothing else does
    if (!left && !document.querySelector("main .primary:not(:disabled):not([hidden])")) button.classList.add("primary");
  });
}
for (const hint of document.querySelectorAll("[data-countdown]")) {
  countDown(Number(hint.dataset.countdown), (left) => {
    const { text, over } = hint.dataset;
    hint.textContent = left || !over ? text.replace("{time}", clock(left)) : over;
    hint.hidden = !left && !over;
    if (!left && over) waitIsOver(hint, over);
  });
}
// Told once; and the field that had to wait is not wrong any more.
function waitIsOver(hint, over) {
  announce(over);
  const field = hint.closest(".wrong");
  if (field) notWrong(field, hint);
}
function notWrong(field, stays) {
  field.classList.remove("wrong");
  field.querySelector("[aria-invalid]").removeAttribute("aria-invalid");
  for (const error of field.querySelectorAll(".error")) error.hidden = error !== stays;
  const errors = document.getElementById("errors");
  if (errors && !document.querySelector(".wrong")) {
    errors.hidden = true;
    document.title = document.querySelector("title").dataset.calm || document.title;
  }
}

function unbroken(text) {
  const whole = document.createElement("span");
  whole.className = "unbroken";
  whole.textContent = text;
  return whole;
}

// The page of a code: one line with both times. What is typed is never touched; what changes is told once.
const state = document.getElementById("state");
function follow(works, again) {
  const send = document.getElementById("send");
  const left = { works, again };
  const told = new Set();
  const tell = (key, text) => {
    if (!told.has(key)) announce(text);
    told.add(key);
  };
  const show = () => {
    const parts = [state.dataset.works.replace("{time}", clock(left.works))];
    if (left.again) parts.push(state.dataset.again.replace("{time}", clock(left.again)));
    state.replaceChildren(...(left.works ? parts.flatMap((part, n) => [n ? " · " : "", unbroken(part)]) : []));
    for (const button of [send, document.getElementById("send-instead")]) {
      if (button) button.disabled = left.again > 0;
    }
  };
  countDown(works, (seconds) => {
    left.works = seconds;
    show();
    if (seconds && seconds <= 10 && works > 10) tell("soon", state.dataset.soon.replace("{seconds}", seconds));
    if (!seconds) expire(send, tell);
  });
  countDown(again, (seconds) => {
    left.again = seconds;
    show();
    if (!seconds && again && left.works) tell("again", state.dataset.now);
  });
}
// Heading, message and the filled button say that the code is over.
function expire(send, tell) {
  for (const id of ["heading", "message"]) {
    const text = document.getElementById(id);
    if (text) text.textContent = text.dataset.over;
  }
  for (const wrong of document.querySelectorAll(".code-field.wrong")) notWrong(wrong); // what was wrong with it does not matter any more
  const verify = document.getElementById("verify");
  if (verify) {
    verify.classList.remove("primary");
    verify.disabled = true;
  }
  for (const offer of document.querySelectorAll("[data-until-over]")) offer.hidden = true; // the next code has what it offers
  const instead = document.getElementById("send-instead"); // of a link within a sentence, which no one would take for the way on
  if (instead) {
    document.getElementById("or-send").hidden = true;
    instead.hidden = false;
    instead.disabled = send.disabled;
  } else if (send) send.classList.add("primary");
  tell("expired", state.dataset.expired);
}
if (state && state.dataset.left) follow(Number(state.dataset.left), Number(state.dataset.resend));
if (state && state.dataset.wait) {
  const send = document.getElementById("send");
  let under = true; // the message is under way
  countDown(Number(state.dataset.resend), (left) => { if (send && under) send.disabled = left > 0; });
  const timer = window.setInterval(async () => {
    const answer = await fetch(state.dataset.status).catch(() => null);
    if (!answer || !answer.ok) return;
    const { sent } = await answer.json();
    if (sent && !sent.handed_over && !sent.dropped) return;
    window.clearInterval(timer);
    under = false;
    if (sent && sent.handed_over) {
      const said = document.querySelector("#message [data-sent]");
      if (said) said.textContent = said.dataset.sent;
      follow(sent.seconds_left, sent.next_send);
    }
    else window.location.reload();
  }, 700);
}

// Six digits are a whole code: go on by itself, once; a wrong one is corrected by hand.
for (const field of document.querySelectorAll("input[data-digits]")) {
  let gone = false;
  field.addEventListener("input", () => {
    const digits = field.value.normalize("NFKC").replace(/\P{Nd}/gu, ""); // as the server reads it
    if (gone || digits.length !== Number(field.dataset.digits)) return;
    gone = true;
    field.form.requestSubmit(field.form.querySelector("button[value=verify]"));
  });
}

// While the phone rings: go on when the call was confirmed, tell when it was not.
const call = document.getElementById("call");
if (call && call.dataset.status) {
  const here = window.location.pathname.split("/").pop();
  const timer = window.setInterval(async () => {
    const answer = await fetch(call.dataset.status).catch(() => null);
    if (!answer) return;
    const now = answer.ok ? await answer.json() : {};
    if (now.stage === here && now.call === call.dataset.state) return;
    window.clearInterval(timer);
    window.location.replace(window.location.href);
  }, 1000);
}
