"use strict";
// The partitions, as a calendar.

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
  keep($("calendar"), months, (month) => month, buildMonth, (element) => {
    for (const cell of element.querySelectorAll("td[data-date]")) updateDay(cell, byDate.get(cell.dataset.date), largest);
  });
}

function buildMonth(month) {
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
    row.append(make("td", { "data-date": `${month}-${String(number).padStart(2, "0")}` }));
  }
  body.append(row);
  table.append(body);
  return make("div", { className: "month" }, table);
}

function updateDay(cell, partition, largest) {
  const number = String(Number(cell.dataset.date.slice(8)));
  if (!partition) {
    if (cell.firstChild?.localName !== "span") cell.replaceChildren(make("span", { className: "day", textContent: number }));
    return;
  }
  if (cell.firstChild?.localName !== "a") {
    const href = `#events?partition=${partition.date}`;
    cell.replaceChildren(make("a", { href }, number, make("small"), make("span", { className: "unseen" })));
  }
  const link = cell.firstChild, shade = Math.max(1, Math.ceil(4 * Math.sqrt(partition.bytes / largest)));
  const kept = partition.keptUntil ? text("kept", when(partition.keptUntil)) : text("keptForever");
  let tip = text("dayTip", day(partition.date), count(partition.records), size(partition.bytes), kept);
  if (partition.pending) tip += ", " + text("dayPending", count(partition.pending));
  link.className = `day has s${shade}${partition.pending ? " waits" : ""}`;
  set(link.querySelector("small"), size(partition.bytes, 2));
  if (link.title === tip) return;
  link.title = tip;
  // The text that is read aloud begins with the visible one.
  set(link.querySelector(".unseen"), " " + tip);
}
