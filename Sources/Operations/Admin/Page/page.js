"use strict";
// What came from a file gets into the page as text (textContent) and never as markup.

const $ = (id) => document.getElementById(id);
const statusEvery = 2000, overviewEvery = 6000;

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

function count(number) { return new Intl.NumberFormat(locale).format(number); }

function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return new Intl.NumberFormat(locale, { style: "unit", unit: units[power], unitDisplay: "short", maximumSignificantDigits: 3 })
    .format(bytes / 1000 ** power);
}

function when(time) {
  const date = new Date(time), isToday = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(locale, isToday ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "medium" }).format(date);
}

function day(date) { return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(new Date(date + "T00:00:00Z")); }

/** A word of a shell's command line. */
function word(name) { return /^[\w@%+=:,.\/-]+$/.test(name) ? name : "'" + name.replaceAll("'", "'\\''") + "'"; }

async function get(path) {
  const response = await fetch(path, { cache: "no-store" });
  if (response.status === 401) throw new Error(text("unauthorized"));
  return response;
}

// MARK: What flows

let lastStatus = null;

function showStep(id, number, note, kind) {
  const step = $("step-" + id);
  set(step.querySelector("strong"), count(number));
  set(step.querySelector(".note"), note);
  step.className = kind;
}

function showStatus(status) {
  lastStatus = status;
  const waiting = status.inboxes.reduce((sum, inbox) => sum + inbox.waiting, 0);
  const inboxNote = status.inboxes.length > 1
    ? status.inboxes.map((inbox) => `${inbox.name}: ${count(inbox.waiting)}`).join(", ") : text("inboxNote");
  showStep("inbox", waiting, inboxNote, waiting ? "wait" : "good");
  showStep("pending", status.pending, status.oldestPending ? text("pendingOldest", when(status.oldestPending)) : text("pendingNote"), status.pending ? "wait" : "good");
  showStep("forwarded", status.forwarded, text("forwardedNote"), "good");
  showStep("retry", status.retry, text("retryNote"), status.retry ? "wait" : "good");
  showStep("failed", status.failed, text("failedNote"), status.failed ? "bad" : "good");
  showPartitions(status.partitions);
}

const facts = {};

/** Shows a fact, or takes it away where there is none. */
function showFact(key, value) {
  if (!(key in facts)) {
    facts[key] = [make("dt", { textContent: text(key) }), make("dd")];
    $("facts").append(...facts[key]);
  }
  for (const element of facts[key]) element.hidden = value == null;
  if (value != null) set(facts[key][1], value);
}

// MARK: Failures

let shownFailures = "";

