// Makes the pages nicer; every one of them works without it.
"use strict";

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
  const first = document.querySelector("form input:not([type=hidden])");
  if (first && !first.value) first.focus({ preventScroll: true });
}

// A button that needs some fields is pale until they are filled in.
for (const button of document.querySelectorAll("button[data-needs]")) {
  const fields = button.dataset.needs.split(" ").map((id) => document.getElementById(id));
  const show = () => button.classList.toggle("pale", fields.some((field) => !field.value));
  for (const field of fields) field.addEventListener("input", show);
  show();
}

// The code page: wait until the mail was handed over, then count down, without touching what is typed.
const state = document.getElementById("state");
function countDown(seconds) {
  const end = Date.now() + 1000 * seconds;
  const show = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    state.textContent = left ? state.dataset.leftText.replace("{seconds}", left).replace("{time}", time) : state.dataset.overText;
    if (left) return;
    window.clearInterval(timer);
    const field = document.getElementById("code");
    if (field && !field.value) window.location.replace(window.location.href); // the page says what to do now
  };
  const timer = window.setInterval(show, 500);
  show();
}
if (state && state.dataset.left) countDown(Number(state.dataset.left));
if (state && state.dataset.wait) {
  const timer = window.setInterval(async () => {
    const answer = await fetch(state.dataset.status).catch(() => null);
    if (!answer || !answer.ok) return;
    const { sent } = await answer.json();
    if (sent && !sent.handed_over && !sent.dropped) return;
    window.clearInterval(timer);
    if (sent && sent.handed_over) countDown(sent.seconds_left);
    else window.location.reload();
  }, 700);
}

// How long until a code or call is possible counts down, and goes when it is over.
for (const hint of document.querySelectorAll("[data-countdown]")) {
  const end = Date.now() + 1000 * Number(hint.dataset.countdown);
  const timer = window.setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000);
    hint.textContent = hint.dataset.text.replace("{time}", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
    if (left > 0) return;
    window.clearInterval(timer);
    hint.hidden = true;
  }, 500);
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

// The inbox looks for new messages by itself.
const inbox = document.getElementById("inbox");
if (inbox) {
  window.setInterval(async () => {
    const answer = await fetch(inbox.dataset.refresh).catch(() => null);
    if (!answer || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("inbox");
    if (!fresh || fresh.dataset.shown === inbox.dataset.shown) return;
    inbox.dataset.shown = fresh.dataset.shown;
    inbox.replaceChildren(...fresh.childNodes);
    showKeypads();
  }, 1000);
  inbox.addEventListener("click", (event) => {
    const key = event.target.dataset.key;
    if (key) event.target.form.querySelector("input[name=digits]").value += key;
  });
  showKeypads();
}
function showKeypads() {
  for (const keypad of inbox.querySelectorAll(".keypad")) keypad.hidden = false;
}
