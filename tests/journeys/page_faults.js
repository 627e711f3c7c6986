// What a person with a small screen, a keyboard or a screen reader would stumble over on the page at hand,
// one sentence a fault. Colours of text are measured against the ground they stand on.
() => {
  const faults = [];
  const root = document.documentElement;
  const seen = (node) => node.checkVisibility({ checkVisibilityCSS: true }) && node.getBoundingClientRect().height > 0;
  const all = (query) => [...document.querySelectorAll(query)].filter(seen);
  const name = (node) => `${node.tagName.toLowerCase()}.${node.getAttribute("class") || ""} "${node.innerText.trim().slice(0, 40)}"`;

  if (root.scrollWidth > root.clientWidth) faults.push(`wider than the screen by ${root.scrollWidth - root.clientWidth} px`);
  if (!["zh-CN", "en"].includes(root.lang)) faults.push(`language ${root.lang}`);

  const named = (node) => [...(node.labels || [])].some((label) => label.textContent.trim())
    || node.getAttribute("aria-label") || node.getAttribute("aria-labelledby");
  for (const node of all("input:not([type=hidden]), select, textarea")) if (!named(node)) faults.push(`no label: ${node.name}`);
  for (const node of all("a, button")) if (!node.textContent.trim() && !node.getAttribute("aria-label") && !node.querySelector("img[alt]")) faults.push(`no name: ${node.outerHTML.slice(0, 90)}`);

  const headings = all("h1, h2, h3, h4");
  if (headings.filter((node) => node.tagName === "H1").length !== 1) faults.push("not one h1");
  headings.reduce((above, node) => {
    const level = Number(node.tagName[1]);
    if (level > above + 1) faults.push(`h${level} below h${above}: ${name(node)}`);
    return level;
  }, 0);

  for (const table of all("table")) if (!table.caption) faults.push("a table without a caption");
  for (const head of all("th")) if (!head.scope) faults.push(`a head without scope: ${name(head)}`);
  if (all(".button-primary").length > 1) faults.push(`primary buttons: ${all(".button-primary").map((node) => node.innerText.trim()).join(", ")}`);

  const channels = (colour) => { const parts = colour.match(/[\d.]+/g).map(Number); return parts.length > 3 ? parts : [...parts, 1]; };
  const linear = (part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) { const colour = channels(getComputedStyle(at).backgroundColor); if (colour[3] === 1) return colour; }
    return [255, 255, 255];
  };
  const faint = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !seen(node) || node.closest("svg, option, script")) continue;
    const style = getComputedStyle(node);
    const pair = [light(channels(style.color)), light(ground(node))].sort((one, other) => other - one);
    if ((pair[0] + 0.05) / (pair[1] + 0.05) < 4.5) faint.add(`too faint: ${name(node)}`);
    if (parseFloat(style.fontSize) < 12) faint.add(`too small: ${name(node)}`);
  }
  faults.push(...faint);

  const least = innerWidth < 640 ? 44 : 24;
  const inText = (node) => getComputedStyle(node).display === "inline" && node.parentElement.innerText.trim() !== node.innerText.trim();
  for (const node of all("a, button, input:not([type=hidden]), select, textarea, summary")) {
    const target = node.closest("label") || node;
    if (node.matches(".skip-link") || inText(node)) continue;
    if (target.getBoundingClientRect().height < least - 0.5) faults.push(`too low to hit, ${Math.round(target.getBoundingClientRect().height)} px: ${name(node)} ${node.name || ""}`);
  }
  return faults;
}
