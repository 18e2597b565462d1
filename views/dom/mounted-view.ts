import type { Selection } from "../../src/protocol.js";
import type { FigureModel } from "../figure-model.js";
import type { Point, Region } from "../region.js";
import type { Choice } from "../selection.js";
import { element } from "./elements.js";
import { exportFigure } from "./exports.js";
import { Gestures } from "./gestures.js";
import { Header } from "./header.js";
import { type KeyAction, KEYS_HELP, keyAction } from "./keys.js";
import { Details, Tooltip, spokenMember, spokenPoint, spokenSelection } from "./member-text.js";
import { PageTheme } from "./page-theme.js";
import type { Hit, MoveKey, PointHit } from "./painter.js";
import { PanelView } from "./panel-view.js";
import { rendersInSoftware } from "./software-rendering.js";
import { installStyles } from "./styles.js";

/** What a mounted figure tells. */
export interface FigureCallbacks {
  /** A person chose something in this figure, or undid that. */
  onSelect?(selection: Selection): void;
  /** People see something else than before: a selection, made here or elsewhere, or a slice. */
  onChange?(): void;
  /** The latest state is on the screen; not called while the figure is out of sight. */
  onDrawn?(): void;
}

let helpCount = 0;

/** Figures are drawn shortly before they come into sight, in a page that scrolls and in one whose parts do, as JupyterLab's. */
const AHEAD: IntersectionObserverInit & { scrollMargin: string } = { rootMargin: "200px", scrollMargin: "200px" };

/** Milliseconds from drawing to the frame after the next beyond which the browser is busy all that time, rather than waiting for the screen. */
const SLOW_FRAMES = 50;
/** The part of all processors that drawing updates of a figure may take; messages come on top, and the rest is for a training. */
const SHARE = 0.05;
/** How many times as long as it has drawn a page rests before the next update. */
const REST = Math.max(0, 1 / (SHARE * navigator.hardwareConcurrency) - 1);

/** The elements of a mounted figure, and what people do with them. */
export class MountedView {
  readonly #model: FigureModel;
  readonly #callbacks: FigureCallbacks;
  readonly #root = element("div", { class: "phasebook-figure", role: "group" });
  readonly #help = element("span", { class: "phasebook-hidden", id: `phasebook-help-${++helpCount}` }, KEYS_HELP);
  readonly #live = element("div", { class: "phasebook-hidden", role: "status", "aria-live": "polite" });
  readonly #header: Header;
  readonly #details = new Details();
  readonly #tooltip = new Tooltip();
  readonly #panels = element("div", { class: "phasebook-panels" });
  readonly #theme: PageTheme;
  readonly #resize = new ResizeObserver(() => this.#onResize());
  readonly #sight = new IntersectionObserver((entries) => this.#onSight(entries), AHEAD);
  readonly #end = new AbortController();
  readonly #unsubscribe: () => void;
  #views: PanelView[] = [];
  /** The member under the pointer or the keyboard's cursor, in all views. */
  #hovered: number | undefined;
  /** The point under the keyboard's cursor. */
  #cursor: PointHit | undefined;
  /** Where Shift and the arrows began to choose. */
  #anchor: number | undefined;
  #visible = false;
  readonly #stale = new Set<PanelView>();
  #dirty = true;
  #frame = 0;
  /** Milliseconds that the browser was busy with the last update after it had been drawn. */
  #compositing = 0;

