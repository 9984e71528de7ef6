// Answers when the page has loaded, nothing has been fetched for a moment, and a service worker that installs is ready.
const done = arguments[arguments.length - 1];
const [moment, bound] = arguments;
const begun = performance.now();
let last = begun;
const observer = new PerformanceObserver(() => { last = performance.now(); });
observer.observe({ type: "resource", buffered: false });
const worker = async () => {
  try {
    const all = await navigator.serviceWorker.getRegistrations();
    return all.every((r) => !r.installing && !r.waiting && (!r.active || r.active.state === "activated"));
  } catch (error) { return true; }
};
const look = async () => {
  const now = performance.now();
  const ready = document.readyState === "complete" && now - last >= moment && await worker();
  if (ready || now - begun >= bound) {
    observer.disconnect();
    done(ready);
  } else {
    setTimeout(look, 10);
  }
};
look();
