// Fetches the page again while it is open and changes what is different (change.js).
"use strict";

const period = Number(document.currentScript.dataset.seconds);
let timer, running = false;

async function refresh() {
  if (running) return;
  running = true;
  clearTimeout(timer);
  try {
    await loadAgain(period);
  } catch {
    document.body.classList.add("stale");
  }
  running = false;
  timer = setTimeout(refresh, period * 1000);
}

timer = setTimeout(refresh, period * 1000);
// a page that lay in the background is as old as the browser liked
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
