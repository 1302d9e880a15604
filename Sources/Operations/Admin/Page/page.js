"use strict";
// Throughput and health, live.

const statusEvery = 2000, overviewEvery = 6000;

// MARK: What flows

let lastStatus = null;

/** A number as text; a dash if it is unknown. */
function number(value) { return value == null ? "–" : count(value); }

function showStep(id, value, note, kind) {
  const step = $("step-" + id);
  set(step.querySelector("strong"), number(value));
  set(step.querySelector(".note"), note);
  step.className = kind;
}

function showStatus(status) {
  lastStatus = status;
  const known = status.inboxes.filter((inbox) => inbox.waiting != null);
  const waiting = known.length ? known.reduce((sum, inbox) => sum + inbox.waiting, 0) : null;
  const inboxNote = status.inboxes.length > 1
    ? status.inboxes.map((inbox) => text("run", inbox.name, number(inbox.waiting))).join(", ") : text("inboxNote");
  showStep("inbox", waiting, inboxNote, waiting === null || status.inboxes.some((inbox) => inbox.trouble) ? "bad" : waiting ? "wait" : "good");
  showStep("pending", status.pending, pendingNote(status), status.pending ? "wait" : "good");
  showStep("forwarded", status.forwarded, text("forwardedNote"), "good");
  showStep("retry", status.retry, text("retryNote"), status.retry === null ? "bad" : status.retry ? "wait" : "good");
  showStep("failed", status.failed, text("failedNote"), status.failed === 0 ? "good" : "bad");
  keep($("inboxes"), status.inboxes, (inbox) => inbox.name, buildInbox, updateInbox);
  showPartitions(status.partitions);
}

function buildInbox() {
  return make("li", {}, make("bdi", { className: "name" }), " ", make("span", { className: "facts-of" }), make("div", { className: "trouble" }), make("ul", { className: "waiting" }));
}

function updateInbox(item, inbox) {
  set(item.querySelector(".name"), inbox.name);
  const last = inbox.lastArrival ? text("lastArrival", when(inbox.lastArrival)) : text("noArrival");
  set(item.querySelector(".facts-of"), text("inboxFacts", number(inbox.waiting), last, inbox.path));
  keep(item.querySelector(".waiting"), inbox.waitingFiles, (group) => group.reason, () => make("li"), (element, group) =>
    set(element, text("waitingFor", count(group.count), allTexts[language].waiting[group.reason] || group.reason, group.name, when(group.oldest))));
  const trouble = item.querySelector(".trouble");
  trouble.hidden = !inbox.trouble;
  if (!inbox.trouble) return;
  const line = make("span", {}, text("sinceThen", when(inbox.trouble.since)) + " ", ...say(inbox.trouble.messages.reason));
  if (trouble.textContent !== line.textContent) trouble.replaceChildren(line);
}

function pendingNote(status) {
  if (status.circuit?.silentUntil) return text("pendingSilent", when(status.circuit.silentUntil));
  return status.oldestPending ? text("pendingOldest", when(status.oldestPending)) : text("pendingNote");
}

const facts = new Map(["rate", "webhook", "lastSuccess", "next"].map((key) => [key, [make("dt", { textContent: text(key) }), make("dd")]]));
for (const elements of facts.values()) {
  for (const element of elements) element.hidden = true;
  $("facts").append(...elements);
}

/** Shows a fact, or hides it if there is none. */
function showFact(key, value) {
  for (const element of facts.get(key)) element.hidden = value == null;
  if (value != null) set(facts.get(key)[1], value);
}

/** What runs when, the nearest first; runs at the same time are grouped, always in the same order. */
function nextRuns(runs) {
  const byTime = new Map([[text("soon"), []]]);
  for (const { name, schedule, at } of runs) {
    // A daemon that has just started does not know yet when its intervals end.
    const time = at ? (isSoon(at) ? text("soon") : when(at)) : /\bevery\b/i.test(schedule) ? schedule : text("never");
    const shown = name.startsWith("inbox ") ? text("runInbox", name.slice(6)) : allTexts[language].runs[name] || name;
    byTime.set(time, [...(byTime.get(time) || []), shown]);
  }
  return [...byTime].filter(([, names]) => names.length).map(([time, names]) => text("run", names.join(", "), time)).join(text("between"));
}

// MARK: Machines

/** A machine that should look every two seconds and is silent for longer is considered gone. */
const silentAfter = 60000;

