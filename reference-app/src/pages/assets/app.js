// What runs in the pages: drafts, recently seen titles, the worker, and the end of all that at the log-out.
"use strict";
const slips = [];
const slipped = (name) => slips.includes(name);

const root = document.documentElement;
// The firm that the page was made for; a page of nobody's has none.
const firm = root.dataset.firm;
const listed = (name) => document.querySelector(`[data-testid="${name}"]`);

// Kept lists, one for each firm.
const read = (key) => JSON.parse(localStorage.getItem(key) ?? "[]");
const write = (key, list) => localStorage.setItem(key, JSON.stringify(list));

function show(list, texts) {
  const items = texts.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  });
  list.replaceChildren(...items);
}

// Drafts stand in the local storage, which is quick, and in a database, which is large.
const draftsKey = slipped("drafts-key-lacks-firm") ? "drafts" : `drafts:${firm}`;

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function withDrafts(mode, act) {
  const opening = indexedDB.open("drafts", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("drafts", { keyPath: ["firm", "id"] });
  const database = await settled(opening);
  try {
    return await settled(act(database.transaction("drafts", mode).objectStore("drafts")));
  } finally {
    database.close();
  }
}

async function showDrafts() {
  const ofFirm = IDBKeyRange.bound([firm], [firm, []]);
  const stored = await withDrafts("readonly", (store) => store.getAll(ofFirm));
  const all = new Map([...stored, ...read(draftsKey)].map((draft) => [draft.id, draft]));
  const newest = [...all.values()].sort((a, b) => b.id.localeCompare(a.id));
  show(listed("drafts"), newest.map((draft) => draft.text));
}

async function keepDraft(text) {
  const id = `${new Date().toISOString()} ${Math.random().toString(36).slice(2)}`;
  write(draftsKey, [...read(draftsKey), { id, text }]);
  await withDrafts("readwrite", (store) => store.put({ firm, id, text }));
  await showDrafts();
}

function drafts() {
  const form = document.getElementById("draft-form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = form.querySelector("textarea");
    if (field.value.trim()) await keepDraft(field.value.trim());
    field.value = "";
    field.focus();
  });
  return showDrafts();
}

// Titles of details that were looked at.
const recent = slipped("recent-on-parent-domain")
  ? {
      read() {
        const pair = document.cookie.split("; ").find((pair) => pair.startsWith("recent="));
        return pair ? JSON.parse(decodeURIComponent(pair.slice("recent=".length))) : [];
      },
      write(list) {
        const parent = location.hostname.split(".").slice(-2).join(".");
        document.cookie = `recent=${encodeURIComponent(JSON.stringify(list))}; Domain=${parent}; Path=/; SameSite=Lax`;
      },
    }
  : { read: () => read(`recent:${firm}`), write: (list) => write(`recent:${firm}`, list) };

function noteSeen(title) {
  recent.write([title, ...recent.read().filter((other) => other !== title)].slice(0, 8));
}

// The worker.
async function startWorker() {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  const ready = () => {
    if (workers.controller) root.dataset.worker = "ready";
  };
  workers.addEventListener("controllerchange", ready);
  await workers.register("/worker.js");
  ready();
}

// After the log-out: nothing of anybody stays.
async function clear() {
  localStorage.clear();
  sessionStorage.clear();
  if (!slipped("drafts-stay-after-logout")) {
    for (const { name } of await indexedDB.databases()) await settled(indexedDB.deleteDatabase(name));
  }
  if (!slipped("worker-cache-stays-after-logout")) {
    const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
    for (const worker of workers) await worker.unregister();
    for (const name of (await self.caches?.keys()) ?? []) await caches.delete(name);
  }
  root.dataset.cleared = "true";
}

// A page that the browser has put away shows nothing when it comes back, and asks again what it may show.
if (!slipped("pages-may-be-stored")) {
  addEventListener("pagehide", (event) => {
    if (event.persisted) document.body.replaceChildren();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

if (firm) {
  if (root.dataset.seen) noteSeen(root.dataset.seen);
  if (listed("recent")) show(listed("recent"), recent.read());
  if (listed("drafts")) drafts();
  startWorker();
}
if ("ended" in root.dataset) clear();
