/* Counties: ground, outline and label of each region of the map. */
import { fontFamily, token } from "./map-theme.js";

const DARK_CLASSES = new Set(["r6", "r7"]);
const HATCH = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: -Math.PI / 4 };

const LINE_HEIGHT = 1.35;

/* From this width of the canvas on, names have the larger size. */
const ROOMY = 480;

/* Of more counties than this no name is written: they would lie over each other; the tooltip has them. */
const MOST_NAMED = 30;

/* Pixels by which a name may move when something stands in its place, nearest first. */
const OFFSETS = [
  [0, 0], [0, 10], [0, -10], [14, 0], [-14, 0], [0, 24], [0, -24], [14, 14], [-14, 14], [14, -14], [-14, -14],
  [0, 40], [0, -40], [34, 0], [-34, 0], [34, 26], [-34, 26], [34, -26], [-34, -26],
];

/* ECharts regions of the geo component, one per county of the payload, for a canvas of `width` pixels.
   `offsets` moves labels: {adcode: [x, y]}. */
export function regions(payload, width, offsets) {
  const isNamed = payload.counties.length <= MOST_NAMED;
  return payload.counties.map((county) =>
    region(
      county,
      county.adcode === payload.selected,
      { ...countyLabel(county, nameSize(width), offsets[county.adcode]), show: isNamed },
    ),
  );
}

function nameSize(width) {
  return width < ROOMY ? 13 : 15;
}

/* Items of a map series over the same regions: ECharts takes the hatch of a county without a figure (its decal) only
   from a series, and then reads labels only for the regions which that series names. */
export function hatchItems(payload) {
  const decal = { ...HATCH, color: token("n400") };
  return payload.counties.map(({ adcode, withheld }) => ({
    name: adcode,
    ...(withheld && { itemStyle: { decal } }),
  }));
}

/* The boundaries with the selected county last, so that its outline lies over its neighbours'. */
export function selectedLast(boundaries, selected) {
  const features = [...boundaries.features].sort(
    (a, b) => (a.properties.adcode === selected) - (b.properties.adcode === selected),
  );
  return { ...boundaries, features: features.map(withLabelPoint) };
}

/* Offsets that keep names inside the canvas, clear of marks and of each other: {adcode: [x, y]}. `place(adcode)` is the
   pixel where the name would stand, `marks` are boxes {x, y, width, height} around their middles. */
export function clearOffsets(payload, width, place, marks) {
  const offsets = {};
  const taken = [...marks];
  for (const county of payload.counties) {
    const box = nameBox(county, nameSize(width), place(county.adcode));
    const edge = fromEdge(box, width);
    const [right, dy] = OFFSETS.find(([x, y]) => isFree(moved(box, [x + edge, y]), taken)) ?? [0, 0];
    const dx = right + edge;
    offsets[county.adcode] = [dx, dy];
    taken.push(moved(box, [dx, dy]));
  }
  return offsets;
}

function nameBox(county, size, [x, y]) {
  const lines = [county.name, figureOf(county)].filter(Boolean);
  return { x, y, width: Math.max(...lines.map(ems)) * size + 4, height: lines.length * size * LINE_HEIGHT };
}

function ems(text) {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 1 : 0.6), 0);
}

/* How far to the right a box must go to stand on a canvas of that width; to the left where it is negative. */
function fromEdge(box, width) {
  return Math.max(0, box.width / 2 - box.x) - Math.max(0, box.x + box.width / 2 - width);
}

function moved(box, [dx, dy]) {
  return { ...box, x: box.x + dx, y: box.y + dy };
}

function isFree(box, taken) {
  return taken.every(
    (other) =>
      Math.abs(other.x - box.x) >= (other.width + box.width) / 2 ||
      Math.abs(other.y - box.y) >= (other.height + box.height) / 2,
  );
}

/* What stands under a county's name; withheld is a dash, never 0. */
export function figureOf(county) {
  return county.withheld ? "—" : county.label;
}

/* ECharts reads the place of a region's label from `cp`. */
function withLabelPoint(feature) {
  const { label_point: point } = feature.properties;
  return point ? { ...feature, properties: { ...feature.properties, cp: point } } : feature;
}

function region(county, selected, label) {
  const itemStyle = { areaColor: token(county.class ?? "n100"), ...outline(county, selected) };
  return {
    name: county.adcode,
    itemStyle,
    label,
    emphasis: {
      disabled: !county.link,
      label,
      itemStyle: { ...itemStyle, borderColor: token("n900"), borderWidth: 2 },
    },
  };
}

function outline(county, selected) {
  if (selected) return { borderColor: token("n900"), borderWidth: 3 };
  if (county.class || county.withheld) return { borderColor: token("n0"), borderWidth: 1.6 };
  return { borderColor: token("n300"), borderWidth: 1.2 };
}

function countyLabel(county, size, offset) {
  const colour = DARK_CLASSES.has(county.class) ? token("n0") : token("n900");
  /* A name may be wider than its county: it keeps the ground it was chosen for. */
  const halo = { textBorderColor: token(county.class ?? "n100"), textBorderWidth: county.class ? 2 : 3 };
  const figure = figureOf(county);
  const text = figure ? `{name|${county.name}}\n{figure|${figure}}` : `{quiet|${county.name}}`;
  return {
    offset: offset ?? [0, 0],
    formatter: text,
    rich: {
      name: { ...richText(size, 600, colour), ...halo },
      figure: { ...richText(size - 0.5, 400, colour), ...halo },
      quiet: { ...richText(size - 1, 400, token("n600")), ...halo },
    },
  };
}

function richText(size, weight, color) {
  return { fontSize: size, fontWeight: weight, lineHeight: size * LINE_HEIGHT, fontFamily: fontFamily(), color };
}