/** The machines that share their identities, as the daemon last heard; it asks when nobody is waiting for it. */
function showFleet(fleet) {
  $("fleet").hidden = !fleet;
  if (!fleet) return;
  const asOf = fleet.asOf ? text("machinesAsOf", when(fleet.asOf)) : text("machinesUnknown");
  setWords($("fleet-state"), fleet.trouble ? [...say(fleet.trouble), text("between"), asOf] : [text("fleetAnswers"), text("between"), asOf]);
  $("fleet-state").className = fleet.trouble ? "bad-words" : "quiet";
  keep($("machines"), fleet.machines, (machine) => machine.node, () => make("tr", {}, ...["id", "state", "when", "amount", "amount"].map((className) => make("td", { className }))), (row, machine) => {
    const isSilent = Date.parse(fleet.asOf) - Date.parse(machine.seenAt) > silentAfter;
    const shown = [machine.node, allTexts[language].machineStates[machine.state] || machine.state, when(machine.seenAt), number(machine.records), number(machine.pending)];
    shown.forEach((content, index) => set(row.children[index], content));
    row.className = machine.state === "awaited" ? "bad-words" : isSilent && machine.state !== "forgotten" ? "silent" : "";
  });
}

// MARK: Health

/** These have their own places. */
const shownElsewhere = ["circuit", "failed", "retry"];

function showHealth({ verdict }) {
  $("main").classList.remove("stale");
  const kind = { "well": "good", "mends-itself": "wait", "needs-person": "bad" }[verdict.state];
  if ($("state").className !== "state " + kind) $("state").className = "state " + kind;
  set($("state"), text({ good: "well", wait: "mendsItselfShort", bad: "needsPersonShort" }[kind]));
  for (const [place, state] of [["reasons", "needs-person"], ["passing", "mends-itself"]]) {
    const items = verdict.items.filter((item) => item.state === state && !shownElsewhere.includes(item.code));
    $(place).hidden = items.length === 0;
    keep($(place).querySelector("ul"), items, (item) => item.code + item.subject + item.text, () => make("li", {}, make("div"), make("div", { className: "quiet" })), updateItem);
  }
}

function updateItem(element, item) {
  setWords(element.children[0], say(item.messages.text));
  const help = say(item.messages.advice), parts = [];
  if (item.since) parts.push(text("sinceThen", when(item.since)));
  if (item.next) parts.push(isSoon(item.next) ? text("probeSoon") : text("nextProbe", when(item.next)));
  const line = make("span", {}, parts.join(" "), parts.length && help.length ? " " : "", ...help);
  if (element.children[1].textContent !== line.textContent) element.children[1].replaceChildren(line);
}

function showCircuit(circuit, verdict) {
  $("circuit").hidden = !circuit;
  if (!circuit) return;
  const isPassing = !verdict.items.some((item) => item.code === "circuit" && item.state === "needs-person");
  $("circuit").className = "notice " + (isPassing ? "wait" : "bad");
  setWords($("circuit-why"), say(circuit.why));
  setWords($("circuit-help"), say(circuit.help ?? (isPassing ? { code: "tried-again-by-itself", arguments: {} } : null)));
  const next = !circuit.nextProbe ? text("probing") : isSoon(circuit.nextProbe) ? text("probeSoon") : text("nextProbe", when(circuit.nextProbe));
  offerActions($("circuit-act"), [{ do: "flush" }]);
  set($("circuit-next"), `${text("circuitSince", when(circuit.since))} ${next}`);
}

// MARK: Plots

const shownPlots = {};

/** Redraws a plot only if its points have changed, so that a tooltip stays. */
function showPlot(id, plot, points, marks) {
  const shape = JSON.stringify([points, marks]);
  if (shownPlots[id] === shape) return;
  shownPlots[id] = shape;
  $(id).replaceChildren(points.length ? plot(points, marks) : make("p", { className: "quiet", textContent: text("nothingYet") }));
}

function showMinutes(overview) {
  const nowMinute = Math.floor(Date.parse(overview.now) / 60000);
  const byMinute = new Map(overview.minutes.map((minute) => [Math.floor(Date.parse(minute.at) / 60000), minute]));
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const minutes = Array.from({ length: 60 }, (_, index) => {
    const minute = nowMinute - 59 + index;
    return { stored: 0, forwarded: 0, ...byMinute.get(minute), label: clock.format(new Date(minute * 60000)) };
  });
  const marks = [0, 15, 30, 45, 59].map((index) => ({
    x: 44 + 416 / 60 * (index + 0.5), text: minutes[index].label, anchor: index === 0 ? "start" : index === 59 ? "end" : "middle" }));
  showPlot("plot-hour", barPlot, minutes, marks);
  showPlot("plot-hour-delay", linePlot, minutes, marks);
  showFact("rate", count(minutes[58].stored));
}

