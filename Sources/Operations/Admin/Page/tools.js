"use strict";
// What all parts of the page use. Content of files gets into the page as text (textContent) and never as markup.

const $ = (id) => document.getElementById(id);

/** Shows invisible characters, and those that change text direction, as numbers: no text can pass for another. */
function shown(content) {
  return content.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu,
    (character) => "\\u{" + character.codePointAt(0).toString(16).toUpperCase() + "}");
}

/** An element with children, including texts. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "textContent") element.textContent = shown(value);
    else if (key in element && key !== "list") element[key] = value; else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null).map((child) => typeof child === "string" ? shown(child) : child));
  return element;
}

/** Changes a text only if it differs, so that a screen reader does not repeat it. */
function set(element, content) {
  content = shown(content);
  if (element.textContent !== content) element.textContent = content;
}

// MARK: Numbers and times

function count(number) { return new Intl.NumberFormat(locale).format(number); }

function size(bytes, digits = 3) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3), units.length - 1);
  // If space is scarce, "500B" stands for "500 byte".
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

/** Whether a time of the daemon is past, or so near that it would be over before anybody has read it. */
function isSoon(time) { return Date.parse(time) - Date.now() - clockAhead < 10000; }

function day(date, form = { dateStyle: "long" }) {
  return new Intl.DateTimeFormat(locale, { ...form, timeZone: "UTC" }).format(new Date(date + "T00:00:00Z"));
}

// MARK: Messages

const plural = new Intl.PluralRules(language);

/**
 * A message of the API, which is a code with arguments, as nodes in the reader's language: what happened.
 *
 * In a sentence, {name} stands for an argument, {name|, '#'} for that text if the argument is not empty, and
 * {name|one|many} for one of the two, depending on the argument's number.
 */
function say(message) {
  if (!message) return [];
  const template = messages[language][message.code];
  if (template === undefined) return [message.said ?? ""];
  const nodes = [], place = /\{([A-Za-z]+)(?:\|([^{}|]*))?(?:\|([^{}|]*))?\}/g;
  let end = 0;
  for (const found of template.matchAll(place)) {
    nodes.push(offering(template.slice(end, found.index)), ...argument(found[1], message.arguments[found[1]], found[2], found[3]));
    end = found.index + found[0].length;
  }
  return [...nodes, offering(template.slice(end))];
}

/** What replaces an argument. */
function argument(name, value, one, many) {
  if (value == null) return [];
  if (typeof value === "object") return say(value);
  if (many !== undefined) return [(plural.select(value) === "one" ? one : many).replaceAll("#", () => value)];
  if (one !== undefined) return value === "" ? [] : [one.replaceAll("#", () => value)];
  if (["diff", "replace", "discard"].includes(name)) return [offering(value)];
  // The system's own messages are in English.
  return [name === "why" && language !== "en" ? make("span", { lang: "en", textContent: value }) : String(value)];
}

/** What a person can do about it, as a message: its own, or that of the cause it names; null if there is none. */
function advice(message) {
  if (!message?.code) return null;
  const code = message.code + ".advice";
  if (messages[language][code] !== undefined) return { code, arguments: message.arguments };
  return Object.values(message.arguments).map((value) => typeof value === "object" ? advice(value) : null).find(Boolean) ?? null;
}

/** What happened and what a person can do about it, as nodes. */
function sentence(message) {
  const help = say(advice(message));
  return help.length ? [...say(message), text("between"), ...help] : say(message);
}

/** The message of something that failed; an earlier version wrote one without a code. */
function messageOf({ message, code, arguments: values }) { return code ? { code, arguments: values } : { said: message ?? "" }; }

function setWords(element, nodes) {
  const line = make("span", {}, ...nodes);
  if (element.textContent !== line.textContent) element.replaceChildren(...line.childNodes);
}

/** What an answer says is wrong with a query. */
function problem(answer) { return answer.messages ? sentence(answer.messages.error) : [answer.error]; }

// MARK: Lists that change

/**
 * Makes an element's children match these items, in their order. A child whose key still exists stays, so that focus,
 * selection and reading aloud in it are not disturbed.
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
  // It was moved or removed; if it was removed, its heading is nearby.
  const next = focused.isConnected ? focused : parent.closest("section").querySelector("h2");
  next.focus({ preventScroll: true });
}

// MARK: Commands

const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;

/** A word of a shell's command line. */
function word(name) {
  if (/^[\w@%+=:,.\/-]+$/.test(name)) return name;
  // Invisible characters are written as bytes, in separate quotes: a shell without this form runs none of it.
  const bytes = (part) => [...new TextEncoder().encode(part)].map((byte) => "\\x" + byte.toString(16).padStart(2, "0")).join("");
  const parts = name.match(new RegExp(`${unseen.source}+|(?:(?!${unseen.source}).)+`, "gsu")) || [""];
  return parts.map((part) => unseen.test(part) ? "$'" + bytes(part) + "'" : "'" + part.replaceAll("'", "'\\''") + "'").join("");
}

/** Whether a name is shown exactly: bytes that are not UTF-8 are shown as numbers. */
function isExact(name) { return !/\\x[0-9A-F]{2}|\uFFFD/.test(name); }

/** A sentence whose commands are for this page's daemon. */
function offering(sentence) {
  const config = lastOverview && lastOverview.config;
  if (!config) return sentence;
  const commands = /\beventdrop (?:run|check|test|status|tail|list|show|diff|report|reprocess|discard|flush|prune|verify|reindex|fleet (?:init|status|forget))\b(?! --config)/g;
  return sentence.replace(commands, (found) => `${found} --config ${word(config)}`);
}

/** An eventdrop command line, with the configuration of this page's daemon. */
function eventdrop(command, ...words) {
  const config = lastOverview && lastOverview.config ? ["--config", lastOverview.config] : [];
  return ["eventdrop", command, ...config, ...words].map(word).join(" ");
}

/** A place for a command line that can be copied. */
function command(line = "") {
  const code = make("code"), button = make("button", { type: "button", textContent: text("copy") });
  const said = make("span", { className: "said", role: "status" });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // Only a page from this machine or over TLS may copy; otherwise the line is selected, to be copied by hand.
      getSelection().selectAllChildren(code);
      said.classList.add("seen");
      set(said, text("marked"));
      return;
    }
    button.dataset.copied = "";
    name();
    set(said, text("copied"));
    setTimeout(() => { delete button.dataset.copied; name(); set(said, ""); }, 3000);
  });
  const name = () => nameCopyButton(button, code.textContent);
  const element = make("div", { className: "command" }, code, button, said);
  setCommand(element, line);
  return element;
}

function setCommand(element, line) {
  const [code, button] = element.children;
  element.hidden = !line;
  // A command is exact: invisible characters in it are written as bytes (see word).
  if (code.textContent !== line) code.textContent = line;
  nameCopyButton(button, line);
}

/** The button's text, and its full name, which begins with that text. */
function nameCopyButton(button, line) {
  const words = text("copied" in button.dataset ? "copied" : "copy"), label = text("run", words, line);
  set(button, words);
  if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
}

// MARK: Questions

/** The address for what is known about an event: null, without an error, if nothing is. */
function accountPath(eventId) { return "api/account?" + new URLSearchParams({ id: eventId }); }

async function get(path) {
  const response = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(20000) });
  if (response.status === 401) throw new Error(text("unauthorized"));
  return response;
}
