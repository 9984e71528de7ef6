// The worker: keeps the pages of each firm apart, and shows those of the active one where the network fails.
"use strict";
const slips = [];
const slipped = (name) => slips.includes(name);

const ASSETS = ["/assets/app.css", "/assets/app.js", "/assets/icon.svg"];
// What changes who works here, and where: until the next page says it again, nobody knows.
const CHANGES = ["/login", "/switch"];
const NOTE = "/active-firm";

const pagesOf = (firm) => caches.open(slipped("worker-caches-by-path") ? "pages" : `pages:${firm}`);
const note = () => caches.open("active");

self.addEventListener("install", (event) => {
  const ready = async () => {
    await (await caches.open("assets")).addAll(ASSETS);
    await self.skipWaiting();
  };
  event.waitUntil(ready());
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(page(request, url.pathname));
  } else if (request.mode === "navigate" && CHANGES.includes(url.pathname)) {
    event.respondWith(forget().then(() => fetch(request)));
  } else if (ASSETS.includes(url.pathname)) {
    event.respondWith(asset(request));
  }
});

async function page(request, path) {
  let answer;
  try {
    answer = await fetch(request);
  } catch {
    return (await kept(path)) ?? offline();
  }
  const firm = answer.headers.get("X-Firm");
  if (answer.status === 200 && firm) {
    await (await note()).put(NOTE, new Response(firm));
    await (await pagesOf(firm)).put(path, answer.clone());
  }
  return answer;
}

// The page as the active firm has seen it.
async function kept(path) {
  const firm = await (await (await note()).match(NOTE))?.text();
  return firm && (await (await pagesOf(firm)).match(path));
}

async function forget() {
  await (await note()).delete(NOTE);
}

async function asset(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request)) ?? Response.error();
  }
}

function offline() {
  const body = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Offline</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="/assets/icon.svg"><link rel="stylesheet" href="/assets/app.css">
<body class="bare"><main><h1>You are offline</h1><p>This page is not kept in this browser for the firm you work in.</p></main>`;
  return new Response(body, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
}
