import type { ISettingRegistry } from "@jupyterlab/settingregistry";
import { Token } from "@lumino/coreutils";
import { DEFAULT_SETTINGS, type ViewSettings } from "../views/settings.js";

/** Also the name of the schema in `schema/`: JupyterLab finds it by the package's name in the plugin's. */
export const SETTINGS_PLUGIN = "@phasebook/jupyterlab:figures";

/** The settings of all figures, for plugins that show some. */
export const IFigureSettings = new Token<FigureSettings>("@phasebook/jupyterlab:IFigureSettings");

/** How people want figures to look: what they have set, or the defaults while that is not known. */
export class FigureSettings {
  #value = DEFAULT_SETTINGS;
  readonly #listeners = new Set<(settings: ViewSettings) => void>();

  get value(): ViewSettings {
    return this.#value;
  }

  /** Calls `listener` whenever the settings change; the answer ends that. */
  subscribe(listener: (settings: ViewSettings) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows what is set in JupyterLab, which has checked it against the schema. */
  async follow(registry: ISettingRegistry): Promise<void> {
    const settings = await registry.load(SETTINGS_PLUGIN);
    const read = () => {
      this.#value = { ...DEFAULT_SETTINGS, ...(settings.composite as Partial<ViewSettings>) };
      for (const listener of this.#listeners) listener(this.#value);
    };
    settings.changed.connect(read);
    read();
  }
}
