"use strict";
// What all parts of the page use. What came from a file gets into the page as text (textContent) and never as markup.

const $ = (id) => document.getElementById(id);

/** An element with children, texts among them. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in element && key !== "list") element[key] = value; else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Changes a text only where it is another, so that a screen reader is not told the same again. */
function set(element, content) {
  if (element.textContent !== content) element.textContent = content;
}

// MARK: Numbers and times

function count(number) { return new Intl.NumberFormat(locale).format(number); }

function size(bytes, digits = 3) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3), units.length - 1);
  // Where there is little room, "500B" stands for "500 byte".
  const unitDisplay = power === 0 && digits < 3 ? "narrow" : "short";
  return new Intl.NumberFormat(locale, { style: "unit", unit: units[power], unitDisplay, maximumSignificantDigits: Math.max(digits, power === 0 ? 3 : digits) })
    .format(bytes / 1000 ** power);
}

function when(time) {
  const date = new Date(time), isToday = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(locale, isToday ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "medium" }).format(date);
}

/** By how much the daemon's clock is ahead of the browser's, in milliseconds. */
let clockAhead = 0;

/** Whether a time of the daemon's is so near, or past, that it would be over before anybody has read it. */
function isSoon(time) { return Date.parse(time) - Date.now() - clockAhead < 10000; }

function day(date, form = { dateStyle: "long" }) {
  return new Intl.DateTimeFormat(locale, { ...form, timeZone: "UTC" }).format(new Date(date + "T00:00:00Z"));
}

// MARK: Prose

/** What the API says in English, as nodes: in the reader's language where the phrase is known, else marked as English. */
function prose(english) {
  if (language === "en" || !english) return [english || ""];
  for (const [pattern, words] of phrases[language] || []) {
    const found = pattern.exec(english);
    if (!found) continue;
    const tail = found.groups && found.groups.tail;
    return [words.replace(/\{(\d)\}/g, (_, index) => found[index] || ""), ...(tail ? [make("span", { lang: "en", textContent: tail })] : [])];
  }
  return [make("span", { lang: "en", textContent: english })];
}

function setProse(element, english) {
  const nodes = prose(english);
  if (element.textContent !== nodes.map((node) => node.textContent ?? node).join("")) element.replaceChildren(...nodes);
}

// MARK: Lists that change

/**
 * Makes an element's children those of these items, in their order. A child whose key is still there stays, so that nobody
 * who stands in it, has marked a part of it or has it read out is disturbed.
 */
function keep(parent, items, keyOf, build, update) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = new Set(items.map(keyOf));
  for (const [key, child] of known) if (!wanted.has(key)) child.remove();
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = known.get(key);
    if (!child) {
      child = build(item);
      child.dataset.key = key;
    }
    if (child === place) place = place.nextElementSibling; else parent.insertBefore(child, place);
    update(child, item);
  }
  if (!focused || document.activeElement === focused) return;
  // It was moved, or it is gone: then its heading is near where it was.
  const next = focused.isConnected ? focused : parent.closest("section").querySelector("h2");
  next.focus({ preventScroll: true });
}

// MARK: Commands

/** A word of a shell's command line. */
function word(name) {
  if (/^[\w@%+=:,.\/-]+$/.test(name)) return name;
  if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)) return "'" + name.replaceAll("'", "'\\''") + "'";
  // What nobody sees is written by its bytes.
  const escaped = name.replace(/[\\']/g, "\\$&").replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...new TextEncoder().encode(character)].map((byte) => "\\x" + byte.toString(16).padStart(2, "0")).join(""));
  return "$'" + escaped + "'";
}

/** Whether a name is told as it is: bytes that are not UTF-8 are told by their numbers. */
function isExact(name) { return !/\\x[0-9A-F]{2}|\uFFFD/.test(name); }

/** A place for a command line that can be copied. */
function command(line = "") {
  const code = make("code"), button = make("button", { type: "button", textContent: text("copy") });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // Only a page from this machine or over TLS may; otherwise the line is marked, to be copied by hand.
      getSelection().selectAllChildren(code);
      return;
    }
    button.textContent = text("copied");
    setTimeout(() => { button.textContent = text("copy"); }, 2000);
  });
  const element = make("div", { className: "command" }, code, button);
  setCommand(element, line);
  return element;
}

function setCommand(element, line) {
  const [code, button] = element.children;
  element.hidden = !line;
  set(code, line);
  const label = `${text("copy")}: ${line}`;
  if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
}

// MARK: Questions

/** Where it is told what is known of an event: null, without complaint, where nothing is. */
function accountPath(eventId) { return "api/account?" + new URLSearchParams({ id: eventId }); }

async function get(path) {
  const response = await fetch(path, { cache: "no-store" });
  if (response.status === 401) throw new Error(text("unauthorized"));
  return response;
}