/** The days up to today, at most 31 and none before the first; days without a partition had no events. */
function fillDays(days, now) {
  const dates = days.map(({ date }) => date).sort(), hours = 3600000;
  if (!dates.length) return [];
  const dateAt = (time) => new Date(time).toISOString().slice(0, 10);
  // The time zone that divides partitions is unknown here: between these two, every zone has its today.
  const earliest = dateAt(now - 12 * hours), latest = dateAt(now + 14 * hours), newest = dates.at(-1);
  const end = newest < earliest ? earliest : newest > latest ? latest : newest;
  const byDate = new Map(days.map((entry) => [entry.date, entry]));
  return Array.from({ length: 31 }, (_, index) => dateAt(Date.parse(end) - (30 - index) * 24 * hours))
    .filter((date) => date >= dates[0])
    .map((date) => ({ stored: 0, forwarded: 0, ...byDate.get(date), date, label: day(date) }));
}

function showDays(overview) {
  const days = fillDays(overview.days, Date.parse(overview.now)), step = 416 / Math.max(days.length, 1);
  const places = days.length ? [...new Set([0, Math.floor(days.length / 2), days.length - 1])] : [];
  const marks = places.map((index) => {
    const isFirst = index === 0, isLast = index === days.length - 1, isAlone = places.length === 1;
    return {
      x: isAlone || !(isFirst || isLast) ? 44 + step * (index + 0.5) : isFirst ? 44 : 460,
      text: day(days[index].date, { day: "numeric", month: "short" }), anchor: isAlone ? "middle" : isFirst ? "start" : isLast ? "end" : "middle" };
  });
  showPlot("plot-days", barPlot, days, marks);
  showPlot("plot-days-delay", linePlot, days, marks);
}

// MARK: Live

let lastKnown = null, lastOverview = null, overviewAt = -Infinity, timer = null, isAsking = false;

/** An answer's JSON. */
async function ask(path) {
  const response = await get(path), answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { nodes: problem(answer) });
  return answer;
}

async function refreshOverview(status) {
  const isOpen = status.circuit?.state === "open", isKnown = lastOverview && isOpen === Boolean(lastOverview.circuit);
  if (isKnown && performance.now() - overviewAt < overviewEvery) return;
  lastOverview = await ask("api/overview");
  overviewAt = performance.now();
  clockAhead = Date.parse(lastOverview.now) - Date.now();
  // People who watch several machines can distinguish their tabs.
  set(document.querySelector("h1"), `eventdrop · ${lastOverview.title}`);
  document.title = `${lastOverview.title} · eventdrop`;
  set($("about"), text("about", lastOverview.version, when(lastOverview.startedAt)));
  showFleet(lastOverview.fleet);
  showMinutes(lastOverview);
  showDays(lastOverview);
}

async function refresh() {
  clearTimeout(timer);
  // A hidden page requests nothing.
  if (document.hidden || isAsking) return;
  isAsking = true;
  try {
    const status = await ask("api/status");
    showStatus(status);
    await refreshOverview(status);
    showFailures(status);
    showHealth(status);
    showCircuit(lastOverview.circuit, status.verdict);
    showFact("webhook", status.webhook || text("noWebhook"));
    showFact("lastSuccess", status.lastAcknowledged ? when(status.lastAcknowledged) : null);
    showFact("next", nextRuns(status.nextRuns));
    lastKnown = new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(new Date());
    set($("age"), text("asOf", lastKnown));
  } catch (error) {
    // What is shown was true; whether it still is, is unknown.
    $("state").className = "state wait";
    if (lastKnown) $("main").classList.add("stale");
    const isSilent = error instanceof TypeError || error.name === "TimeoutError" || error.name === "AbortError";
    if (isSilent) set($("state"), text("unreachable")); else setWords($("state"), error.nodes ?? [error.message]);
    set($("age"), lastKnown ? text("wasSo", lastKnown) : text("unknown"));
    // What comes next is unknown.
    showFact("next", null);
    showFact("rate", null);
    overviewAt = -Infinity;
  }
  isAsking = false;
  timer = setTimeout(refresh, statusEvery);
}
document.addEventListener("visibilitychange", refresh);
// The target of the address is in its final place only once everything above it has its size.
let hasScrolled = false;
for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(kind, () => { hasScrolled = true; }, { passive: true });
refresh().then(() => {
  if (location.hash.startsWith("#events")) return followHash();
  const place = location.hash && document.getElementById(location.hash.slice(1));
  if (place && !hasScrolled) place.scrollIntoView({ behavior: "instant" });
});
