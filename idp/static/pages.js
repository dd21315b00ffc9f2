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

// After a mistake the focus is on what went wrong, without scrolling past it.
const errors = document.getElementById("errors");
if (errors) errors.focus();
else {
  const first = document.querySelector("form input:not([type=hidden])");
  if (first && !first.value) first.focus({ preventScroll: true });
}

// The code page: wait until the mail was handed over, then count down, without touching what is typed.
const state = document.getElementById("state");
function countDown(seconds) {
  const end = Date.now() + 1000 * seconds;
  const show = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    state.textContent = left ? state.dataset.leftText.replace("{seconds}", left) : state.dataset.overText;
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

// The inbox looks for new messages by itself.
const inbox = document.getElementById("inbox");
if (inbox) {
  window.setInterval(async () => {
    const answer = await fetch(inbox.dataset.refresh).catch(() => null);
    if (!answer || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("inbox");
    if (fresh && fresh.innerHTML !== inbox.innerHTML) inbox.replaceChildren(...fresh.childNodes);
  }, 1000);
}
