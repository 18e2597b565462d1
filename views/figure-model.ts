import {
  MEMBER_STATES,
  type Column,
  type EncodedArray,
  type FigurePayload,
  type FigureView,
  type LatentSpaceView,
  type MemberState,
  type PhaseDiagramView,
  type Progress,
} from "../src/protocol.js";
import { type DecodedArray, decodeArray, finiteExtent, inlineArray } from "./arrays.js";
import { formatValue, withUnit } from "./format.js";
import { type ColorAxis, categoryColors, continuousColors } from "./palette.js";
import { checkArrays, checkStructure, memberState, parsePayload } from "./payload.js";
import { SelectionHistory } from "./selection.js";
import { DEFAULT_SETTINGS, type ViewSettings } from "./settings.js";

const DIVERGED = MEMBER_STATES.indexOf("diverged");

/** An array as it came. */
interface Source {
  readonly encoded: EncodedArray;
  readonly buffers: readonly Uint8Array[];
  /** The same with its bytes as text, once somebody has asked for it. */
  inline?: EncodedArray;
}

/** What a figure shows: its payload with decoded arrays, and the selection. Pure state; drawing is elsewhere. */
export class FigureModel {
  readonly selection: SelectionHistory;
  #settings: ViewSettings = DEFAULT_SETTINGS;
  #payload: FigurePayload;
  #sources = new Map<string, Source>();
  /** Decoded on first use. */
  #arrays = new Map<string, DecodedArray>();
  #colors = new Map<string, ColorAxis>();
  #memos = new Map<string, { arrays: DecodedArray[]; value: unknown }>();

