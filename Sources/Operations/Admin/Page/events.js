"use strict";
// The search, a list of events, and the history of one event.

let nextCursor = null, lastQuery = "";

function showEvents(page, isFirst) {
  const body = $("results").querySelector("tbody");
  const rows = page.events.map((event) => {
    // One without an eventId is opened as a file.
    const query = event.eventId == null ? { cursor: event.cursor } : { id: event.eventId };
    const open = make("a", { href: "#events?" + new URLSearchParams(query), textContent: event.eventId ?? text("noId") });
    return make("tr", {},
      make("td", { className: "when", textContent: when(event.updatedAt) }),
      make("td", {}, make("span", { className: "tag " + event.status, textContent: text(event.status) })),
      make("td", { className: "type", textContent: event.eventType || "" }), make("td", { className: "id" }, open),
      make("td", { className: "where" }, make("bdi", { textContent: event.file }), ...(event.reason ? [text("because"), ...(event.message ? sentence(messageOf(event)) : [event.reason])] : [])));
  });
  if (isFirst) body.replaceChildren(...rows); else body.append(...rows);
  nextCursor = page.next;
  $("more").hidden = !nextCursor;
  $("results").hidden = body.children.length === 0;
  const total = body.children.length;
  set($("found"), total ? text(nextCursor ? "foundMore" : "found", count(total)) : text("noneFound"));
}

async function listEvents(query, cursor) {
  const parameters = new URLSearchParams(query);
  parameters.set("limit", "50");
  if (cursor) parameters.set("cursor", cursor);
  try {
    const response = await get("api/events?" + parameters);
    const answer = await response.json();
    if (!response.ok) return setWords($("found"), problem(answer));
    showEvents(answer, !cursor);
  } catch (error) { set($("found"), error.message); }
}

/** How much of a record is shown: a browser cannot lay out more at once. */
const shownLimit = 100000, depthLimit = 40;

/**
 * Reads the beginning of an answer.
 *
 * It does not wait for the rest: a record can have megabytes.
 */
async function readBeginning(response, limit) {
  const reader = response.body.getReader(), decoder = new TextDecoder();
  let result = "";
  while (result.length < limit) {
    const { value, done } = await reader.read();
    if (done) return { content: result + decoder.decode(), isCut: false };
    result += decoder.decode(value, { stream: true });
  }
  reader.cancel();
  return { content: result.slice(0, limit), isCut: true };
}

/**
 * JSON with line breaks, every token as it was written: numbers are not parsed and so not rounded.
 *
 * It is cut off where it would exceed what is shown, and deeply nested parts are kept on one line.
 */
function layOut(json) {
  let result = "", depth = 0, isInString = false;
  const line = () => depth > depthLimit ? " " : "\n" + "  ".repeat(depth);
  for (let index = 0; index < json.length; index++) {
    if (result.length > shownLimit) return { content: result, isCut: true };
    const character = json[index];
    if (isInString) {
      result += character;
      if (character === "\\") result += json[++index] ?? "";
      else if (character === "\"") isInString = false;
    } else if (character === "\"") { isInString = true; result += character; }
    else if (character === "{" || character === "[") {
      const closing = character === "{" ? "}" : "]";
      const rest = /^\s*/.exec(json.slice(index + 1, index + 200))[0].length;
      if (json[index + 1 + rest] === closing) { result += character + closing; index += 1 + rest; }
      else { depth++; result += character + line(); }
    } else if (character === "}" || character === "]") { depth--; result += line() + character; }
    else if (character === ",") result += character + line();
    else if (character === ":") result += ": ";
    else if (!/\s/.test(character)) result += character;
  }
  return { content: result, isCut: false };
}

