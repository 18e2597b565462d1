import type { FigureModel } from "../figure-model.js";
import { element } from "./elements.js";
import { Header } from "./header.js";
import { Details, Tooltip, spokenMember } from "./member-text.js";
import { PageTheme } from "./page-theme.js";
import type { MoveKey } from "./painter.js";
import { PanelView } from "./panel-view.js";
import { installStyles } from "./styles.js";

/** What a mounted figure tells. */
export interface FigureCallbacks {
  /** A person chose members, or undid that. */
  onSelect?(members: readonly number[]): void;
  /** The latest state is on the screen; not called while the figure is out of sight. */
  onDrawn?(): void;
}

const HELP =
  "Arrow keys, Home and End move from member to member; Enter chooses, Shift and Enter adds or removes; Escape clears; " +
  "Control and Z undoes, Control and Y redoes.";
let helpCount = 0;

/** Milliseconds from drawing to the next frame beyond which the page has trouble to keep up. */
const SLOW_FRAME = 50;

/** The elements of a mounted figure, and what people do with them. */
export class MountedView {
  readonly #model: FigureModel;
  readonly #callbacks: FigureCallbacks;
  readonly #root = element("div", { class: "phasebook-figure", role: "group" });
  readonly #help = element("span", { class: "phasebook-hidden", id: `phasebook-help-${++helpCount}` }, HELP);
  readonly #live = element("div", { class: "phasebook-hidden", role: "status", "aria-live": "polite" });
  readonly #header: Header;
  readonly #details = new Details();
  readonly #tooltip = new Tooltip();
  readonly #panels = element("div", { class: "phasebook-panels" });
  readonly #theme: PageTheme;
  readonly #resize = new ResizeObserver(() => this.#onResize());
  readonly #sight = new IntersectionObserver((entries) => this.#onSight(entries), { rootMargin: "200px" });
  readonly #end = new AbortController();
  #views: PanelView[] = [];
  /** The member under the pointer or the keyboard's cursor, in all views. */
  #hovered: number | undefined;
  #visible = false;
  #dirty = true;
  #frame = 0;

  constructor(model: FigureModel, host: HTMLElement, callbacks: FigureCallbacks) {
    this.#model = model;
    this.#callbacks = callbacks;
    this.#header = new Header(
      () => this.#undo(),
      () => this.#redo(),
    );
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

