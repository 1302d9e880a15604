"use strict";
// What failed, why, and the command that reprocesses it.

// MARK: How to fix it

/** If such a file is the right one, the record of its event has to be moved away first. */
function waitsForItsRecord(reason) { return reason === "conflict" || reason === "superseded"; }

/**
 * What a person can do about files that failed for one cause: in words, as a command line (empty if there is none), and
 * as actions for those who may act from here.
 *
 * `eventId` is given if it is about one event; otherwise all files of that folder, inbox and reason are meant. `account`
 * is what the API says about the event; undefined if it was not asked.
 */
function mending({ folder, inbox, reason }, eventId, account) {
  const isReported = reason !== "no-report";
  if (isReported && !inbox && eventId == null) return { words: text("mendByHand"), line: "", actions: [] };
  const which = eventId == null ? ["--status", folder, ...(inbox ? ["--inbox", inbox] : []), "--reason", reason] : ["--status", folder, ...idWords(eventId)];
  const files = eventId == null ? { status: folder, inbox, reason } : { status: folder, id: eventId };
  const discard = { do: "discard", ...files };
  if (reason === "not-a-regular-file" || reason === "corrupt-record") {
    return { words: text(reason === "corrupt-record" ? "mendCorrupt" : "mendOdd"), line: eventdrop("discard", ...which), actions: [discard] };
  }
  const again = { line: eventdrop("reprocess", ...which), actions: [{ do: "reprocess", ...files }, discard] };
  if (!isReported) return { words: text("mendUnreported"), ...again };
  // With these, the fault is not in the file.
  if (reason === "unreachable" || reason === "workflow-error") return { words: text("mendAway"), ...again };
  if (!waitsForItsRecord(reason)) return { words: text(folder === "retry" ? "mendRetry" : "mendFailed"), ...again };
  if (account && !account.event) return { words: text(account.pruned ? "mendConflictPruned" : "mendFailed"), ...again };
  return { words: text("mendConflict"), line: eventdrop("reprocess", "--replace", ...which), actions: [{ do: "replace", ...files }, discard] };
}

/** An eventId as a command's argument: one that begins with a dash is not an option. */
function idWords(eventId) { return eventId.startsWith("-") ? ["--", eventId] : [eventId]; }

// MARK: The list

function groupKey({ folder, inbox, reason }) { return JSON.stringify([folder, inbox, reason]); }

function showFailures(status) {
  const isKnown = status.retry !== null && status.failed !== null;
  set($("no-failures"), text(isKnown ? "noFailures" : "unknownFailures"));
  $("no-failures").hidden = status.failures.length > 0;
  keep($("failures"), status.failures, groupKey, buildFailure, updateFailure);
  $("all-failures").hidden = status.failures.length === 0;
  for (const kind of ["failed", "retry"]) {
    $("all-" + kind).hidden = !status[kind];
    set($("all-" + kind), text("allOf", text(kind), count(status[kind])));
  }
}

function buildFailure({ folder, reason }) {
  return make("li", {},
    make("div", {},
      make("span", { className: "tag " + folder, textContent: text(folder) }), " ", make("strong", { className: "number" }), " ",
      make("span", { className: "tag", textContent: reason }), " ", make("bdi", { className: "quiet from" })),
    make("div", { className: "message" }), make("div", { className: "quiet times" }),
    make("ul", { className: "examples" }), make("div", { className: "quiet more" }, make("a", {})),
    make("div", { className: "quiet mend" }), command(), make("div", { className: "choice" }));
}

function updateFailure(item, group) {
  const part = (name) => item.querySelector("." + name), first = group.examples[0];
  set(part("number"), text(group.count === 1 ? "oneFile" : "files", count(group.count)));
  set(part("from"), group.inbox ? text("runInbox", group.inbox) : "");
  setWords(part("message"), sentence(first && messageOf(first)));
  const again = group.nextAttemptAt, times = [];
  // Of a file without a report, only its last change is known.
  if (group.newest && group.reason !== "no-report") times.push(text(group.count === 1 ? "failedAt" : "failedLast", when(group.newest)));
  if (again) times.push(isSoon(again) ? text("triedSoon") : text("triedAt", when(again)));
  set(part("times"), times.join(", "));
  keep(part("examples"), group.examples, (example) => example.file + example.lastFailedAt, buildExample, () => {});
  const left = group.count - group.examples.length;
  part("more").hidden = left <= 0;
  const link = part("more").firstElementChild;
  set(link, text("moreFiles", count(left)));
  const query = new URLSearchParams({ status: group.folder, reason: group.reason, inbox: group.inbox });
  const address = "#events?" + query;
  if (link.getAttribute("href") !== address) link.setAttribute("href", address);
  const { words, line, actions } = mending(group);
  set(part("mend"), words);
  setCommand(part("command"), line);
  offerActions(part("choice"), actions);
}

/** One of the files: it links to what is known about its event, or about itself if it has no eventId. */
function buildExample(example) {
  const name = make("bdi", { className: "file", textContent: example.file });
  const query = example.eventId == null ? { cursor: example.cursor } : { id: example.eventId };
  return make("li", {}, make("a", { href: "#events?" + new URLSearchParams(query) }, name));
}
