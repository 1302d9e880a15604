"use strict";
// Plots as SVG, made only of elements and attributes.

const plotWidth = 460, plotHeight = 150, plotLeft = 44, plotBottom = 20, plotTop = 8;

function svg(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A round number not below this one. */
function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value - 1e-12);
}

function frame(label, maximum, marks) {
  const height = plotHeight - plotTop - plotBottom;
  const plot = svg("svg", { class: "plot", viewBox: `0 0 ${plotWidth} ${plotHeight}`, role: "img", "aria-label": label });
  for (const part of [0, 0.5, 1]) {
    const y = plotTop + height * (1 - part);
    plot.append(
      svg("line", { class: "axis", x1: plotLeft, x2: plotWidth, y1: y, y2: y }),
      svg("text", { x: plotLeft - 5, y: y + 4, "text-anchor": "end" }, short(maximum * part)));
  }
  for (const mark of marks) {
    plot.append(svg("text", { x: mark.x, y: plotHeight - 4, "text-anchor": mark.anchor || "middle" }, mark.text));
  }
  return plot;
}

/** A number short enough for an axis. */
function short(value, digits = 3) {
  return new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: digits }).format(value);
}

/** Bars of what was stored, with what is still pending on top. Each point has a label, stored and forwarded. */
function barPlot(points, marks) {
  const maximum = roundUp(Math.max(0, ...points.map((point) => point.stored)));
  const total = points.reduce((sum, point) => sum + point.stored, 0);
  const most = Math.max(0, ...points.map((point) => point.stored));
  const plot = frame(text("plotRate", count(total), count(most)), maximum, marks);
  const step = (plotWidth - plotLeft) / points.length, height = plotHeight - plotTop - plotBottom;
  points.forEach((point, index) => {
    if (!point.stored) return;
    // A single day must not fill the plot.
    const width = Math.min(Math.max(step * 0.8, 0.5), 40), x = plotLeft + step * (index + 0.5) - width / 2;
    const done = height * point.forwarded / maximum, all = Math.max(height * point.stored / maximum, 1);
    const bar = svg("g", {}, svg("title", {}, text("barTip", point.label, count(point.stored), count(point.forwarded))));
    const base = plotTop + height;
    if (all > done) bar.append(svg("rect", { class: "pending", x, width, y: base - all, height: all - done }));
    if (done > 0) bar.append(svg("rect", { class: "forwarded", x, width, y: base - done, height: done }));
    plot.append(bar);
  });
  return plot;
}

/** Lines of the mean and the longest delay; there is no line without values. */
function linePlot(points, marks) {
  const most = Math.max(0, ...points.map((point) => point.longestDelay || 0));
  const maximum = roundUp(most);
  const plot = frame(text("plotDelay", short(most)), maximum, marks);
  const step = (plotWidth - plotLeft) / points.length, height = plotHeight - plotTop - plotBottom;
  for (const [kind, key] of [["longest", "longestDelay"], ["mean", "meanDelay"]]) {
    let run = [];
    const finish = () => {
      if (run.length > 1) plot.append(svg("polyline", { class: kind, points: run.map((place) => place.join(",")).join(" ") }));
      if (run.length === 1) plot.append(svg("circle", { class: kind, cx: run[0][0], cy: run[0][1], r: 2.5 }));
      run = [];
    };
    points.forEach((point, index) => {
      if (point[key] == null) return finish();
      run.push([(plotLeft + step * (index + 0.5)).toFixed(1), (plotTop + height * (1 - point[key] / maximum)).toFixed(1)]);
    });
    finish();
  }
  return plot;
}
