/* Counties: ground, outline and label of each region of the map. */
import { fontFamily, token } from "./map-theme.js";

const DARK_CLASSES = new Set(["r6", "r7"]);
const HATCH = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1, 5], rotation: Math.PI / 4 };

/* Half width and half height in pixels that a name needs free of marks. */
const CLEARANCE = { x: 34, y: 19 };

/* Where a name may move when a mark stands on it, nearest first. */
const OFFSETS = [
  [0, 0], [0, 24], [0, -24], [0, 40], [0, -40], [30, 0], [-30, 0], [30, 26], [-30, 26], [30, -26], [-30, -26],
];

/* ECharts regions of the geo component, one per county of the payload. `offsets` moves labels: {adcode: [x, y]}. */
export function regions(payload, offsets) {
  return payload.counties.map((county) => region(county, payload.selected, offsets[county.adcode]));
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

/* Offsets that keep names clear of marks. `pixels` are the marks' places, `place(adcode)` the label's own. */
export function clearOffsets(counties, pixels, place) {
  const offsets = {};
  for (const { adcode } of counties) {
    const [x, y] = place(adcode);
    offsets[adcode] = OFFSETS.find(([dx, dy]) => isClear(x + dx, y + dy, pixels)) ?? [0, 0];
  }
  return offsets;
}

function isClear(x, y, pixels) {
  return pixels.every(
    ([px, py]) => Math.abs(px - x) > CLEARANCE.x || Math.abs(py - y) > CLEARANCE.y,
  );
}

/* ECharts reads the place of a region's label from `cp`. */
function withLabelPoint(feature) {
  const { label_point: point } = feature.properties;
  return point ? { ...feature, properties: { ...feature.properties, cp: point } } : feature;
}

function region(county, selected, offset) {
  const filled = county.class || county.withheld;
  const itemStyle = {
    areaColor: county.class ? token(county.class) : token("n100"),
    borderColor: filled ? token("n0") : token("n300"),
    borderWidth: filled ? 1.6 : 1.2,
    ...(county.adcode === selected && { borderColor: token("n900"), borderWidth: 3 }),
  };
  const label = countyLabel(county, offset);
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

function countyLabel(county, offset) {
  const colour = DARK_CLASSES.has(county.class) ? token("n0") : token("n900");
  const figure = county.withheld ? "—" : county.label;
  const text = figure ? `{name|${county.name}}\n{figure|${figure}}` : `{quiet|${county.name}}`;
  return {
    show: true,
    offset: offset ?? [0, 0],
    formatter: text,
    rich: {
      name: richText(13, 600, colour),
      figure: richText(12.5, 400, colour),
      quiet: { ...richText(12, 400, token("n600")), textBorderColor: token("n100"), textBorderWidth: 3 },
    },
  };
}

function richText(size, weight, color) {
  return { fontSize: size, fontWeight: weight, lineHeight: size * 1.35, fontFamily: fontFamily(), color };
}
