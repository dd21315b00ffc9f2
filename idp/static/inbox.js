// The inbox looks for new messages by itself. Works without, by loading the page again.
"use strict";

const inbox = document.getElementById("inbox");

window.setInterval(async () => {
  const answer = await fetch(inbox.dataset.refresh).catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("inbox");
  if (!fresh || fresh.dataset.shown === inbox.dataset.shown) return;
  inbox.dataset.shown = fresh.dataset.shown;
  inbox.replaceChildren(...fresh.childNodes);
  show();
}, 1000);

inbox.addEventListener("click", async (event) => {
  const { key, copies, done } = event.target.dataset;
  if (key) event.target.form.querySelector("input[name=digits]").value += key;
  if (copies) {
    await navigator.clipboard.writeText(document.getElementById(copies).textContent);
    event.target.textContent = done;
  }
});

function show() {
  for (const part of inbox.querySelectorAll(".keypad, [data-copies]")) part.hidden = false;
  showTimes(); // of pages.js
}
show();
