// The page of the management API: commands can be copied, and an address with # opens what it names.
"use strict";

for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.firstChild.textContent = button.dataset.done;
  });
}

function reveal() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const around = named && named.closest("details");
  if (around) around.open = true;
}
window.addEventListener("hashchange", reveal);
reveal();
