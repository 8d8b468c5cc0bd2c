// Fetches the page again while it is open and changes what is different: focus, scroll position and selection stay.
// The only script of the pages. It writes text and attributes that our own server has escaped, and runs nothing.
"use strict";

const period = Number(document.currentScript.dataset.seconds) * 1000;
let timer, running = false;

const isElement = (node) => node.nodeType === Node.ELEMENT_NODE;

/** What two nodes must share to be the same thing: a link that leads elsewhere is another link. */
const key = (node) => (isElement(node) ? `${node.tagName} ${node.id} ${node.getAttribute("href")}` : node.nodeType);

/** Makes `node` what `wanted` is; whatever is the same stays in place. */
function change(node, wanted) {
  if (key(node) !== key(wanted)) return node.replaceWith(wanted);
  if (!isElement(node)) {
    if (node.data !== wanted.data) node.data = wanted.data;
    return;
  }
  for (const name of node.getAttributeNames()) if (!wanted.hasAttribute(name)) node.removeAttribute(name);
  for (const name of wanted.getAttributeNames()) {
    if (node.getAttribute(name) !== wanted.getAttribute(name)) node.setAttribute(name, wanted.getAttribute(name));
  }
  const old = [...node.childNodes], fresh = [...wanted.childNodes];
  fresh.forEach((child, index) => (index < old.length ? change(old[index], child) : node.append(child)));
  old.slice(fresh.length).forEach((child) => child.remove());
}

/** Shows `page` in place of this one; the focus goes along with what had it. */
function show(page) {
  const sheet = (each) => each.querySelector("link[rel=stylesheet]").getAttribute("href");
  if (sheet(page) !== sheet(document)) return location.reload(); // another version of the monitor
  const focused = document.activeElement;
  const alike = () => [...document.body.querySelectorAll(focused.tagName)].filter((each) => key(each) === key(focused));
  const place = alike().indexOf(focused);
  document.title = page.title;
  change(document.body, page.body);
  if (!focused.isConnected) alike()[place]?.focus({ preventScroll: true });
}

async function refresh() {
  if (running) return;
  running = true;
  clearTimeout(timer);
  try {
    const request = { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(period) };
    const answer = await fetch(location.origin + location.pathname + location.search, request);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("main")) throw new Error("not a page of the monitor");
    show(page);
  } catch {
    document.body.classList.add("stale");
  }
  running = false;
  timer = setTimeout(refresh, period);
}

timer = setTimeout(refresh, period);
// a page that lay in the background is as old as the browser liked
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
