// Reads back the pictures that the project draws (texts, boxes, lines; no transforms, no curves), to tell what touches what.

export interface Box {
  readonly what: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export type Stroke = readonly [x1: number, y1: number, x2: number, y2: number];

export interface Picture {
  readonly page: Box;
  readonly texts: readonly Box[];
  /** Rectangles by class, the page's own aside. */
  readonly boxes: ReadonlyMap<string, readonly Box[]>;
  readonly strokes: readonly Stroke[];
}

/** Width of a text in units of its font's size. */
export type Measure = (text: string) => number;

/** Letters of East Asian scripts are as wide as high, all others 0.602 of that (DejaVu, Menlo; others less). */
export const monospaced: Measure = (text) =>
  [...text].reduce((sum, letter) => sum + (letter >= "\u2e80" ? 1 : 0.602), 0);

// Thousandths of the size: Helvetica's and Arial's own widths; what is not listed is a lower-case letter or digit of 556.
const WIDTHS: Record<string, number> = Object.fromEntries([
  ...[..." /,.:I\u00a0"].map((letter) => [letter, 278]),
  ...[..."()-"].map((letter) => [letter, 333]),
  ...[..."ijl'"].map((letter) => [letter, 222]),
  ...[..."BEKPSVXY"].map((letter) => [letter, 667]),
  ...[..."CDHNRUw"].map((letter) => [letter, 722]),
  ...[..."GOQ"].map((letter) => [letter, 778]),
  ...[..."FTZ"].map((letter) => [letter, 611]),
  ["A", 667],
  ["L", 556],
  ["M", 833],
  ["m", 833],
  ["W", 944],
  ["→", 1000],
]);

export const proportional: Measure = (text) =>
  [...text].reduce((sum, letter) => sum + (WIDTHS[letter] ?? 556) / 1000, 0);

export function pictureOf(svg: string, measure: Measure): Picture {
  const [width, height] = svg
    .match(/viewBox="0 0 (\S+) (\S+)"/)!
    .slice(1)
    .map(Number);
  const boxes = new Map<string, Box[]>();
  for (const { name, attributes } of elements(svg, "rect")) {
    const [x, y, w, h] = ["x", "y", "width", "height"].map((key) => Number(attributes[key] ?? 0));
    if (name !== "page")
      boxes.set(name, [
        ...(boxes.get(name) ?? []),
        { what: name, left: x, right: x + w, top: y, bottom: y + h },
      ]);
  }
  return {
    page: { what: "page", left: 0, right: width, top: 0, bottom: height },
    texts: elements(svg, "text").map((each) => textBox(each, svg, measure)),
    boxes,
    strokes: elements(svg, "path").flatMap(({ attributes, name }) =>
      name === "head" ? [] : strokesOf(attributes.d),
    ),
  };
}

/** Pairs of texts that lie on each other, texts beyond the page, and texts that a line passes through. */
export function clashes({ page, texts, strokes }: Picture): string[] {
  const found: string[] = [];
  for (const [i, text] of texts.entries()) {
    if (text.left < page.left || text.right > page.right || text.top < page.top || text.bottom > page.bottom)
      found.push(`"${text.what}" leaves the page`);
    for (const other of texts.slice(0, i))
      if (overlap(text, other)) found.push(`"${text.what}" lies on "${other.what}"`);
    for (const stroke of strokes)
      if (passes(stroke, text)) found.push(`a line (${stroke.join(" ")}) passes through "${text.what}"`);
  }
  return found;
}

export function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Whether any of 200 points along a line lies inside a box. */
export function passes([x1, y1, x2, y2]: Stroke, { left, right, top, bottom }: Box): boolean {
  for (let i = 0; i <= 200; i++) {
    const [x, y] = [x1 + ((x2 - x1) * i) / 200, y1 + ((y2 - y1) * i) / 200];
    if (x > left && x < right && y > top && y < bottom) return true;
  }
  return false;
}

interface Element {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly content: string;
}

function elements(svg: string, tag: string): Element[] {
  return [...svg.matchAll(new RegExp(`<${tag} ([^>]*?)/?>(?:([^<]*)</${tag}>)?`, "g"))].map(
    ([, list, content]) => {
      const attributes = Object.fromEntries(
        [...list.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
      );
      return { name: attributes.class ?? "", attributes, content: content ?? "" };
    },
  );
}

// From the top of the capitals to the foot of g and y: what a reader sees of a line.
function textBox({ name, attributes, content }: Element, svg: string, measure: Measure): Box {
  const what = content
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
  const classes = name.split(" ");
  const size = classes.reduce((last, each) => sizeOf(svg, `\\.${each}`) ?? last, sizeOf(svg, "text")!);
  const width = measure(what) * size;
  const [x, y] = [Number(attributes.x), Number(attributes.y)];
  const left = classes.includes("middle") ? x - width / 2 : classes.includes("end") ? x - width : x;
  return { what, left, right: left + width, top: y - size * 0.75, bottom: y + size * 0.25 };
}

function sizeOf(svg: string, selector: string): number | undefined {
  const rule = svg.match(new RegExp(`(?:^|[\\s}])${selector} \\{[^}]*?font(?:-size)?: (\\d+)px`));
  return rule ? Number(rule[1]) : undefined;
}

function strokesOf(d: string): Stroke[] {
  const strokes: Stroke[] = [];
  let [x, y] = [0, 0];
  for (const [, command, first, second] of d.matchAll(/([MLlV])(-?[\d.]+)(?:[ ,]*(-?[\d.]+))?/g)) {
    const [a, b] = [Number(first), Number(second)];
    const [tx, ty] = command === "V" ? [x, a] : command === "l" ? [x + a, y + b] : [a, b];
    if (command !== "M") strokes.push([x, y, tx, ty]);
    [x, y] = [tx, ty];
  }
  return strokes;
}