  /** Draws everything in the next frame in which the figure is in sight. */
  invalidate(): void {
    this.#dirty = true;
    if (this.#visible && this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Makes the panels anew if the figure has other views than before; the keyboard's focus stays where it is. */
  rebuild(): void {
    this.#root.setAttribute("aria-label", this.#model.title ?? "Figure");
    const types = this.#model.views.map((view) => view.type).join();
    if (types !== this.#views.map((view) => view.node.dataset["view"]).join()) {
      this.#views = this.#model.views.map((_, index) => this.#makePanel(index));
      this.#panels.replaceChildren(...this.#views.map((view) => view.node));
    }
    this.invalidate();
  }

  note(message: string): void {
    this.#header.note(message);
  }

  dispose(): void {
    this.#end.abort();
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
    this.#dirty = false;
    const theme = this.#theme.read();
    this.#header.show(this.#model);
    this.#details.show(this.#model);
    for (const view of this.#views) view.draw(theme, this.#hovered);
    this.#reportDrawn(performance.now());
  }

  /** A slow page rests before it asks for more: live figures leave it, and a training beside it, most of the time. */
  #reportDrawn(start: number): void {
    requestAnimationFrame(() => {
      const frame = performance.now() - start;
      setTimeout(() => this.#callbacks.onDrawn?.(), frame > SLOW_FRAME ? 2 * frame : 0);
    });
  }

  #makePanel(index: number): PanelView {
    const view = new PanelView(this.#model, index, this.#help.id);
    const { node } = view;
    node.addEventListener("pointermove", (event) => this.#onPointer(view, event));
    node.addEventListener("pointerleave", () => this.#hover(undefined));
    node.addEventListener("click", (event) => this.#onClick(view, event));
    node.addEventListener("keydown", (event) => this.#onKey(view, event));
    node.addEventListener("blur", () => this.#hover(undefined));
    return view;
  }

  #onPointer(view: PanelView, event: PointerEvent): void {
    const hit = view.hit(event.clientX, event.clientY);
    view.node.classList.toggle("phasebook-on-member", hit !== undefined);
    this.#hover(hit?.members.at(-1));
    const bounds = this.#root.getBoundingClientRect();
    const at = { x: event.clientX - bounds.x, y: event.clientY - bounds.y };
    if (hit) this.#tooltip.show(this.#model, hit, at, this.#root);
  }

  #onClick(view: PanelView, event: MouseEvent): void {
    const hit = view.hit(event.clientX, event.clientY);
    if (hit) this.#toggle(hit.members, event.shiftKey || event.ctrlKey || event.metaKey);
  }

  #onKey(view: PanelView, event: KeyboardEvent): void {
    const action = this.#keyAction(view, event);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  #keyAction(view: PanelView, event: KeyboardEvent): (() => void) | undefined {
    if (event.ctrlKey || event.metaKey) {
      const key = event.key.toLowerCase();
      if (key === "z") return () => (event.shiftKey ? this.#redo() : this.#undo());
      return key === "y" ? () => this.#redo() : undefined;
    }
    switch (event.key) {
      case "ArrowLeft":
      case "ArrowRight":
      case "ArrowUp":
      case "ArrowDown":
      case "Home":
      case "End":
        return () => this.#move(view, event.key as MoveKey);
      case "Enter":
      case " ":
        return () => this.#chooseCursor(event.shiftKey);
      case "Escape":
        return () => this.#choose([]);
      default:
        return undefined;
    }
  }

  /** Moves the cursor; the first key shows it where the selection is. */
  #move(view: PanelView, key: MoveKey): void {
    const from = this.#hovered;
    const member = from === undefined ? (this.#model.focus ?? view.neighbour(-1, key)) : view.neighbour(from, key);
    if (member === undefined) return;
    this.#hover(member);
    this.#live.textContent = spokenMember(this.#model, member);
    const anchor = view.anchor(member);
    if (!anchor) return;
    const at = { x: view.node.offsetLeft + anchor.x, y: view.node.offsetTop + anchor.y };
    this.#tooltip.show(this.#model, { members: [member] }, at, this.#root);
  }

  #chooseCursor(add: boolean): void {
    if (this.#hovered !== undefined) this.#toggle([this.#hovered], add);
  }

  #hover(member: number | undefined): void {
    if (member === undefined) this.#tooltip.hide();
    if (member === this.#hovered) return;
    this.#hovered = member;
    for (const view of this.#views) view.drawOverlay(member);
  }

  /** Chooses members alone, or adds them to those chosen; what is chosen already is taken away again. */
  #toggle(members: readonly number[], add: boolean): void {
    const before = this.#model.selection.members;
    const known = members.every((member) => before.includes(member));
    const others = before.filter((member) => !members.includes(member));
    if (add) this.#choose(known ? others : [...others, ...members]);
    else this.#choose(known && others.length === 0 ? [] : members);
  }

  #choose(members: readonly number[]): void {
    this.#selectionChanged(this.#model.selection.choose(members));
  }

  #undo(): void {
    this.#selectionChanged(this.#model.selection.undo());
  }

  #redo(): void {
    this.#selectionChanged(this.#model.selection.redo());
  }

  #selectionChanged(changed: boolean): void {
    if (!changed) return;
    const { members } = this.#model.selection;
    const last = members.at(-1);
    this.#live.textContent = last === undefined ? "Nothing chosen" : spokenMember(this.#model, last);
    this.invalidate();
    this.#callbacks.onSelect?.(members);
  }
}
