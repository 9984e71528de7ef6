// A value that a list does not offer is put there where it is to be forged.
const [kind, wanted, value, forged] = arguments;
const plain = (text) => (text || "").replace(/\s+/g, " ").trim().toLowerCase();
const shown = (e) => e.getClientRects().length > 0;
const fields = kind === "field";
const all = [...document.querySelectorAll(fields
  ? "input:not([type=submit]):not([type=button]):not([type=hidden]), textarea, select, [contenteditable=true]"
  : "button, input[type=submit], input[type=button], a[href], [role=button], [role=menuitem]")].filter(shown);
const names = (e) => fields
  ? [...[...(e.labels || [])].map((l) => l.innerText), e.getAttribute("aria-label"), e.name, e.placeholder, e.id]
  : [e.innerText, e.value, e.getAttribute("aria-label"), e.title];
let found = all.find((e) => names(e).some((name) => plain(name) === plain(wanted)));
if (!found) {
  try { found = document.querySelector(wanted); } catch (error) { found = null; }
}
if (!found) return all.map((e) => names(e).find((name) => plain(name))).filter((name) => name);
if (!fields) {
  // What it loads may begin before this script has ended.
  setTimeout(() => found.click(), 0);
  return null;
}
if (found.tagName === "SELECT") {
  let option = [...found.options].find((o) => o.value === value || plain(o.textContent) === plain(value));
  if (!option && !forged) return [...found.options].map((o) => plain(o.textContent));
  if (!option) {
    option = new Option(value, value);
    found.add(option);
  }
  found.value = option.value;
} else if (found.isContentEditable) {
  found.textContent = value;
} else {
  // As typing does, whatever keeps the page's state.
  const type = found.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(type.prototype, "value").set.call(found, value);
}
found.dispatchEvent(new Event("input", { bubbles: true }));
found.dispatchEvent(new Event("change", { bubbles: true }));
return null;
