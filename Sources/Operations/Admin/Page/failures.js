"use strict";
// What failed, why, and the command that lets it be processed again.

// MARK: How to mend

function inboxPath(name) {
  return (lastStatus.inboxes.find((inbox) => inbox.name === name) || lastStatus.inboxes[0]).path;
}

/** These wait for the record of their event to be moved away, if they are the right ones. */
function waitsForItsRecord(reason) { return reason === "conflict" || reason === "superseded"; }

/**
 * What a person can do about files that failed for one reason, in words and as a command line, empty where there is none.
 *
 * `account` is what the API tells of their event; undefined where it was not asked.
 */
function mending({ folder, inbox, reason }, files, account) {
  if (reason === "not-a-regular-file") return { words: text("mendOdd"), line: "" };
  if (reason === "corrupt-record") return { words: text("mendCorrupt"), line: "" };
  const place = lastStatus.folders[folder], target = inboxPath(inbox) + "/";
  if (!files.every(isExact)) return { words: text("mendByHand", place, target), line: "" };
  const move = `mv -n ${files.map((file) => word(`${place}/${file}`)).join(" ")} ${word(target)}`;
  // With these, the fault is not in the file.
  if (reason === "unreachable" || reason === "workflow-error") return { words: text("mendAway"), line: move };
  if (!waitsForItsRecord(reason)) return { words: text(folder === "retry" ? "mendRetry" : "mendFailed"), line: move };
  if (!account) return { words: text("mendConflictByHand", target), line: "" };
  if (!account.event) return { words: text(account.pruned ? "mendConflictPruned" : "mendFailed"), line: move };
  const record = account.event.file, processed = lastStatus.folders.processed;
  const beside = processed.slice(0, processed.lastIndexOf("/") + 1);
  const away = `mv -n ${word(`${processed}/${record}`)} ${word(`${beside}${record.split("/").pop()}.replaced`)}`;
  return { words: text("mendConflict"), line: `${away} && ${move}` };
}

// MARK: The records in the way

const accounts = new Map();

function fileKey(failure) { return JSON.stringify([failure.folder, failure.file, failure.lastFailedAt]); }

/** Asks where the records lie that stand in these files' way; the list says so in words until that is known. */
async function lookUpRecords(failures) {
  const asked = failures.filter((failure) => waitsForItsRecord(failure.reason) && !accounts.has(fileKey(failure)));
  for (const failure of asked) accounts.set(fileKey(failure), undefined);
  try {
    for (const reason of new Set(asked.map((failure) => failure.reason))) {
      const answer = await get(`api/events?status=failed&reason=${reason}&limit=100`);
      if (!answer.ok) continue;
      const ids = new Map((await answer.json()).events.map((event) => [event.file, event.eventId]));
      for (const failure of asked.filter((failure) => failure.reason === reason)) {
        const eventId = ids.get(failure.file);
        if (eventId == null) continue;
        const account = await get(accountPath(eventId));
        if (account.ok) accounts.set(fileKey(failure), (await account.json()) || undefined);
      }
    }
  } catch { return; }
  if (asked.length) renderFailures();
}

// MARK: The list

let shownFailures = "", newest = [];

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
  if (shape !== shownFailures) {
    newest = await newestFailures(status);
    shownFailures = shape;
    lookUpRecords(newest);
  }
  renderFailures();
}

/** What failed of the same cause is told once, but for files that need more than a command for all of them. */
function groupKey({ folder, inbox, reason, message, file }) {
  return JSON.stringify([folder, inbox, reason, message, waitsForItsRecord(reason) || !isExact(file) ? file : ""]);
}

function renderFailures() {
  const groups = new Map();
  for (const failure of newest) groups.set(groupKey(failure), [...(groups.get(groupKey(failure)) || []), failure]);
  $("no-failures").hidden = newest.length > 0;
  keep($("failures"), [...groups.values()], (group) => groupKey(group[0]), buildFailure, updateFailure);
  const isMore = lastStatus.retry + lastStatus.failed > newest.length;
  $("all-failures").hidden = !isMore;
  for (const kind of ["failed", "retry"]) {
    $("all-" + kind).hidden = !lastStatus[kind];
    set($("all-" + kind), text("allOf", text(kind), count(lastStatus[kind])));
  }
}

function buildFailure([{ folder, reason, message }]) {
  const meaning = reasons[language]?.[reason];
  return make("li", {},
    make("div", {},
      make("span", { className: "tag " + folder, textContent: text(folder) }), " ", make("bdi", { className: "file" }), " ",
      make("span", { className: "tag", textContent: reason })),
    meaning ? make("div", { textContent: meaning }) : null,
    make("div", { className: meaning ? "quiet message" : "message" }, ...prose(message)),
    make("div", { className: "quiet message also" }), make("div", { className: "quiet times" }),
    make("div", { className: "quiet mend" }), command());
}

function updateFailure(item, group) {
  const part = (name) => item.querySelector("." + name), failure = group[0], others = group.slice(1).map(({ file }) => file);
  set(part("file"), failure.file);
  part("also").hidden = others.length === 0;
  set(part("also"), text("alsoThese", others.join(", ")));
  const again = failure.nextAttemptAt;
  set(part("times"), text("failedAt", when(failure.lastFailedAt))
    + (again ? ", " + (isSoon(again) ? text("triedSoon") : text("triedAt", when(again))) : ""));
  const { words, line } = mending(failure, group.map(({ file }) => file), accounts.get(fileKey(failure)));
  set(part("mend"), words);
  setCommand(part("command"), line);
}
