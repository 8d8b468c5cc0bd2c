// Makes a page what another one is: what is the same stays in place, and so do focus, scroll position and selection.
// It writes text and attributes that our own server has escaped, and runs nothing.
"use strict";

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
  for (const name of node.getAttributeNames()) {
    if (!wanted.hasAttribute(name) && !(name === "open" && node.tagName === "DETAILS")) node.removeAttribute(name);
  }
  for (const name of wanted.getAttributeNames()) {
    if (node.getAttribute(name) !== wanted.getAttribute(name)) node.setAttribute(name, wanted.getAttribute(name));
  }
  changeChildren(node, wanted);
}

/** The same for what is in them. */
function changeChildren(node, wanted) {
  const old = [...node.childNodes], fresh = [...wanted.childNodes];
  fresh.forEach((child, index) => (index < old.length ? change(old[index], child) : node.append(child)));
  old.slice(fresh.length).forEach((child) => child.remove());
}

/** Does what changes the page; the focus goes along with what had it. */
function keepingFocus(doing) {
  const focused = document.activeElement;
  const alike = () => [...document.body.querySelectorAll(focused.tagName)].filter((each) => key(each) === key(focused));
  const place = alike().indexOf(focused);
  doing();
  if (!focused.isConnected) alike()[place]?.focus({ preventScroll: true });
}

/** Loads this page once more and shows it in place of what is there; `seconds` is the longest it may take. */
async function loadAgain(seconds) {
  const request = { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(seconds * 1000) };
  const answer = await fetch(location.origin + location.pathname + location.search, request);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("main")) throw new Error("not a page of the monitor");
  const sheet = (each) => each.querySelector("link[rel=stylesheet]").getAttribute("href");
  if (sheet(page) !== sheet(document)) return location.reload(); // another version of the monitor
  document.title = page.title;
  keepingFocus(() => change(document.body, page.body));
}
