"use strict";
// The search, a list of events, and one event's way.

let nextCursor = null, lastQuery = "";

function showEvents(page, isFirst) {
  const body = $("results").querySelector("tbody");
  const rows = page.events.map((event) => {
    const open = event.eventId == null ? "" : make("button", { type: "button", textContent: event.eventId });
    if (open) open.addEventListener("click", () => openEvent(event.eventId));
    return make("tr", {},
      make("td", { className: "when", textContent: when(event.updatedAt) }),
      make("td", {}, make("span", { className: "tag " + event.status, textContent: text(event.status) })),
      make("td", { className: "type", textContent: event.eventType || "" }), make("td", { className: "id" }, open),
      make("td", { className: "where" }, make("bdi", { textContent: event.file }), ...(event.reason ? [": ", ...prose(event.message || event.reason)] : [])));
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
    if (!response.ok) return setProse($("found"), answer.error);
    showEvents(answer, !cursor);
  } catch (error) { set($("found"), error.message); }
}

/** JSON with line breaks, every token as it was written: a number is not read and so not rounded. */
function layOut(json) {
  let result = "", depth = 0, isInString = false;
  const line = () => "\n" + "  ".repeat(depth);
  for (let index = 0; index < json.length; index++) {
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
  return result;
}

async function openEvent(eventId) {
  let account;
  try {
    const response = await get(accountPath(eventId));
    account = await response.json();
    if (!response.ok) return setProse($("found"), account.error);
  } catch (error) { return set($("found"), error.message); }
  if (!account) {
    $("event").hidden = true;
    return set($("found"), text("notFound", eventId));
  }
  const steps = [];
  const add = (time, ...what) => { if (time) steps.push([time, what]); };
  const event = account.event;
  if (event) {
    add(event.createdAt, text("wayDropped", event.inbox));
    const isTold = account.rewritings.some((rewriting) => rewriting.storedAt >= event.updatedAt);
    if (!isTold && event.updatedAt !== event.createdAt) add(event.updatedAt, text("wayWritten"));
  }
  for (const { storedAt, failedOf } of account.rewritings) add(storedAt, failedOf ? text("wayBack", failedOf) : text("wayAgain"));
  for (const forward of account.forwards) add(forward.forwardedAt, text("wayForwarded", forward.status, forward.batchId));
  for (const attempt of account.failedAttempts) {
    const answer = attempt.httpStatus === null ? text("noAnswer") : "HTTP " + attempt.httpStatus;
    const said = attempt.response === null ? "" : text("wayAnswer", attempt.response);
    add(attempt.attemptedAt, text("wayAttempt", answer, attempt.batchId), ...prose(attempt.message), said);
  }
  for (const { error } of account.failures) {
    if (error.attempts > 1) add(error.firstFailedAt, text("wayFailedFirst"));
    add(error.lastFailedAt, text("wayFailed", error.attempts, error.reason), ...prose(error.message));
    // Where it is due already, the next look at the folder takes it.
    if (error.nextAttemptAt && !isSoon(error.nextAttemptAt)) add(error.nextAttemptAt, text("wayNext"));
  }
  steps.sort((left, right) => left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0);
  const way = steps.map(([time, what]) => make("li", {}, make("time", { dateTime: time, textContent: when(time) }), ...what));
  if (event && event.status === "pending") way.push(make("li", { textContent: text("wayWaits") }));
  if (account.pruned) way.push(make("li", { textContent: text("wayPruned") }));
  $("event-title").replaceChildren(eventId + " ", make("span", { className: "tag " + account.status, textContent: account.status in allTexts[language] ? text(account.status) : account.status }));
  $("event-way").replaceChildren(...way);
  const files = $("event-files");
  files.replaceChildren();
  if (lastStatus) {
    const offer = ({ words, line }) => files.append(make("p", { className: "quiet mend", textContent: words }), command(line));
    if (event) {
      const record = `${lastStatus.folders.processed}/${event.file}`;
      offer({ words: text("again"), line: `mv -n ${word(record)} ${word(inboxPath(event.inbox) + "/")}` });
    }
    for (const { folder, file, error } of account.failures) {
      offer(mending({ folder, inbox: error.inbox, reason: error.reason }, [file], account));
    }
  }
  $("event-record").hidden = $("event-record-title").hidden = !account.record;
  if (account.record) {
    try {
      const response = await get(`api/events/${encodeURIComponent(eventId)}/record`);
      $("event-record").textContent = layOut(await response.text());
    } catch (error) { $("event-record").textContent = error.message; }
  }
  $("event").hidden = false;
  $("event").focus();
  $("event").scrollIntoView({ block: "start" });
}

$("search").addEventListener("submit", (submission) => {
  submission.preventDefault();
  const fields = new FormData($("search")), id = fields.get("id").trim();
  fields.delete("id");
  if (id) { $("results").hidden = $("more").hidden = true; set($("found"), ""); return openEvent(id); }
  $("event").hidden = true;
  lastQuery = new URLSearchParams(fields).toString();
  listEvents(lastQuery, null);
});
$("more").addEventListener("click", () => listEvents(lastQuery, nextCursor));

/** A link such as #events?status=failed fills the form in and searches. */
function followHash() {
  const [place, query] = location.hash.split(/\?(.*)/s);
  if (place !== "#events" || !query) return;
  const parameters = new URLSearchParams(query);
  for (const name of ["id", "type", "status", "since", "until", "partition"]) $("search-" + name).value = parameters.get(name) || "";
  $("search").requestSubmit();
  $("events").scrollIntoView();
  $("events").focus({ preventScroll: true });
}
addEventListener("hashchange", followHash);
// A link to where we are already is no change.
document.addEventListener("click", (click) => {
  const link = click.target.closest("a[href^='#events']");
  if (link && link.hash === location.hash) followHash();
});