  constructor(model: FigureModel, host: HTMLElement, callbacks: FigureCallbacks) {
    this.#model = model;
    this.#callbacks = callbacks;
    this.#header = new Header(
      () => model.selection.undo(this),
      () => model.selection.redo(this),
      (format) => void exportFigure(model, format),
    );
    this.#unsubscribe = model.selection.subscribe((_, origin) => this.#onSelection(origin));
    installStyles(host);
    this.#root.append(this.#header.node, this.#panels, this.#details.node, this.#tooltip.node, this.#help, this.#live);
    host.append(this.#root);
    this.#theme = new PageTheme(this.#root, () => this.invalidate());
    this.#resize.observe(this.#root);
    this.#sight.observe(this.#root);
    // Zooming, or a move to another screen, changes the device's pixels without changing the layout.
    window.addEventListener("resize", () => this.invalidate(), { signal: this.#end.signal });
    this.rebuild();
  }

  /** Draws everything, or one panel, in the next frame in which the figure is in sight. */
  invalidate(panel?: PanelView): void {
    if (panel) this.#stale.add(panel);
    else this.#dirty = true;
    if (this.#visible && this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Makes the panels anew if the figure has other views than before; the keyboard's focus stays where it is. */
  rebuild(): void {
    this.#root.setAttribute("aria-label", this.#model.title ?? "Figure");
    const types = this.#model.views.map((view) => view.type).join();
    if (types !== this.#views.map((view) => view.node.dataset["view"]).join()) {
      this.#views = this.#model.views.map((_, index) => this.#makePanel(index));
      this.#panels.replaceChildren(...this.#views.map((view) => view.box));
    }
    this.invalidate();
  }

  note(message: string): void {
    this.#header.note(message);
  }

  dispose(): void {
    this.#end.abort();
    this.#unsubscribe();
    this.#resize.disconnect();
    this.#sight.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#root.remove();
  }

  #onResize(): void {
    this.#tooltip.hide();
    this.invalidate();
  }

  #onSight(entries: readonly IntersectionObserverEntry[]): void {
    this.#visible = entries.at(-1)?.isIntersecting ?? false;
    if (this.#visible && this.#dirty) this.invalidate();
  }

  #draw(): void {
    this.#frame = 0;
    const start = performance.now();
    const theme = this.#theme.read();
    const panels = this.#dirty ? this.#views : [...this.#stale];
    const everything = this.#dirty;
    this.#dirty = false;
    this.#stale.clear();
    if (!everything) {
      for (const view of panels) view.draw(theme, this.#hovered);
      return;
    }
    this.#header.show(this.#model);
    this.#details.show(this.#model);
    for (const view of panels) view.draw(theme, this.#hovered);
    this.#reportDrawn(start, performance.now());
  }

  /**
   * A page rests before it asks for more, the longer the more an update costs. What the browser does to bring a picture to the
   * screen, in other threads and processes, shows in how late it is for the frame after the next; without a graphics card it
   * keeps a processor busy all that time. The last update tells of that, so that a fast page need not wait for two frames.
   */
  #reportDrawn(start: number, end: number): void {
    requestAnimationFrame(() => {
      setTimeout(() => this.#callbacks.onDrawn?.(), REST * (end - start + this.#compositing));
      requestAnimationFrame(() => {
        const frames = performance.now() - end;
        this.#compositing = frames > SLOW_FRAMES || rendersInSoftware() ? frames : 0;
      });
    });
  }

  #makePanel(index: number): PanelView {
    const view = new PanelView(this.#model, index, this.#help.id, () => this.#onSlice());
    const { node } = view;
    const gestures = new Gestures(node, view.drag, {
      hover: (at) => this.#onPointer(view, at),
      leave: () => this.#hover(undefined),
      click: (at, add) => this.#onClick(view, at, add),
      drag: (region) => this.#onDrag(view, region),
      drop: (region, add) => this.#onDrop(view.inside(region), add),
      // Points on a plane are marked out by a plain drag, a cloud in space is turned; Alt does the other.
      moves: (event) => view.moves !== undefined && (event.button === 1 || (view.moves === "cloud") !== event.altKey),
      move: (dx, dy) => this.#moveCamera(view, dx, dy),
    });
    node.addEventListener("keydown", (event) => this.#onKey(view, gestures, event));
    node.addEventListener("wheel", (event) => this.#onWheel(view, event), { passive: false });
    node.addEventListener("blur", () => this.#leave(view));
    return view;
  }

  #leave(view: PanelView): void {
    this.#forgetPoint(view);
    this.#hover(undefined);
  }

  /** Takes the keyboard's cursor off its point, which is elsewhere or no longer there. */
  #forgetPoint(view: PanelView): void {
    if (!this.#cursor) return;
    this.#cursor = undefined;
    view.markPoint(undefined);
    this.#tooltip.hide();
  }

  #onSlice(): void {
    this.#callbacks.onChange?.();
    this.invalidate();
  }

  #onPointer(view: PanelView, at: Point): void {
    const hit = view.hit(at);
    view.node.classList.toggle("phasebook-on-member", hit !== undefined);
    this.#hover(hit?.member);
    if (hit) this.#pointOut(view, hit, at);
  }

  #onClick(view: PanelView, at: Point, add: boolean): void {
    const hit = view.hit(at);
    if (hit) this.#toggle(hit.choice, add);
  }

  #onDrag(view: PanelView, region: Region | undefined): void {
    this.#hover(undefined);
    view.markRegion(region, undefined);
  }

  #onDrop({ members, points }: Partial<Choice>, add: boolean): void {
    const { selection } = this.#model;
    const all = (before: readonly number[], news: readonly number[]) => (add ? [...before, ...news] : news);
    selection.choose(
      {
        ...(members && { members: all(selection.members, members) }),
        ...(points && { points: all(selection.points, points) }),
      },
      this,
    );
  }

  #moveCamera(view: PanelView, dx: number, dy: number): void {
    this.#leave(view);
    view.moveCamera(dx, dy);
    this.invalidate(view);
  }

