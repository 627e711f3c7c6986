/* Draws every `<div data-curve data-source="URL" data-free="tonnes" data-x data-y data-failed>` as a stair with ECharts.

   `data-source` answers JSON: [{tonnes, yuan}], the bands of a curve from the cheapest on; `data-free` is what needs no
   support. The same figures stand in the table under the drawing, so nothing is lost without this script. */
import { fontFamily, token } from "./map-theme.js";

const { echarts } = window;

async function draw(canvas) {
  try {
    const answer = await fetch(canvas.dataset.source, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${canvas.dataset.source}: ${answer.status}`);
    show(canvas, stair(Number(canvas.dataset.free), await answer.json()));
  } catch (error) {
    canvas.textContent = canvas.dataset.failed;
    console.error("curve not drawn", error);
  }
}

/* Corners of the stair: what needs nothing lies on the ground, each band at its rate. */
function stair(free, bands) {
  const corners = [[0, 0], [free, 0]];
  let reached = free;
  for (const { tonnes, yuan } of bands) {
    corners.push([reached, yuan], [reached + tonnes, yuan]);
    reached += tonnes;
  }
  return corners;
}

function show(canvas, corners) {
  const text = { color: token("n600"), fontFamily: fontFamily() };
  const axis = (name) => ({ type: "value", name, nameLocation: "middle", nameGap: 32, nameTextStyle: text, axisLabel: { ...text, hideOverlap: true }, splitLine: { lineStyle: { color: token("n200") } } });
  const chart = echarts.init(canvas, null, { renderer: "svg" });
  chart.setOption({
    animation: false,
    grid: { left: 56, right: 16, top: 16, bottom: 48 },
    xAxis: axis(canvas.dataset.x),
    yAxis: axis(canvas.dataset.y),
    series: [{ type: "line", data: corners, symbol: "none", lineStyle: { color: token("b600"), width: 2 }, areaStyle: { color: token("b100") } }],
  });
  new ResizeObserver(() => chart.resize()).observe(canvas);
}

for (const canvas of document.querySelectorAll("[data-curve]")) draw(canvas);
