// What a person can see on this page, and what the origin keeps: everything as text, within bounds.
const done = arguments[arguments.length - 1];
const ROWS = 200;
const attempt = async (read) => { try { return await read(); } catch (error) { return null; } };
const text = (value) => typeof value === "string" ? value : JSON.stringify(value);
const entries = (storage) => Object.fromEntries(Object.keys(storage).map((key) => [key, storage.getItem(key)]));
const promised = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
  request.onblocked = () => reject(new Error("blocked"));
});
const shadows = (root) => [...root.querySelectorAll("*")].filter((e) => e.shadowRoot)
  .map((e) => e.shadowRoot.innerHTML + shadows(e.shadowRoot).join(""));
const databases = async () => {
  const kept = {};
  for (const { name } of await indexedDB.databases()) {
    const database = await promised(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = database.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([promised(rows.getAllKeys(null, ROWS)), promised(rows.getAll(null, ROWS))]);
      kept[name + "/" + store] = values.map((value, at) => ({ key: text(keys[at]), value: text(value) }));
    }
    database.close();
  }
  return kept;
};
const cached = async () => {
  const kept = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of (await cache.keys()).slice(0, ROWS)) {
      const answer = await cache.match(request, { ignoreVary: true });
      kept[name + " " + request.url] = answer ? await answer.text() : null;
    }
  }
  return kept;
};
(async () => {
  const fields = [...document.querySelectorAll("input, textarea, select")].filter((e) => e.type !== "password");
  const links = [...document.querySelectorAll("a[href]")].map((e) => e.href);
  done({
    address: location.href,
    page: await attempt(() => ({
      title: document.title,
      text: document.body ? document.body.innerText : "",
      html: document.documentElement.outerHTML + shadows(document).join(""),
      fields: fields.map((e) => e.value).filter((value) => value !== ""),
      frames: [...document.querySelectorAll("iframe")].map((e) => {
        try { return e.contentDocument.documentElement.outerHTML; } catch (error) { return null; }
      }).filter((frame) => frame !== null),
    })),
    kept: {
      localStorage: await attempt(() => entries(localStorage)),
      sessionStorage: await attempt(() => entries(sessionStorage)),
      indexedDB: await attempt(databases),
      caches: await attempt(cached),
    },
    links: links,
    status: (performance.getEntriesByType("navigation")[0] || {}).responseStatus || 0,
  });
})();
