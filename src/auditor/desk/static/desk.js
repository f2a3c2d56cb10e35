// What pages need beyond htmx; everything but the live progress works without it.
"use strict";
document.addEventListener("htmx:beforeRequest", (event) => {
  // hidden tabs ask for nothing: six of them would use up the browser's connections
  if (document.hidden && event.detail.elt.id === "job") event.preventDefault();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "side") return;
  for (const link of document.querySelectorAll("[hx-target='#side'], [hx-boost] a"))
    link.classList.toggle("open", link === event.detail.requestConfig.elt);
  const side = event.detail.target;
  side.setAttribute("tabindex", "-1");
  side.focus({ preventScroll: false });
});
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches(".bar select")) field.form.requestSubmit();
  if (!field.matches(".drop input[type=file]") || !field.files.length) return;
  field.closest(".drop").querySelector(".drop-name").textContent = field.files[0].name;
  field.form.requestSubmit();
});
for (const kind of ["dragenter", "dragover", "dragleave", "drop"])
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.(".drop");
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    if (!zone) return;
    zone.classList.toggle("over", kind === "dragenter" || kind === "dragover");
    const field = zone.querySelector("input[type=file]");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
document.addEventListener("submit", (event) => {
  // a second click of an impatient hand; the desk would answer it in words anyway
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
  event.target.classList.add("sent");
  keep(event.target);
});
// what was typed into a form that is refused stands there again after "back"; never a password
const SENT = "auditor-sent";
function typed(form) {
  return [...form.elements].filter((one) => one.name && !["hidden", "password", "file", "submit"].includes(one.type));
}
function keep(form) {
  const values = typed(form).map((one) => (["checkbox", "radio"].includes(one.type) ? one.checked : one.value));
  const at = [...document.forms].indexOf(form);
  sessionStorage.setItem(SENT, JSON.stringify({ page: location.pathname + location.search, at, values }));
}
function put_back() {
  const sent = JSON.parse(sessionStorage.getItem(SENT) ?? "null");
  if (!sent || document.querySelector("[data-back]")) return;
  sessionStorage.removeItem(SENT);
  const form = document.forms[sent.at];
  if (!sent.back || sent.page !== location.pathname + location.search || !form) return;
  const fields = typed(form);
  if (fields.length !== sent.values.length) return;
  fields.forEach((one, at) => {
    if (["checkbox", "radio"].includes(one.type)) one.checked = sent.values[at];
    else one.value = sent.values[at];
  });
}
put_back();
// where the row of rooms does not fit, the one that is open is in sight
const rooms = document.querySelector(".rooms");
const open_room = rooms?.querySelector("[aria-current]");
if (open_room) rooms.scrollLeft = open_room.offsetLeft - rooms.offsetLeft - rooms.clientWidth / 3;
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (!menu.contains(event.target)) menu.open = false;
  if (event.target.closest("[data-print]")) window.print();
  if (event.target.closest("[data-back]")) {
    const sent = JSON.parse(sessionStorage.getItem(SENT) ?? "{}");
    sessionStorage.setItem(SENT, JSON.stringify({ ...sent, back: true }));
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const text = document.getElementById(copy.dataset.copy);
    text.select();
    if (navigator.clipboard) navigator.clipboard.writeText(text.value).catch(() => document.execCommand("copy"));
    else document.execCommand("copy");
    copy.classList.add("copied");
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape")
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
});
