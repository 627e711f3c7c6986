/* Draws every `<div data-map data-source="URL" data-boundaries="URL" data-failed="…">` with ECharts.

   The same figures stand in a table beside the map, so nothing is lost without this script.

   `data-boundaries` answers GeoJSON whose features have the properties
     adcode       "371502", the county's code: joins boundaries and figures
     label_point  [lon, lat], optional: where the county's name stands

   `data-source` answers JSON; every text is already in the page's language and already formatted:
     counties  [{adcode, name, value, label, class, link, withheld}]
                 value     the bare ratio or tonnes, for readers other than this script
                 label     the figure under the name, "92.4%", or null
                 class     "r1" … "r7" colours the county; null leaves the plain ground of flow and site maps
                 link      where a click leads, or null
                 withheld  true: hatched, "—" for its figure
     selected  adcode of the county with the strong outline, or null
     arcs      [{from: [lon, lat], to: [lon, lat], material, tonnes, label, link}]
                 an arc that ends where it starts is drawn as a circle in its place
     points    [{lon, lat, material, tonnes, label, shape, link, selected}]
                 shape     "circle" for a producer, "square" for a consumer, "own" for the reader's site
                 selected  true: ringed, as its row is in the table

   The legend is HTML beside the canvas (templates/macros/map.html). Colours come from the design tokens. Nothing is
   animated, which also honours prefers-reduced-motion. */
import { clearOffsets, figureOf, hatchItems, regions, selectedLast } from "./map-counties.js";
import { flowSeries, markBoxes } from "./map-flows.js";
import { fontFamily, token } from "./map-theme.js";

const { echarts } = window;

async function draw(canvas) {
  try {
    const [payload, boundaries] = await Promise.all([
      json(canvas.dataset.source),
      json(canvas.dataset.boundaries),
    ]);
    show(canvas, payload, boundaries);
  } catch (error) {
    canvas.classList.add("map-failed");
    canvas.textContent = canvas.dataset.failed;
    console.error("map not drawn", error);
  }
}

async function json(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

function show(canvas, payload, boundaries) {
  const ordered = selectedLast(boundaries, payload.selected);
  echarts.registerMap(mapName(canvas), ordered);
  const chart = echarts.init(canvas, null, { renderer: "svg" });
  const render = () => {
    chart.setOption(option(canvas, payload, ordered, {}), true);
    chart.setOption(option(canvas, payload, ordered, offsets(canvas, chart, payload, ordered)), true);
  };
  render();
  chart.on("click", ({ name, data }) => follow(data?.link ?? countyLink(payload, name)));
  watchSize(canvas, chart, render);
}

/* Each canvas registers its own map: the order of its counties depends on the one selected. */
function mapName(canvas) {
  return `counties ${canvas.dataset.source}`;
}

function option(canvas, payload, boundaries, labelOffsets) {
  return {
    animation: false,
    textStyle: { fontFamily: fontFamily() },
    tooltip: tooltip(payload),
    geo: {
      map: mapName(canvas),
      nameProperty: "adcode",
      aspectScale: widthOfDegree(boundaries),
      roam: false,
      selectedMode: false,
      preserveAspect: "contain",
      left: 4,
      right: 4,
      top: 4,
      bottom: 4,
      regions: regions(payload, canvas.clientWidth, labelOffsets),
      tooltip: { show: true },
    },
    series: [
      { type: "map", geoIndex: 0, selectedMode: false, data: hatchItems(payload) },
      ...flowSeries(payload),
    ],
  };
}

function tooltip(payload) {
  return {
    renderMode: "richText",
    confine: true,
    backgroundColor: token("n0"),
    borderColor: token("n300"),
    padding: [6, 10],
    textStyle: { color: token("n900"), fontSize: 13, fontFamily: fontFamily() },
    formatter: ({ componentType, seriesType, name }) =>
      componentType === "geo" || seriesType === "map" ? countyText(payload, name) : name,
  };
}

function countyText(payload, adcode) {
  const county = payload.counties.find((one) => one.adcode === adcode);
  if (!county) return "";
  return [county.name, figureOf(county)].filter(Boolean).join(" ");
}

function countyLink(payload, adcode) {
  return payload.counties.find((county) => county.adcode === adcode)?.link;
}

function follow(link) {
  if (link) window.location.assign(link);
}

/* A degree of longitude is this much shorter than one of latitude in the middle of the map. */
function widthOfDegree(boundaries) {
  const latitudes = boundaries.features.map(labelPlace).map(([, latitude]) => latitude);
  const middle = (Math.min(...latitudes) + Math.max(...latitudes)) / 2;
  return Math.cos((middle * Math.PI) / 180);
}

function labelPlace(feature) {
  return feature.properties.cp ?? feature.properties.centroid ?? firstVertex(feature.geometry.coordinates);
}

function firstVertex(coordinates) {
  return typeof coordinates[0] === "number" ? coordinates : firstVertex(coordinates[0]);
}

/* Marks are known in pixels only after a first drawing. */
function offsets(canvas, chart, payload, boundaries) {
  const pixel = (place) => chart.convertToPixel("geo", place);
  const features = Object.fromEntries(boundaries.features.map((one) => [one.properties.adcode, one]));
  const known = payload.counties.filter(({ adcode }) => features[adcode]);
  const place = (adcode) => pixel(labelPlace(features[adcode]));
  return clearOffsets({ counties: known }, canvas.clientWidth, place, markBoxes(payload, pixel));
}

/* Follows the panel's size; lets go when the canvas has left the page (an htmx swap). */
function watchSize(canvas, chart, render) {
  const observer = new ResizeObserver(() => {
    if (canvas.isConnected) {
      chart.resize();
      render();
    } else {
      observer.disconnect();
      chart.dispose();
    }
  });
  observer.observe(canvas);
}

function drawAll(root) {
  root.querySelectorAll("[data-map]:not([data-drawn])").forEach((canvas) => {
    canvas.dataset.drawn = "";
    draw(canvas);
  });
}

drawAll(document);
document.addEventListener("htmx:load", (event) => drawAll(event.target));
