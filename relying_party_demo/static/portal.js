// Makes the portal quicker; every page works without it.
"use strict";

// After a mistake the focus is on what went wrong.
const errors = document.getElementById("errors");
if (errors) errors.focus();

// Whether a field holds something else than when the page came.
function changed(field) {
  if (field.matches("select")) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  return field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

// A list that sends its form when something else is chosen with the pointer; then its button is not
// needed. Arrow keys pass over what is not meant: with them the button comes back, and Enter sends.
for (const list of document.querySelectorAll("select[data-submits]")) {
  const buttons = list.form.querySelectorAll("[data-without-script]");
  const hide = (hidden) => { for (const button of buttons) button.hidden = hidden; };
  let keys = false;
  hide(true);
  list.addEventListener("pointerdown", () => { keys = false; });
  list.addEventListener("keydown", (event) => {
    keys = true;
    if (event.key === "Enter" && changed(list)) { event.preventDefault(); list.form.requestSubmit(); }
  });
  list.addEventListener("change", () => {
    if (keys) hide(!changed(list));
    else list.form.requestSubmit();
  });
}

// Who leaves a page with something typed into its form is asked first.
let sent = null;
const typedInto = () => [...document.querySelectorAll("main form[method=post] :is(input:not([type=hidden]), textarea, select)")].filter(changed).map((field) => field.form);
document.addEventListener("submit", (event) => { sent = event.target; });
window.addEventListener("beforeunload", (event) => {
  if (typedInto().some((form) => form !== sent)) {
    event.preventDefault();
    // who stays sees the choices as they still are
    setTimeout(() => { for (const list of document.querySelectorAll("select[data-submits]")) list.value = [...list.options].find((option) => option.defaultSelected)?.value ?? list.options[0].value; });
  }
  sent = null;
});

// Enter in a field of a long form sends nothing: its buttons do.
for (const form of document.querySelectorAll("form[data-no-enter]")) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  });
}

// A button that saves is there when something was changed.
for (const button of document.querySelectorAll("button[data-when-changed]")) {
  const fields = [...button.form.elements].filter((field) => field.matches("input:not([type=hidden]), select, textarea"));
  const kept = button.dataset.whenChanged === "kept"; // what was typed before waits to be sent
  const show = () => { button.disabled = !kept && fields.every((field) => !changed(field) && !field.hasAttribute("aria-invalid")); };
  for (const field of fields) field.addEventListener("input", show);
  show();
}

for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.textContent = button.dataset.done;
  });
}

// On a narrow screen the menu stands beside the name, and is reached there too.
const narrow = window.matchMedia("(max-width: 46rem)");
function place() {
  const menu = document.querySelector(".bar > .menu");
  if (!menu) return;
  if (narrow.matches) document.querySelector(".bar > .brand").after(menu);
  else menu.parentElement.append(menu);
}
narrow.addEventListener("change", place);
place();

// The menu closes where menus do: with Escape, by a press elsewhere, and when the keyboard leaves it.
for (const menu of document.querySelectorAll("details.menu")) {
  const close = () => { menu.open = false; };
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) close(); });
  menu.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) close(); });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    close();
    menu.querySelector("summary").focus();
  });
}

// A table is a stop of the keyboard only where there is something to scroll.
for (const region of document.querySelectorAll(".scroll")) {
  new ResizeObserver(() => {
    if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  }).observe(region);
}

// Times are shown where the reader is.
const local = new Intl.DateTimeFormat("en-US", { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" });
const localDay = new Intl.DateTimeFormat("en-US", { year: "numeric", month: "short", day: "numeric" });
for (const time of document.querySelectorAll("time[datetime*=T]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.valueOf())) time.textContent = (time.dataset.day === undefined ? local : localDay).format(at);
}

// Two minutes before the session ends, one click is enough to stay.
const ending = document.getElementById("ending");
if (ending) {
  const [says, stay, again] = ending.children;
  let end = Date.now() + 1000 * Number(ending.dataset.endsIn);
  const over = () => {
    const typed = typedInto().length > 0;
    stay.hidden = true;
    again.hidden = typed;
    says.textContent = typed ? says.dataset.overTyped : says.dataset.over;
    ending.removeAttribute("title");
    ending.hidden = false;
    window.clearInterval(ticks);
  };
  const ticks = window.setInterval(() => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    ending.hidden = left > 120;
    if (left > 120) return;
    if (!left) { over(); return; }
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const text = says.dataset.text.replace("{time}", left > 60 ? "2 minutes" : "1 minute"); // read out when the minute changes, not each second
    if (says.textContent !== text) says.textContent = text;
    ending.title = time;
  }, 1000);
  stay.addEventListener("click", async () => {
    const answer = await fetch("/stay", { redirect: "error" }).catch(() => null);
    if (!answer || !answer.ok) { over(); return; }
    end = Date.now() + 1000 * (await answer.json()).ends_in;
    ending.hidden = true;
  });
}