/** Shows what is known about an event, or about the file at a place in the list. */
async function openEvent(eventId, cursor) {
  const title = eventId ?? text("noId");
  let account;
  try {
    const response = await get(cursor ? "api/account?" + new URLSearchParams({ cursor }) : accountPath(eventId));
    account = await response.json();
    if (!response.ok) return setWords($("found"), problem(account));
  } catch (error) { return set($("found"), error.message); }
  if (!account) {
    $("event").hidden = true;
    return set($("found"), text("notFound", title));
  }
  const steps = [];
  const add = (time, code, values = {}) => { if (time) steps.push([time, say({ code, arguments: values })]); };
  const event = account.event;
  if (event) {
    add(event.createdAt, "way-first-recorded", { inbox: event.inbox });
    const isShown = account.rewritings.some((rewriting) => rewriting.storedAt >= event.updatedAt);
    if (!isShown && event.updatedAt !== event.createdAt) add(event.updatedAt, "way-recorded-as-now");
  }
  for (const { storedAt, failedOf } of account.rewritings) {
    if (failedOf) add(storedAt, "way-recorded-after-retry", { reason: failedOf }); else add(storedAt, "way-recorded-again");
  }
  for (const { forwardedAt, status, batchId } of account.forwards) add(forwardedAt, "way-acknowledged", { status, batch: batchId });
  for (const attempt of account.failedAttempts) {
    const values = { batch: attempt.batchId, why: messageOf(attempt) };
    if (attempt.httpStatus === null) add(attempt.attemptedAt, "way-not-forwarded-no-answer", values);
    else add(attempt.attemptedAt, "way-not-forwarded", { ...values, status: attempt.httpStatus, response: attempt.response ?? "" });
  }
  for (const { error } of account.failures) {
    if (error.reason === "no-report") { add(error.lastFailedAt, "no-report"); continue; }
    if (error.attempts > 1) add(error.firstFailedAt, "way-failed-first");
    add(error.lastFailedAt, "way-failed", { attempt: error.attempts, reason: error.reason, why: messageOf(error) });
    // If it is already due, the next look at the folder takes it.
    if (error.nextAttemptAt && !isSoon(error.nextAttemptAt)) add(error.nextAttemptAt, "way-tried-again");
  }
  steps.sort((left, right) => left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0);
  const way = steps.map(([time, what]) => make("li", {}, make("time", { dateTime: time, textContent: when(time) }), ...what));
  if (event && event.status === "pending") way.push(make("li", {}, ...say({ code: "way-waits", arguments: {} })));
  if (account.pruned) way.push(make("li", {}, ...say({ code: "way-pruned", arguments: {} })));
  $("event-title").replaceChildren(shown(account.failures[0] && eventId == null ? account.failures[0].file : title) + " ", make("span", { className: "tag " + account.status, textContent: account.status in allTexts[language] ? text(account.status) : account.status }));
  $("event-way").replaceChildren(...way);
  const files = $("event-files");
  files.replaceChildren();
  const offer = ({ words, line, actions }) => {
    const choice = make("div", { className: "choice" });
    files.append(make("p", { className: "quiet mend", textContent: words }), command(line), choice);
    offerActions(choice, actions);
  };
  if (event) offer({ words: text("again"), line: eventdrop("reprocess", ...idWords(eventId)), actions: [{ do: "reprocess", id: eventId }] });
  for (const { folder, error } of account.failures) {
    offer(mending({ folder, inbox: error.inbox, reason: error.reason }, eventId, account));
  }
  await showRecord(eventId, account);
  $("event").hidden = false;
  $("event").focus({ preventScroll: true });
  $("event").scrollIntoView({ block: "start", behavior: "instant" });
}

async function showRecord(eventId, account) {
  const address = `api/events/${encodeURIComponent(eventId)}/record`;
  $("event-record").hidden = $("event-record-title").hidden = account.recordBytes == null;
  $("event-record-cut").hidden = true;
  if (account.recordBytes == null) return;
  try {
    const beginning = await readBeginning(await get(address), shownLimit), laidOut = layOut(beginning.content);
    $("event-record").textContent = laidOut.content;
    if (!beginning.isCut && !laidOut.isCut) return;
    $("event-record-cut").replaceChildren(text("cut", size(account.recordBytes)) + " ", make("a", { href: address, textContent: text("whole") }));
    $("event-record-cut").hidden = false;
  } catch (error) { $("event-record").textContent = error.message; }
}

/** The names of the form's fields. */
const fieldNames = ["id", "type", "status", "since", "until", "partition", "inbox", "reason"];

$("search").addEventListener("submit", (submission) => {
  submission.preventDefault();
  const query = new URLSearchParams();
  for (const name of fieldNames) {
    const value = $("search-" + name).value.trim();
    if (value) query.set(name, value);
  }
  const address = "#events?" + query;
  // Each view has an address, which shows the list or the event.
  if (location.hash === address) followHash(); else location.hash = address;
});
$("more").addEventListener("click", () => listEvents(lastQuery, nextCursor));

/** A link such as #events?status=failed fills in the form and searches. */
async function followHash() {
  const [place, rest] = location.hash.split(/\?(.*)/s);
  if (place !== "#events" || rest === undefined) return;
  const query = new URLSearchParams(rest);
  for (const name of fieldNames) $("search-" + name).value = query.get(name) || "";
  const id = query.get("id"), cursor = query.get("cursor");
  if (id || cursor) {
    $("results").hidden = $("more").hidden = true;
    set($("found"), "");
    return openEvent(id, id ? null : cursor);
  }
  $("event").hidden = true;
  lastQuery = query.toString();
  await listEvents(lastQuery, null);
  goToEvents();
  $("events").focus({ preventScroll: true });
}

/** Scrolls to the search results. */
function goToEvents() {
  const target = $("event").hidden ? $("found") : $("event");
  target.scrollIntoView({ block: "start", behavior: "instant" });
}

addEventListener("hashchange", followHash);
// A link to the current view changes nothing.
document.addEventListener("click", (click) => {
  const link = click.target.closest("a[href^='#events']");
  if (link && link.hash === location.hash) followHash();
});
