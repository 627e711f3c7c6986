/* Flows and marks over the counties: arcs as wide as their tonnes, circles for producers, squares for consumers. */
import { fontFamily, material, token } from "./map-theme.js";

const ARC_WIDTH = { least: 1.5, range: 6 };
const CIRCLE_SIZE = { least: 16, range: 10 };
const SQUARE_SIZE = 10;
const OWN_SIZE = 14;

/* Arcs between the same two places, in either direction, bend apart: to one side, to the other, further out. */
const BENDS = [0.25, -0.25, 0.6, -0.6, 0.95, -0.95];

/* Pixels that a mark needs for itself. */
const MARK_ROOM = 22;
const CAPTION_ROOM = { width: 64, height: 18 };

/* Pixels between the middles of circles that share a place. */
const STAYS_APART = 24;

/* ECharts series for the arcs and points of a payload, in drawing order. */
export function flowSeries(payload) {
  const arcs = payload.arcs ?? [];
  const points = payload.points ?? [];
  const staying = arcs.filter(staysInside);
  const moving = arcs.filter((arc) => !staysInside(arc));
  return [
    arcSeries(moving, points.length === 0),
    markSeries([...points.filter((point) => point.selected).map(ring), ...points.map(mark)]),
    markSeries(staying.map((arc, index) => stay(arc, besides(staying, index), greatest(arcs)))),
  ];
}

/* Boxes {x, y, width, height} in pixels around all marks, for names to keep clear of. */
export function markBoxes(payload, pixel) {
  const arcs = (payload.arcs ?? []).filter((arc) => !staysInside(arc));
  const staying = (payload.arcs ?? []).filter(staysInside);
  const points = payload.points ?? [];
  const middles = [
    ...arcs.flatMap((arc) => [pixel(arc.from), pixel(arc.to), middle(arc, curveness(arcs, arc), pixel)]),
    ...points.map((point) => pixel([point.lon, point.lat])),
    ...staying.map((arc, index) => shifted(pixel(arc.from), besides(staying, index))),
  ];
  return [
    ...middles.map(([x, y]) => ({ x, y, width: MARK_ROOM, height: MARK_ROOM })),
    ...points.filter((point) => point.shape === "own").map((point) => captionBox(pixel([point.lon, point.lat]))),
  ];
}

/* The words under the reader's own site. */
function captionBox([x, y]) {
  return { x, y: y + MARK_ROOM, ...CAPTION_ROOM };
}

function shifted([x, y], dx) {
  return [x + dx, y];
}

/* The middle of the curve that ECharts draws for an arc: halfway between its chord and its control point. */
function middle({ from, to }, bend, pixel) {
  const [[x1, y1], [x2, y2]] = [pixel(from), pixel(to)];
  return [(x1 + x2 - (y1 - y2) * bend) / 2, (y1 + y2 - (x2 - x1) * bend) / 2];
}

function staysInside(arc) {
  return arc.from[0] === arc.to[0] && arc.from[1] === arc.to[1];
}

function greatest(items) {
  return Math.max(1, ...items.map((item) => item.tonnes ?? 0));
}

/* The two places of an arc, whichever way it runs. */
function places({ from, to }) {
  return [`${from}`, `${to}`].sort().join(" ");
}

function samePlaces(arcs, arc) {
  return arcs.filter((other) => places(other) === places(arc));
}

/* A bend of its own for each arc between two places. Seen from the other end a bend changes its sign. */
function curveness(arcs, arc) {
  const bend = BENDS[samePlaces(arcs, arc).indexOf(arc) % BENDS.length];
  return `${arc.from}` < `${arc.to}` ? bend : -bend;
}

/* Pixels that put circles in one place side by side, around its middle. */
function besides(arcs, index) {
  const here = samePlaces(arcs, arcs[index]);
  return (here.indexOf(arcs[index]) - (here.length - 1) / 2) * STAYS_APART;
}

/* Without points at its ends an arc carries its glyph and an arrow head itself. */
function arcSeries(arcs, alone) {
  const most = greatest(arcs);
  return {
    type: "lines",
    coordinateSystem: "geo",
    silent: false,
    symbol: ["none", alone ? "arrow" : "none"],
    data: arcs.map((arc) => arcItem(arc, most, curveness(arcs, arc), alone)),
  };
}

function arcItem(arc, most, bend, alone) {
  const { colour, glyph } = material(arc.material);
  const width = ARC_WIDTH.least + ARC_WIDTH.range * Math.sqrt(arc.tonnes / most);
  return {
    coords: [arc.from, arc.to],
    name: arc.label,
    link: arc.link,
    symbolSize: 5 + 1.6 * width,
    lineStyle: {
      color: colour,
      opacity: 0.8,
      cap: "round",
      curveness: bend,
      width,
    },
    label: { show: alone, position: "middle", rotate: 0, formatter: glyph, ...tileText(colour) },
  };
}

function tileText(colour) {
  return {
    color: token("n0"),
    opacity: 1,
    backgroundColor: colour,
    borderColor: token("n0"),
    borderWidth: 1,
    borderRadius: 3,
    padding: [3, 4],
    fontSize: 11,
    fontWeight: 600,
    fontFamily: fontFamily(),
  };
}

function markSeries(items) {
  return {
    type: "scatter",
    coordinateSystem: "geo",
    data: items,
    itemStyle: { opacity: 1 },
    emphasis: { scale: false },
  };
}

function mark(point, _index, points) {
  if (point.shape === "circle") return circle(point, greatest(points));
  return square(point, point.shape === "own");
}

function circle(point, most) {
  const { colour, glyph } = material(point.material);
  return {
    ...place(point),
    symbol: "circle",
    symbolSize: circleSize(point.tonnes, most),
    itemStyle: { color: colour, borderColor: token("n0"), borderWidth: 1.4 },
    label: { show: true, formatter: glyph, color: token("n0"), fontSize: 11, fontWeight: 600, fontFamily: fontFamily() },
  };
}

function square(point, own) {
  return {
    ...place(point),
    symbol: "rect",
    symbolSize: own ? OWN_SIZE : SQUARE_SIZE,
    itemStyle: { color: token("n0"), borderColor: token("n800"), borderWidth: 2 },
    label: { show: own, position: "bottom", formatter: "{b}", color: token("n900"), fontSize: 12, fontWeight: 600, fontFamily: fontFamily() },
  };
}

function ring(point, _index, points) {
  return {
    ...place(point),
    symbol: "circle",
    symbolSize: circleSize(point.tonnes, greatest(points)) + 10,
    itemStyle: { color: "transparent", borderColor: token("n900"), borderWidth: 2 },
  };
}

/* Tonnes that stay inside their county: a circle in the county's place. */
function stay(arc, shift, most) {
  const [lon, lat] = arc.from;
  const shown = circle({ lon, lat, material: arc.material, tonnes: arc.tonnes, label: arc.label, link: arc.link }, most);
  return { ...shown, symbolOffset: [shift, 0] };
}

function place(point) {
  return { value: [point.lon, point.lat], name: point.label, link: point.link };
}

/* The area grows with the tonnes, down to a size that still holds the glyph. */
function circleSize(tonnes, most) {
  return CIRCLE_SIZE.least + CIRCLE_SIZE.range * Math.sqrt((tonnes ?? 0) / most);
}
