/** Vega's and Vega-Lite's charts as pictures, for readers that cannot draw them: GitHub, nbviewer, nbconvert. */

/** What is used of the library; its own declarations are larger than the whole kernel. */
interface Vega {
  parse(spec: object): object;
  View: new (program: object, options: { renderer: "none"; logLevel: number }) => { toSVG(): Promise<string> };
  None: number;
}

interface VegaLite {
  compile(spec: object, options: { logger: object }): { spec: object };
}

const VEGA: string = "vega";
const VEGA_LITE: string = "vega-lite";

/** Milliseconds that a chart may wait for data from elsewhere before it is shown without a picture. */
const PATIENCE = 5000;

/**
 * The chart as an SVG document; undefined where Vega cannot draw it. The libraries are loaded with the first chart.
 * @param spec a specification of Vega, or of Vega-Lite, which is compiled to one
 */
export async function chartPicture(spec: object, grammar: "vega" | "vega-lite"): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), PATIENCE)));
  try {
    const { View, parse, None } = (await import(VEGA)) as Vega;
    const program = parse(grammar === "vega" ? spec : await compiled(spec));
    return await Promise.race([new View(program, { renderer: "none", logLevel: None }).toSVG(), tooLate]);
  } catch {
    return undefined; // JupyterLab's own renderer says what is wrong with it
  } finally {
    clearTimeout(timer);
  }
}

async function compiled(spec: object): Promise<object> {
  const { compile } = (await import(VEGA_LITE)) as VegaLite;
  return compile(spec, { logger: SILENT }).spec;
}

/** Warnings about a specification belong to whoever draws it interactively. */
const SILENT = {
  level: () => SILENT,
  error: () => SILENT,
  warn: () => SILENT,
  info: () => SILENT,
  debug: () => SILENT,
};
