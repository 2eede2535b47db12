// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Search while typing, suggestions, and keys. Without this file the page is a form
// with links; everything here asks the same addresses.

const form = document.getElementById("search");
const input = document.getElementById("q");
const results = document.getElementById("results");
const list = document.getElementById("suggestions");
const live = document.getElementById("live");

const typingPause = 120; // ms after a key before asking
let timer = 0;
let asking = null; // what is under way, to be cancelled by what follows
let suggesting = null;
let active = -1; // the suggestion that is pointed at

input.setAttribute("role", "combobox");
input.setAttribute("aria-autocomplete", "list");
input.setAttribute("aria-controls", "suggestions");
input.setAttribute("aria-expanded", "false");

// address of the search that the form describes.
function address() {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value !== "" || name === "q") parameters.append(name, value);
  }
  return "/?" + parameters;
}

// show puts the answer of an address into the page. Stale requests are cancelled.
async function show(url, { typing = false, push = false } = {}) {
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const asked = typing ? url + "&typing=true" : url;
    const answer = await fetch(asked, { signal: mine.signal, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("results");
    if (!found || mine.signal.aborted) {
      if (!found) location.assign(url);
      return;
    }
    results.replaceChildren(...found.childNodes);
    const hidden = (root) => [...root.querySelectorAll('#search input[type="hidden"]')];
    for (const old of hidden(document)) old.remove();
    for (const one of hidden(page)) form.append(one);
    document.title = page.title;
    history[push ? "pushState" : "replaceState"](null, "", url);
    live.textContent = results.querySelector("#count, [role=alert]")?.textContent.trim() ?? "";
  } catch (problem) {
    if (problem.name !== "AbortError") location.assign(url);
  }
}

function close() {
  suggesting?.abort();
  list.hidden = true;
  list.replaceChildren();
  active = -1;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

// suggest offers to complete the last word.
async function suggest() {
  suggesting?.abort();
  const mine = (suggesting = new AbortController());
  const collection = document.getElementById("collection")?.value ?? input.dataset.collection;
  const text = input.value;
  if (!text.trim() || !collection) return close();
  try {
    const parameters = new URLSearchParams({ q: text, limit: "6" });
    const answer = await fetch(`/v1/collections/${encodeURIComponent(collection)}/suggest?${parameters}`, { signal: mine.signal });
    if (!answer.ok || mine.signal.aborted) return;
    const { suggestions } = await answer.json();
    const others = suggestions.filter((one) => one.text.toLowerCase() !== text.toLowerCase());
    if (mine.signal.aborted || others.length === 0 || document.activeElement !== input) return close();
    active = -1;
    list.replaceChildren(
      ...others.map((one, i) => {
        const item = document.createElement("li");
        item.id = `suggestion-${i}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.textContent = one.text;
        return item;
      }),
    );
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
  } catch (problem) {
    if (problem.name !== "AbortError") close();
  }
}

// point moves to a suggestion, around the ends.
function point(step) {
  const items = list.children;
  if (active >= 0) items[active].setAttribute("aria-selected", "false");
  active = active < 0 && step < 0 ? items.length - 1 : (active + step + items.length) % items.length;
  items[active].setAttribute("aria-selected", "true");
  items[active].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", items[active].id);
}

function take(text) {
  input.value = text;
  close();
  show(address(), { push: true });
}

function typed() {
  clearTimeout(timer);
  dropPage();
  timer = setTimeout(() => {
    suggest();
    show(address(), { typing: true });
  }, typingPause);
}

input.addEventListener("input", typed);
// What was typed before this file had come.
if (input.value !== input.defaultValue) typed();

// dropPage forgets the place in another query's results.
function dropPage() {
  for (const old of form.querySelectorAll('input[type="hidden"][name="offset"]')) old.remove();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  close();
  dropPage();
  show(address(), { push: true });
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-auto], #collection")) {
    if (event.target.id === "collection") location.assign("/?" + new URLSearchParams({ q: input.value, collection: event.target.value }));
    else show(address(), { push: true });
  }
});

// Links within the results are searches, but for documents.
results.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='/?']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const query = new URL(link.href).searchParams.get("q");
  if (query !== null) input.value = query;
  show(link.getAttribute("href"), { push: true }).then(() => scrollTo(0, 0));
});

list.addEventListener("mousedown", (event) => {
  event.preventDefault(); // the box keeps the focus
  const item = event.target.closest("li");
  if (item) take(item.textContent);
});

input.addEventListener("blur", close);
addEventListener("popstate", () => location.reload());

// step moves the focus through the hits; before the first one is the box.
function step(by) {
  const links = [...results.querySelectorAll(".hits h2 a")];
  const at = links.indexOf(document.activeElement) + by;
  if (at < 0) input.focus();
  else links[Math.min(at, links.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target === input;
  const elsewhere = !typing && event.target.matches("input, select, textarea");
  const down = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "/" && !typing && !elsewhere) {
    input.focus();
    input.select();
  } else if (down && typing && !list.hidden) {
    point(down);
  } else if (down && !elsewhere && (!typing || down > 0)) {
    step(down);
  } else if (event.key === "Enter" && typing && active >= 0) {
    take(list.children[active].textContent);
  } else if (event.key === "Escape" && typing && !list.hidden) {
    close();
  } else if (event.key === "Escape" && typing && input.value) {
    take("");
  } else if (event.key === "Escape" && !elsewhere) {
    input.focus();
  } else {
    return;
  }
  event.preventDefault();
});
