import type { TopLevelSpec } from "vega-lite";
import { PLOT_COLOURS, PLOT_VARIABLES } from "./plot-style.ts";

/** Draws a Vega-Lite specification as SVG, with its colours as variables of the page's style sheet. */
export const renderPlot = async (spec: TopLevelSpec): Promise<string> =>
  withVariables(await drawPlot(spec));

/** The same for a file of its own: in its own colours, on paper. */
export const renderPlotFile = (spec: TopLevelSpec): Promise<string> =>
  drawPlot({ ...spec, background: "#ffffff" });

async function drawPlot(spec: TopLevelSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(
    vega.parse(vegaLite.compile(spec, { logger: vega.logger(vega.Error) }).spec),
    {
      renderer: "none",
      logLevel: vega.Error,
      loader: noLoader(vega),
    },
  );
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** A plot that asks for a file or an address is a bug: everything it shows is in its specification. */
function noLoader(vega: typeof import("vega")): import("vega").Loader {
  const refuse = (): Promise<never> => Promise.reject(new Error("a plot loads nothing"));
  return { ...vega.loader(), load: refuse, sanitize: refuse, http: refuse, file: refuse };
}

function withVariables(svg: string): string {
  const variables = new Map<string, string>(
    Object.entries(PLOT_COLOURS).map(([name, colour]) => [
      colour,
      PLOT_VARIABLES[name as keyof typeof PLOT_COLOURS],
    ]),
  );
  return svg.replace(
    /(fill|stroke)="(#[0-9a-f]{6})"/g,
    (whole, attribute: string, colour: string) => {
      const variable = variables.get(colour);
      return variable === undefined ? whole : `${attribute}="${variable}"`;
    },
  );
}