function command(line) {
  const button = make("button", { type: "button", textContent: text("copy") });
  button.setAttribute("aria-label", `${text("copy")}: ${line}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line);
    } catch {
      // Only a page from this machine or over TLS may; otherwise the line is marked, to be copied by hand.
      getSelection().selectAllChildren(button.previousSibling);
      return;
    }
    button.textContent = text("copied");
    setTimeout(() => { button.textContent = text("copy"); }, 2000);
  });
  return make("div", { className: "command" }, make("code", { textContent: line }), button);
}

/** The newest failures; those that wait for a person first, also where many others came after them. */
async function newestFailures(status) {
  const told = status.lastFailures.filter((failure) => failure.folder === "failed");
  const others = status.lastFailures.filter((failure) => failure.folder !== "failed");
  if (told.length === Math.min(status.failed, 10)) return [...told, ...others];
  const answer = await get("api/events?status=failed&limit=10");
  if (!answer.ok) return [...told, ...others];
  const failed = (await answer.json()).events.map((event) => ({ ...event, folder: "failed", lastFailedAt: event.updatedAt }));
  return [...failed, ...others];
}

async function showFailures(status) {
  const shape = JSON.stringify([status.lastFailures, status.retry, status.failed]);
  if (shape === shownFailures) return;
  shownFailures = shape;
  const failures = await newestFailures(status);
  $("no-failures").hidden = failures.length > 0;
  const inbox = status.inboxes[0].path;
  // What failed of the same cause is told once.
  const groups = new Map();
  for (const failure of failures) {
    const key = JSON.stringify([failure.folder, failure.reason, failure.message]);
    groups.set(key, [...(groups.get(key) || []), failure]);
  }
  $("failures").replaceChildren(...[...groups.values()].map((group) => {
    const failure = group[0], others = group.slice(1).map((other) => other.file);
    const path = `${status.folders[failure.folder]}/${failure.file}`;
    return make("li", {},
      make("div", {},
        make("span", { className: "tag " + failure.folder, textContent: text(failure.folder) }), " ",
        make("span", { className: "file", textContent: failure.file }), " ",
        make("span", { className: "tag", textContent: failure.reason })),
      make("div", { className: "message", textContent: failure.message }),
      others.length ? make("div", { className: "quiet message", textContent: text("alsoThese", others.join(", ")) }) : null,
      make("div", { className: "quiet", textContent: text("failedAt", when(failure.lastFailedAt))
        + (failure.nextAttemptAt ? ", " + text("triedAt", when(failure.nextAttemptAt)) : "") }),
      make("div", { className: "quiet", textContent: text(failure.folder === "retry" ? "mendRetry" : "mendFailed") }),
      command(others.length ? `eventdrop reprocess --status ${failure.folder} --reason ${word(failure.reason)}`
        : `mv -n ${word(path)} ${word(inbox + "/")}`));
  }));
  const all = status.retry + status.failed;
  if (all > failures.length) {
    const link = (kind) => make("a", { href: "#events?status=" + kind, textContent: text("allOf", text(kind), count(status[kind])) });
    $("failures").append(make("li", {}, ...(status.failed ? [link("failed"), "  "] : []), ...(status.retry ? [link("retry")] : [])));
  }
}

// MARK: Health and plots

function showOverview(overview) {
  const hasFailed = Boolean(lastStatus && lastStatus.failed);
  $("state").className = "state " + (!overview.ready ? "bad" : hasFailed ? "wait" : "good");
  set($("state"), text(!overview.ready ? "notReadyShort" : hasFailed ? "readyButFailed" : "ready"));
  // The circuit has a place of its own.
  const reasons = overview.reasons.filter((reason) => !(overview.circuit && reason.startsWith("the circuit is open")));
  $("reasons").hidden = reasons.length === 0;
  const list = $("reasons").querySelector("ul");
  if (list.dataset.shape !== reasons.join("\n")) {
    list.dataset.shape = reasons.join("\n");
    list.replaceChildren(...reasons.map((reason) => make("li", { textContent: reason })));
  }
  const circuit = overview.circuit;
  $("circuit").hidden = !circuit;
  if (circuit) {
    set($("circuit-why"), circuit.why);
    set($("circuit-help"), circuit.help || "");
    set($("circuit-next"), `${text("circuitSince", when(circuit.since))} ${circuit.nextProbe ? text("nextProbe", when(circuit.nextProbe)) : text("probing")}`);
  }
  set($("about"), text("about", overview.version, when(overview.startedAt)));
  const nowMinute = Math.floor(Date.parse(overview.now) / 60000);
  const byMinute = new Map(overview.minutes.map((minute) => [Math.floor(Date.parse(minute.at) / 60000), minute]));
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const minutes = Array.from({ length: 60 }, (_, index) => {
    const minute = nowMinute - 59 + index;
    return { stored: 0, forwarded: 0, ...byMinute.get(minute), label: clock.format(new Date(minute * 60000)) };
  });
  const hourMarks = [0, 15, 30, 45, 59].map((index) => ({
    x: 44 + 416 / 60 * (index + 0.5), text: minutes[index].label, anchor: index === 0 ? "start" : index === 59 ? "end" : "middle" }));
  $("plot-hour").replaceChildren(barPlot(minutes, hourMarks));
  $("plot-hour-delay").replaceChildren(linePlot(minutes, hourMarks));
  const days = overview.days.slice(-31).map((entry) => ({ ...entry, label: day(entry.date) }));
  for (const [id, plot] of [["plot-days", barPlot], ["plot-days-delay", linePlot]]) {
    if (!days.length) { $(id).replaceChildren(make("p", { className: "quiet", textContent: text("nothingYet") })); continue; }
    const step = 416 / days.length, places = [...new Set([0, Math.floor(days.length / 2), days.length - 1])];
    const marks = places.map((index) => ({
      x: places.length > 1 && index === 0 ? 44 : places.length > 1 && index === days.length - 1 ? 460 : 44 + step * (index + 0.5),
      text: days[index].date.slice(5), anchor: places.length === 1 ? "middle" : index === 0 ? "start" : index === days.length - 1 ? "end" : "middle" }));
    $(id).replaceChildren(plot(days, marks));
  }
  showFact("rate", count(minutes[58].stored));
  if (lastStatus) {
    showFact("webhook", lastStatus.webhook || text("noWebhook"));
    showFact("lastSuccess", overview.lastSuccess ? when(overview.lastSuccess) : null);
    showFact("next", lastStatus.nextRuns.map((run) => `${run.name} ${run.at ? when(run.at) : text("never")}`).join(", "));
  }
}

// MARK: Events

let nextCursor = null, lastQuery = "";

function showEvents(page, isFirst) {
  const body = $("results").querySelector("tbody");
  const rows = page.events.map((event) => {
    const open = event.eventId == null ? "" : make("button", { type: "button", textContent: event.eventId });
    if (open) open.addEventListener("click", () => openEvent(event.eventId));
    return make("tr", {},
      make("td", { className: "when", textContent: when(event.updatedAt) }),
      make("td", {}, make("span", { className: "tag " + event.status, textContent: text(event.status) })),
      make("td", { textContent: event.eventType || "" }), make("td", { className: "id" }, open),
      make("td", { className: "where", textContent: event.reason ? `${event.file}: ${event.message || event.reason}` : event.file }));
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
    if (!response.ok) return set($("found"), answer.error);
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
  const path = "api/events/" + encodeURIComponent(eventId);
  let account;
  try {
    const response = await get(path);
    if (response.status === 404) {
      $("event").hidden = true;
      return set($("found"), text("notFound", eventId));
    }
    account = await response.json();
    if (!response.ok) return set($("found"), account.error);
  } catch (error) { return set($("found"), error.message); }
  const steps = [];
  const add = (time, what) => { if (time) steps.push([time, what]); };
  const event = account.event;
  if (event) {
    add(event.createdAt, text("wayDropped", event.inbox));
    if (event.updatedAt !== event.createdAt) add(event.updatedAt, text("wayWritten"));
  }
  for (const forward of account.forwards) add(forward.forwardedAt, text("wayForwarded", forward.status, forward.batchId));
  for (const attempt of account.failedAttempts) {
    const answer = attempt.httpStatus === null ? text("noAnswer") : "HTTP " + attempt.httpStatus;
    const said = attempt.response === null ? "" : text("wayAnswer", attempt.response);
    add(attempt.attemptedAt, text("wayAttempt", answer, attempt.batchId, attempt.message) + said);
  }
  for (const { error } of account.failures) {
    if (error.attempts > 1) add(error.firstFailedAt, text("wayFailedFirst"));
    add(error.lastFailedAt, text("wayFailed", error.attempts, error.reason, error.message));
    add(error.nextAttemptAt, text("wayNext"));
  }
  steps.sort((left, right) => left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0);
  const way = steps.map(([time, what]) => make("li", {}, make("time", { dateTime: time, textContent: when(time) }), what));
  if (event && event.status === "pending") way.push(make("li", { textContent: text("wayWaits") }));
  if (account.pruned) way.push(make("li", { textContent: text("wayPruned") }));
  $("event-title").replaceChildren(eventId + " ", make("span", { className: "tag " + account.status, textContent: account.status in allTexts[language] ? text(account.status) : account.status }));
  $("event-way").replaceChildren(...way);
  const files = $("event-files");
  files.replaceChildren();
  if (lastStatus) {
    const inboxOf = (name) => (lastStatus.inboxes.find((inbox) => inbox.name === name) || lastStatus.inboxes[0]).path + "/";
    if (event) files.append(make("p", { className: "quiet", textContent: text("again") }), command(`mv -n ${word(`${lastStatus.folders.processed}/${event.file}`)} ${word(inboxOf(event.inbox))}`));
    for (const failure of account.failures) {
      files.append(make("p", { className: "quiet", textContent: text(failure.folder === "retry" ? "mendRetry" : "mendFailed") }),
        command(`mv -n ${word(`${lastStatus.folders[failure.folder]}/${failure.file}`)} ${word(inboxOf(failure.error.inbox))}`));
    }
  }
  $("event-record").hidden = $("event-record-title").hidden = !event;
  if (event) {
    try {
      const response = await get(path + "/record");
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
  const [place, query] = decodeURIComponent(location.hash).split("?");
  if (place !== "#events" || !query) return;
  const parameters = new URLSearchParams(query);
  for (const name of ["id", "type", "status", "since", "until"]) $("search-" + name).value = parameters.get(name) || "";
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

// MARK: Partitions

let shownPartitions = "";

function showPartitions(partitions) {
  const shape = JSON.stringify(partitions);
  if (shape === shownPartitions) return;
  shownPartitions = shape;
  const records = partitions.reduce((sum, partition) => sum + partition.records, 0);
  const bytes = partitions.reduce((sum, partition) => sum + partition.bytes, 0);
  set($("partition-sum"), partitions.length ? text("partitionSum", count(partitions.length), count(records), size(bytes)) : text("nothingYet"));
  const largest = Math.max(1, ...partitions.map((partition) => partition.bytes));
  const byDate = new Map(partitions.map((partition) => [partition.date, partition]));
  const months = [...new Set(partitions.map((partition) => partition.date.slice(0, 7)))].sort().reverse();
  $("calendar").replaceChildren(...months.map((month) => {
    const first = new Date(month + "-01T00:00:00Z"), table = make("table");
    table.append(make("caption", { textContent: new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" }).format(first) }));
    const weekday = new Intl.DateTimeFormat(locale, { weekday: "narrow", timeZone: "UTC" });
    const weekdayLong = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
    // 2024-01-01 was a Monday.
    const names = Array.from({ length: 7 }, (_, index) => new Date(Date.UTC(2024, 0, 1 + index)));
    table.append(make("thead", {}, make("tr", {}, ...names.map((date) => make("th", { scope: "col", abbr: weekdayLong.format(date), textContent: weekday.format(date) })))));
    const body = make("tbody"), last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
    let row = make("tr");
    for (let blank = (first.getUTCDay() + 6) % 7; blank > 0; blank--) row.append(make("td"));
    for (let number = 1; number <= last; number++) {
      if (row.children.length === 7) { body.append(row); row = make("tr"); }
      const date = `${month}-${String(number).padStart(2, "0")}`, partition = byDate.get(date);
      row.append(make("td", {}, partition ? dayLink(partition, number, largest) : make("span", { className: "day", textContent: String(number) })));
    }
    body.append(row);
    table.append(body);
    return make("div", { className: "month" }, table);
  }));
}

function dayLink(partition, number, largest) {
  const shade = Math.max(1, Math.ceil(4 * Math.sqrt(partition.bytes / largest)));
  const kept = partition.keptUntil ? text("kept", when(partition.keptUntil)) : text("keptForever");
  let tip = text("dayTip", day(partition.date), count(partition.records), size(partition.bytes), kept);
  if (partition.pending) tip += ", " + text("dayPending", count(partition.pending));
  const link = make("a", { className: `day has s${shade}${partition.pending ? " waits" : ""}`, title: tip,
    href: `#events?since=${partition.date}&until=${partition.date}` }, String(number), make("small", { textContent: short(partition.bytes, 2) + "B" }));
  link.setAttribute("aria-label", tip);
  return link;
}

// MARK: Live

let lastOverview = -Infinity, timer = null;

async function refresh() {
  clearTimeout(timer);
  // A page that nobody looks at asks for nothing.
  if (document.hidden) return;
  try {
    const response = await get("api/status");
    if (!response.ok) throw new Error((await response.json()).error);
    const status = await response.json();
    showStatus(status);
    await showFailures(status);
    if (performance.now() - lastOverview >= overviewEvery) {
      const answer = await get("api/overview");
      if (!answer.ok) throw new Error((await answer.json()).error);
      showOverview(await answer.json());
      lastOverview = performance.now();
    }
    $("age").textContent = text("asOf", new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(new Date()));
  } catch (error) {
    $("state").className = "state bad";
    set($("state"), error instanceof TypeError ? text("unreachable") : error.message);
    lastOverview = -Infinity;
  }
  timer = setTimeout(refresh, statusEvery);
}
document.addEventListener("visibilitychange", refresh);
refresh();
followHash();
