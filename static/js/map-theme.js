/* What a drawing takes from the page: colours from the design tokens, glyphs in the page's language. */

/* Material code → token, Chinese glyph, English letters; the same table as templates/macros/material.html. */
const MATERIALS = {
  fly_ash: ["fa", "灰", "FA"],
  red_mud: ["rm", "赤", "RM"],
  fgd_gypsum: ["gy", "膏", "GY"],
  smelting_slag: ["sl", "渣", "SL"],
  bf_slag: ["sl", "渣", "SL"],
  steel_slag: ["sl", "渣", "SL"],
  copper_slag: ["sl", "渣", "SL"],
  carbide_slag: ["cs", "石", "CS"],
  bottom_ash: ["ba", "炉", "BA"],
};

const UNKNOWN_MATERIAL = ["n500", "物", "··"];

/* The value of a design token: token("n900") is "#12191d". */
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--g-${name}`).trim();
}

/* The page's font stack, for text that ECharts draws. */
export function fontFamily() {
  return getComputedStyle(document.body).fontFamily;
}

/* {colour, glyph} of a material code, the glyph in the page's language. */
export function material(code) {
  const [name, glyph, letters] = MATERIALS[code] ?? UNKNOWN_MATERIAL;
  const english = document.documentElement.lang.startsWith("en");
  return { colour: token(name), glyph: english ? letters : glyph };
}
