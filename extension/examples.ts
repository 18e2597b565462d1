import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import type { Contents } from "@jupyterlab/services";

/** A curated notebook, as the index beside the notebooks describes it. */
export interface Example {
  /** Name of its file. */
  file: string;
  title: string;
  /** Names of the files in the folder `data` that its code reads. */
  data: readonly string[];
}

/** Where `phasebook install` has put the notebooks: in the extension's folder, which every Jupyter server serves. */
const folder = (): string =>
  URLExt.join(PageConfig.getOption("fullLabextensionsUrl"), "@phasebook/jupyterlab", "examples");

/** The curated notebooks; none where the extension was installed without them. */
export async function listExamples(): Promise<Example[]> {
  const response = await fetch(URLExt.join(folder(), "index.json"));
  return response.ok ? ((await response.json()) as Example[]) : [];
}

/**
 * Copies an example, and the data it reads, into a folder of the server. Files of these names that the folder holds already
 * stay: they are the person's own by then.
 * @returns the path of the copy
 */
export async function copyExample({ file, data }: Example, into: string, contents: Contents.IManager): Promise<string> {
  const path = join(into, file);
  if (!(await holds(contents, into, file))) {
    const content: unknown = await (await request(file)).json();
    await contents.save(path, { type: "notebook", format: "json", content });
  }
  if (data.length > 0 && !(await holds(contents, into, "data")))
    await contents.save(join(into, "data"), { type: "directory" });
  for (const name of data) {
    if (await holds(contents, join(into, "data"), name)) continue;
    const content = await (await request("data", name)).text();
    await contents.save(join(into, "data", name), { type: "file", format: "text", content });
  }
  return path;
}

const join = (...parts: string[]): string => parts.filter((part) => part !== "").join("/");

async function holds(contents: Contents.IManager, folder: string, name: string): Promise<boolean> {
  const siblings = (await contents.get(folder)).content as Contents.IModel[];
  return siblings.some((sibling) => sibling.name === name);
}

async function request(...parts: string[]): Promise<Response> {
  const response = await fetch(URLExt.join(folder(), ...parts.map(encodeURIComponent)));
  if (!response.ok) throw new Error(`There is no example ${parts.join("/")}: the server answers ${response.status}.`);
  return response;
}
