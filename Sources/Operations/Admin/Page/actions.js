"use strict";
// What a person may do from the page if the daemon allows it: always with a preview of what it affects.

/** Whether the daemon allows actions from here. */
function mayAct() { return Boolean(lastOverview && lastOverview.actions); }

/** The names of the buttons, by action. */
const actNames = { reprocess: "actReprocess", replace: "actReplace", discard: "actDiscard", flush: "actFlush" };

/**
 * Shows a button for each of these actions, in place of the present ones.
 *
 * An action is a request to the API: `do`, and what selects the files.
 */
function offerActions(place, actions) {
  const wanted = mayAct() ? actions : [];
  place.hidden = wanted.length === 0;
  keep(place, wanted, (action) => JSON.stringify(action), (action) => {
    const button = make("button", { type: "button", textContent: text(actNames[action.do]) + "…" });
    button.addEventListener("click", () => openAction(action));
    return button;
  }, () => {});
}

async function post(action) {
  const response = await fetch("api/actions?" + new URLSearchParams(action), {
    method: "POST", headers: { "Eventdrop-Action": "1" }, cache: "no-store", signal: AbortSignal.timeout(600000) });
  if (response.status === 401) throw new Error(text("unauthorized"));
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { isStale: response.status === 409 });
  return answer;
}

let shownAction = null;

/** Asks what an action would affect, and shows it. */
async function openAction(action) {
  const dialog = $("action"), isFlush = action.do === "flush";
  shownAction = null;
  set($("action-title"), text(actNames[action.do]));
  set($("action-words"), text(actNames[action.do] + "Words"));
  set($("action-said"), isFlush ? "" : text("looking"));
  set($("action-do"), text(actNames[action.do]));
  set($("action-close"), text("cancel"));
  showMoves({ files: [], count: 0, refused: [], refusedCount: 0 });
  $("action-do").hidden = true;
  if (!dialog.open) dialog.showModal();
  try {
    const preview = await post(action);
    showMoves(preview);
    shownAction = { ...action, seal: preview.seal };
    set($("action-said"), isFlush ? "" : text(preview.count === 1 ? "oneMoves" : "someMove", count(preview.count)));
    $("action-do").hidden = !isFlush && preview.count === 0;
  } catch (error) { set($("action-said"), error.message); }
}

function showMoves({ files, count: all, refused, refusedCount }) {
  keep($("action-files"), files, ({ from }) => from, ({ from, to }) => make("li", {}, make("bdi", {}, from), " → ", make("bdi", {}, to)), () => {});
  $("action-more").hidden = all <= files.length;
  set($("action-more"), text("moreFiles", count(all - files.length)));
  $("action-refused").hidden = refusedCount === 0;
  keep($("action-refused"), refused, ({ file }) => file, ({ file, reason }) => make("li", {}, make("bdi", {}, file), ": ", make("span", { lang: "en" }, reason)), () => {});
}

$("action-do").addEventListener("click", async () => {
  const action = shownAction;
  if (!action) return;
  // A double click counts once.
  shownAction = null;
  $("action-do").hidden = true;
  $("action-close").focus();
  set($("action-said"), text("acting"));
  try {
    const done = await post(action);
    set($("action-said"), action.do === "flush" ? text("flushed") : text(done.count === 1 ? "oneMoved" : "someMoved", count(done.count)));
    showMoves({ files: [], count: 0, refused: done.refused, refusedCount: done.refusedCount });
    set($("action-close"), text("close"));
    refresh();
  } catch (error) {
    if (!error.isStale) return set($("action-said"), error.message);
    await openAction(Object.fromEntries(Object.entries(action).filter(([key]) => key !== "seal")));
    set($("action-said"), text("changed") + " " + $("action-said").textContent);
  }
});
$("action-close").addEventListener("click", () => $("action").close());
