// Keeps the board as it is now (change.js): what changed comes over a stream of server-sent events, what lasts is counted here.
// An order changes only while neither pointer nor focus is in the list; where the stream is lost nothing goes on counting.
"use strict";

const { stream: address, at, wall } = document.currentScript.dataset;
const SILENT_MS = 12000, SORT_MS = 5000, SAID_MS = 30000, POLL_SECONDS = 10, SLOW_TICKS = 5;
const byId = (id) => document.getElementById(id);
const NBSP = "\u00a0";

let ahead = Date.parse(at) - Date.now(); // of the server's clock before ours
let zone = 0; // seconds that the shown clock is before UTC
let heard = 0, alive = false, source, poll, ticks = 0;
let order = null, sorted = 0, said, announced, saidAt = 0;

const now = () => Date.now() + ahead;

/** A span as spans.py writes it. */
function span(seconds, style) {
  const whole = Math.max(0, Math.floor(seconds)), of = (unit) => Math.floor(whole / unit);
  if (style === "said") {
    const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
    const i = units.findIndex(([unit, size]) => whole >= size);
    if (i < 0) return `0${NBSP}s`;
    const [unit, size] = units[i], [smaller, part] = units[i + 1] ?? ["", 1];
    const rest = Math.floor((whole % size) / part);
    return `${of(size)}${NBSP}${unit}` + (rest && smaller ? `${NBSP}${rest}${NBSP}${smaller}` : "");
  }
  if (style === "time" && whole < 60) return whole ? `under 1${NBSP}min` : `0${NBSP}min`;
  if (style === "left" && whole < 60) return `${whole}${NBSP}s`;
  if (whole < 3600) return style === "clock" ? `${of(60)}:${String(whole % 60).padStart(2, "0")}` : `${of(60)}${NBSP}min`;
  if (whole < 86400) {
    const minutes = Math.floor((whole % 3600) / 60);
    return `${of(3600)}${NBSP}h` + (minutes ? NBSP + String(minutes).padStart(2, "0") : "");
  }
  const hours = Math.floor((whole % 86400) / 3600);
  return `${of(86400)}${NBSP}d` + (hours ? `${NBSP}${hours}${NBSP}h` : "");
}

const times = (share) => (share >= 1.1 ? `${Math.floor(share * 10) / 10} times the limit` : "");

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Lets everything grow that says since when it lasts. Calm rows follow now and then: nothing flickers there. */
function count() {
  const urgent = ticks % SLOW_TICKS !== 0;
  for (const node of document.querySelectorAll("[data-since]")) {
    if (urgent && node.closest(".is-row-fine")) continue;
    const lasted = (now() - Date.parse(node.dataset.since)) / 1000, share = lasted / Number(node.dataset.limit);
    if (node.dataset.style === "times") write(node, times(share));
    else if (node.dataset.style) write(node, span(lasted, node.dataset.style));
    else {
      node.querySelector(".used")?.setAttribute("width", `${Math.round(Math.min(Math.max(share, 0), 2) * 5000) / 100}%`);
      node.querySelector(".beyond")?.setAttribute("visibility", share > 2 ? "visible" : "hidden");
    }
  }
  for (const node of document.querySelectorAll("[data-until]")) write(node, span((Date.parse(node.dataset.until) - now()) / 1000, "left"));
}

const clock = (moment) => new Date(moment + zone * 1000).toISOString().slice(11, wall ? 16 : 19);

function tick() {
  ticks += 1;
  if (alive && Date.now() - heard > SILENT_MS) lost();
  if (!alive) return;
  count();
  const shown = byId("clock");
  if (shown) write(shown, clock(now()));
  say();
}

/** One line for screen readers, when the news changes and not more often than it can be listened to. */
function say() {
  const line = byId("said");
  if (line && said !== announced && Date.now() - saidAt > SAID_MS) {
    line.textContent = announced = said;
    saidAt = Date.now();
  }
}

const busy = (list) => list.matches(":hover") || list.contains(document.activeElement);

