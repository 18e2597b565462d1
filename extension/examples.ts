import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import type { Contents } from "@jupyterlab/services";

/** A curated notebook, as the index beside the notebooks describes it. */
export interface Example {
  /** Name of its file. */
  file: string;
  title: string;
}

/** Where `phasebook install` has put the notebooks: in the extension's folder, which every Jupyter server serves. */
const folder = (): string =>
  URLExt.join(PageConfig.getOption("fullLabextensionsUrl"), "@phasebook/jupyterlab", "examples");

/** The curated notebooks; none where the extension was installed without them. */
export async function listExamples(): Promise<Example[]> {
  const response = await request("index.json");
  return response.ok ? ((await response.json()) as Example[]) : [];
}

/**
 * Copies an example into a folder of the server, unless it holds a file of this name already: that is the person's own
 * by then.
 * @returns the path of the copy
 */
export async function copyExample(file: string, into: string, contents: Contents.IManager): Promise<string> {
  const path = into === "" ? file : `${into}/${file}`;
  const siblings = (await contents.get(into)).content as Contents.IModel[];
  if (siblings.some(({ name }) => name === file)) return path;
  const response = await request(file);
  if (!response.ok) throw new Error(`There is no example ${file}: the server answers ${response.status}.`);
  const content: unknown = await response.json();
  return (await contents.save(path, { type: "notebook", format: "json", content })).path;
}

const request = (file: string): Promise<Response> => fetch(URLExt.join(folder(), encodeURIComponent(file)));