  /**
   * @param shared the selection of the payload's ensemble, if other figures have one; what is chosen there wins
   * @throws {PayloadError} when `payload` cannot be shown
   */
  constructor(payload: unknown, buffers: readonly Uint8Array[] = [], shared?: (ensemble: string) => SelectionHistory) {
    this.#payload = parsePayload(payload, buffers);
    this.selection = shared?.(this.#payload.ensemble) ?? new SelectionHistory(this.#payload.selection);
    if (this.selection.pristine) this.selection.choose(this.#payload.selection, this, true);
    this.#load(this.#payload.arrays, buffers);
  }

  /**
   * The payload with all updates so far, every array inline: what a saved notebook should hold. Asking again costs what the arrays
   * cost that have changed since.
   */
  get payload(): FigurePayload {
    const arrays = Object.fromEntries(
      [...this.#sources].map(([name, source]) => [
        name,
        (source.inline ??= inlineArray(source.encoded, source.buffers)),
      ]),
    );
    return { ...this.#payload, arrays, selection: this.selection.toSelection() };
  }

  /** Takes over a newer state of the same figure, and its selection unless that is to stay as it is. */
  replace(payload: unknown, buffers: readonly Uint8Array[] = [], keepSelection = false): void {
    this.#payload = withSlidersOf(this.#payload, parsePayload(payload, buffers));
    this.#sources.clear();
    this.#arrays.clear();
    this.#load(this.#payload.arrays, buffers);
    if (!keepSelection) this.selection.choose({ points: [], ...this.#payload.selection });
  }

  /** Replaces arrays and the progress; selection and everything else stay. */
  update(arrays: Record<string, EncodedArray>, progress: Progress, buffers: readonly Uint8Array[] = []): void {
    checkArrays(arrays, buffers);
    const payload = { ...this.#payload, progress, arrays: { ...this.#payload.arrays, ...arrays } };
    checkStructure(payload);
    this.#payload = payload;
    this.#load(arrays, buffers);
  }

  #load(arrays: Record<string, EncodedArray>, buffers: readonly Uint8Array[]): void {
    for (const [name, encoded] of Object.entries(arrays)) {
      this.#sources.set(name, { encoded, buffers });
      this.#arrays.delete(name);
    }
    this.#colors.clear();
  }

  get settings(): ViewSettings {
    return this.#settings;
  }

  set settings(settings: ViewSettings) {
    this.#settings = settings;
    this.#colors.clear();
    this.#memos.clear();
  }

  get title(): string | undefined {
    return this.#payload.title;
  }

  get views(): readonly FigureView[] {
    return this.#payload.views;
  }

  get progress(): Progress {
    return this.#payload.progress;
  }

  get members(): number {
    return this.#payload.members;
  }

  /** A decoded array; the payload's check has made sure that the names in views and columns exist. */
  array(name: string): DecodedArray {
    let array = this.#arrays.get(name);
    if (!array) {
      const source = this.#sources.get(name);
      if (!source) throw new RangeError(`The figure has no array "${name}".`);
      array = decodeArray(source.encoded, source.buffers);
      this.#arrays.set(name, array);
    }
    return array;
  }

  /** What `make` answered last under this key, as long as the arrays that it reads are the same. */
  memo<T>(key: string, reads: readonly string[], make: () => T): T {
    const arrays = reads.map((name) => this.array(name));
    const known = this.#memos.get(key);
    if (known?.arrays.every((array, index) => array === arrays[index])) return known.value as T;
    const value = make();
    this.#memos.set(key, { arrays, value });
    return value;
  }

  /** Holds a hyperparameter of a phase diagram at another of its values. */
  slice(view: PhaseDiagramView, column: string, index: number): void {
    const slices = (view.slices ?? []).map((slice) => (slice.column === column ? { column, index } : slice));
    this.#replaceView(view, { ...view, slices });
  }

  /** Shows a latent space as it was at one of its frames, or without one as it is now. */
  showFrame(view: LatentSpaceView, frame: number | undefined): void {
    const { frame: _, ...rest } = view;
    this.#replaceView(view, frame === undefined ? rest : { ...rest, frame });
  }

  #replaceView(view: FigureView, replaced: FigureView): void {
    const views = this.#payload.views.map((other) => (other === view ? replaced : other));
    this.#payload = { ...this.#payload, views };
  }

  get columns(): readonly Column[] {
    return this.#payload.columns;
  }

  column(name: string): Column {
    const column = this.#payload.columns.find((candidate) => candidate.name === name);
    if (!column) throw new RangeError(`The figure has no column "${name}".`);
    return column;
  }

  /** The column's value of every member. */
  values(name: string): DecodedArray["values"] {
    return this.array(this.column(name).array).values;
  }

  /** State of every member, as an index into `MEMBER_STATES`. */
  get status(): DecodedArray["values"] {
    return this.array(this.#payload.status).values;
  }

  state(member: number): MemberState {
    return memberState(this.status[member] ?? 0);
  }

  /** Number of members in this state. */
  count(state: MemberState): number {
    const { status } = this;
    let count = 0;
    for (let member = 0; member < status.length; member++) if (memberState(status[member] ?? 0) === state) count += 1;
    return count;
  }

  /** The member shown in detail: the last one chosen. */
  get focus(): number | undefined {
    return this.selection.members.at(-1);
  }

  /** A view's title, or else its `kind`, with the member whose data it shows where the figure has several. */
  titleOf(title: string | undefined, kind: string, member: number | undefined): string {
    if (member === undefined || this.members === 1) return title ?? kind;
    return title === undefined ? `${kind} of member ${member}` : `${title}: member ${member}`;
  }

  /** Colours of a column, over the members that have not diverged. */
  columnColors(name: string, kind: "linear" | "log"): ColorAxis {
    const key = `${name} ${kind}`;
    let axis = this.#colors.get(key);
    if (!axis) {
      axis = this.#makeColors(this.column(name), kind);
      this.#colors.set(key, axis);
    }
    return axis;
  }

  #makeColors(column: Column, kind: "linear" | "log"): ColorAxis {
    const label = withUnit(column.label, column.unit);
    if (column.categories) return categoryColors(label, column.categories);
    const values = this.array(column.array).values;
    const sound =
      this.count("diverged") === 0 ? values : values.filter((_, member) => this.status[member] !== DIVERGED);
    return continuousColors(label, kind, finiteExtent(sound, kind === "log"), this.#settings.palette);
  }

  /** Everything known about a member: its hyperparameters, then its metrics, as text with units. */
  describe(member: number): { label: string; value: string }[] {
    const order = { hyperparameter: 0, metric: 1 };
    return [...this.#payload.columns]
      .sort((a, b) => order[a.role] - order[b.role])
      .map((column) => ({ label: column.label, value: this.formatColumn(column, member) }));
  }

  /** A member's value of a column as text: with its unit, or the name of its category. */
  formatColumn(column: Column, member: number): string {
    const value = this.array(column.array).values[member] ?? NaN;
    return column.categories ? (column.categories[value] ?? "—") : formatValue(value, column.unit);
  }
}

/** The newer payload with the sliders where people have set them in the older one, where views still have them. */
function withSlidersOf(old: FigurePayload, payload: FigurePayload): FigurePayload {
  const views = payload.views.map((view, index) => {
    const before = old.views[index];
    if (view.type === "phase-diagram" && before?.type === "phase-diagram") return withSlices(view, before);
    if (view.type === "latent-space" && before?.type === "latent-space") return withFrame(view, before);
    return view;
  });
  return { ...payload, views };
}

function withSlices(view: PhaseDiagramView, before: PhaseDiagramView): PhaseDiagramView {
  const names = (slices: PhaseDiagramView["slices"]) => (slices ?? []).map(({ column }) => column).join();
  return before.slices && names(view.slices) === names(before.slices) ? { ...view, slices: before.slices } : view;
}

function withFrame(view: LatentSpaceView, { frame }: LatentSpaceView): LatentSpaceView {
  return frame !== undefined && frame < (view.frames?.length ?? 0) ? { ...view, frame } : view;
}