/** Puts the rows in order, and those away that are not in it. */
function sort() {
  const list = byId("rows");
  if (!list || !order) return;
  const wanted = order.map((id) => list.querySelector(`:scope > [id="${id}"]`) ?? waiting.get(id)).filter(Boolean);
  keepingFocus(() => {
    wanted.forEach((row, place) => list.children[place] !== row && list.insertBefore(row, list.children[place] ?? null));
    [...list.children].slice(wanted.length).forEach((row) => row.remove());
  });
  waiting.clear();
  order = null;
  sorted = Date.now();
  byId("reorder").hidden = true;
}

/** Rows that are not in the list yet, by id. */
const waiting = new Map();

function offerOrder() {
  const list = byId("rows");
  if (!list || !order) return;
  const have = [...list.children].map((row) => row.id);
  if (have.join() === order.join()) return void (order = null);
  if (!busy(list) && Date.now() - sorted >= SORT_MS) return sort();
  const up = order.filter((id, place) => have.indexOf(id) > place || !have.includes(id)).length;
  const notice = byId("reorder");
  notice.hidden = !busy(list);
  if (busy(list)) write(notice.firstChild, up ? `Order changed, ${up} moved up. ` : "Order changed. ");
}

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Shows what the server says has changed. */
function show({ parts, order: fresh, title, said: news, edition, at: moment, date, clock: shown, zone: named }) {
  if (!document.querySelector("link[rel=stylesheet]").href.endsWith(edition)) return location.reload(); // another version of the monitor
  const list = byId("rows");
  if (fresh?.length && !list) return location.reload(); // the first contact point has come
  ahead = Date.parse(moment) - Date.now();
  const [hours, minutes, seconds] = shown.split(":").map(Number);
  zone = hours * 3600 + minutes * 60 + (seconds ?? 0) - Math.floor((Date.parse(moment) / 1000) % 86400);
  if (!wall) [["date", date], ["zone", named]].forEach(([id, text]) => write(byId(id), text));
  keepingFocus(() => {
    for (const [id, html] of Object.entries(parts)) {
      const part = byId(id), made = fragment(html);
      if (!part) waiting.set(id, made.firstElementChild);
      else if (part.tagName === "TR") change(part, made.firstElementChild);
      else changeChildren(part, made);
    }
  });
  document.title = title + " – contact-monitor";
  announced ??= news; // what stood there when the page was opened is read with it
  said = news;
  say();
  if (fresh) order = fresh;
}

function heardFrom() {
  heard = Date.now();
  if (!alive) {
    alive = true;
    document.body.classList.remove("unsure");
    liveness("live", false);
  }
}

function liveness(text, unsure) {
  const place = byId("liveness");
  if (!place) return;
  place.className = unsure ? "is-unsure" : "";
  place.textContent = text;
}

/** An old "now" is the worst that this page can show: nothing goes on counting, and the head says since when. */
function lost() {
  if (!alive && byId("liveness")?.className) return;
  alive = false;
  document.body.classList.add("unsure");
  liveness(`${byId("unsure")?.textContent ?? "?"} not live since ${clock(heard ? heard + ahead : now())}`, true);
}

function listen() {
  clearTimeout(poll);
  source?.close();
  source = new EventSource(address);
  source.onmessage = ({ data }) => {
    heardFrom();
    show(JSON.parse(data));
    offerOrder();
    count();
  };
  source.onerror = () => {
    lost();
    if (source.readyState === EventSource.CLOSED) later(); // refused: the page is loaded now and then instead
  };
}

/** Loads the page again after a while; a browser gives few connections to a server, so that a hidden page holds none. */
function later() {
  clearTimeout(poll);
  poll = setTimeout(async () => {
    try {
      await loadAgain(POLL_SECONDS);
      if (document.visibilityState === "visible") listen();
      else later();
    } catch {
      lost();
      later();
    }
  }, POLL_SECONDS * 1000);
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") return listen();
  source?.close();
  alive = false;
  later();
});
byId("sort")?.addEventListener("click", sort);
byId("rows")?.addEventListener("pointerleave", () => setTimeout(offerOrder, 500));
setInterval(() => { tick(); offerOrder(); }, 1000);
listen();