  /** Zooms where the keyboard's focus is, or with Control; else the wheel scrolls the page. */
  #onWheel(view: PanelView, event: WheelEvent): void {
    const meant = event.ctrlKey || event.metaKey || view.node.matches(":focus");
    if (!meant || view.moves === undefined) return;
    event.preventDefault();
    const { x, y } = view.node.getBoundingClientRect();
    view.zoom(Math.exp(-event.deltaY / 300), { x: event.clientX - x, y: event.clientY - y });
    this.invalidate(view);
  }

  #onKey(view: PanelView, gestures: Gestures, event: KeyboardEvent): void {
    const action = keyAction(event);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (gestures.cancel() && action.type === "clear") return;
    this.#act(view, action);
  }

  #act(view: PanelView, action: KeyAction): void {
    const { selection } = this.#model;
    switch (action.type) {
      case "move":
        return this.#move(view, action);
      case "choose":
        if (this.#cursor && view.hasPoints) this.#toggle(this.#cursor.choice, action.add);
        else if (this.#hovered !== undefined) this.#toggle({ members: [this.#hovered] }, action.add);
        return;
      case "clear":
        return void selection.choose({ members: [], points: [] }, this);
      case "zoom":
        this.#forgetPoint(view);
        view.zoom(action.factor);
        return this.invalidate(view);
      case "camera":
        return this.#moveCamera(view, action.dx, action.dy);
      case "undo":
        return void selection.undo(this);
      case "redo":
        return void selection.redo(this);
    }
  }

  /** Moves the cursor among points; with Shift it chooses those on the way. */
  #moveToPoint(view: PanelView, { key, extend }: { key: MoveKey; extend: boolean }): void {
    const { selection } = this.#model;
    const next = view.nextPoint(this.#cursor?.point ?? selection.points.at(-1), key);
    if (!next) return;
    this.#cursor = next;
    view.markPoint(next.at);
    this.#pointOut(view, next, next.at);
    this.#live.textContent = spokenPoint(this.#model, next);
    if (!extend) {
      this.#anchor = undefined;
      return;
    }
    const amend = this.#anchor !== undefined;
    this.#anchor ??= next.point;
    selection.choose({ points: [...new Set([...selection.points, next.point])] }, this, amend);
  }

  /** Moves the cursor; the first key shows it where the selection is. */
  #move(view: PanelView, { key, extend }: { key: MoveKey; extend: boolean }): void {
    if (view.hasPoints) {
      this.#moveToPoint(view, { key, extend });
      return;
    }
    const from = this.#hovered ?? this.#model.focus;
    const stay = this.#hovered === undefined && from !== undefined && !extend;
    const member = stay ? from : view.neighbour(from ?? -1, key);
    if (member === undefined) return;
    this.#hover(member);
    this.#live.textContent = spokenMember(this.#model, member);
    const anchor = view.anchor(member);
    if (anchor) this.#pointOut(view, { choice: {}, member }, anchor);
    if (!extend) this.#anchor = undefined;
    else {
      const amend = this.#anchor !== undefined;
      this.#anchor ??= from ?? member;
      this.#model.selection.choose({ members: view.between(this.#anchor, member) }, this, amend);
    }
  }

  #pointOut(view: PanelView, hit: Hit, { x, y }: Point): void {
    const at = { x: view.node.offsetLeft + x, y: view.node.offsetTop + y };
    this.#tooltip.show(this.#model, hit, at, this.#root);
  }

  #hover(member: number | undefined): void {
    if (member === undefined) this.#tooltip.hide();
    if (member === this.#hovered) return;
    this.#hovered = member;
    for (const view of this.#views) view.drawOverlay(member);
  }

  /** Chooses alone, or adds to what is chosen; what is chosen already is taken away again. */
  #toggle({ members, points }: Partial<Choice>, add: boolean): void {
    const { selection } = this.#model;
    this.#anchor = undefined;
    selection.choose(
      {
        ...(members && { members: toggled(selection.members, members, add) }),
        ...(points && { points: toggled(selection.points, points, add) }),
      },
      this,
    );
  }

  #onSelection(origin: unknown): void {
    this.invalidate();
    this.#callbacks.onChange?.();
    if (origin !== this) return;
    this.#live.textContent = spokenSelection(this.#model);
    this.#callbacks.onSelect?.(this.#model.selection.toSelection());
  }
}

function toggled(before: readonly number[], chosen: readonly number[], add: boolean): readonly number[] {
  const known = chosen.every((index) => before.includes(index));
  const others = before.filter((index) => !chosen.includes(index));
  if (add) return known ? others : [...others, ...chosen];
  return known && others.length === 0 ? [] : chosen;
}
