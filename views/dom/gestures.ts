import { type Point, type Region, lasso, rectangle } from "../region.js";

/** What a pointer does on a panel; positions are in the panel's pixels. */
export interface GestureHandlers {
  hover(at: Point): void;
  leave(): void;
  click(at: Point, add: boolean): void;
  /** A region that is being marked out; undefined when that was given up. */
  drag(region: Region | undefined): void;
  drop(region: Region, add: boolean): void;
  /** Whether this press moves the picture instead of marking out a region. */
  moves(event: PointerEvent): boolean;
  move(dx: number, dy: number): void;
}

/** Pixels that a pointer moves before a press becomes a drag. */
const DRAG_FROM = 5;

/** Milliseconds that a finger rests on a panel before it marks out a region. */
const HOLD = 400;

/**
 * Turns pointer events on an element into hovering, clicks and marked-out regions. A finger drags the page as everywhere
 * and chooses by taps; when it rests first, it marks out a region.
 */
export class Gestures {
  readonly #node: HTMLElement;
  readonly #shape: "rectangle" | "lasso";
  readonly #on: GestureHandlers;
  #path: Point[] = [];
  #dragging = false;
  #moving = false;
  #hold: ReturnType<typeof setTimeout> | undefined;
  /** A finger has rested: what it does now is no scrolling. */
  #held = false;

  constructor(node: HTMLElement, shape: "rectangle" | "lasso", handlers: GestureHandlers) {
    this.#node = node;
    this.#shape = shape;
    this.#on = handlers;
    node.addEventListener("pointerdown", (event) => this.#down(event));
    node.addEventListener("pointermove", (event) => this.#move(event));
    node.addEventListener("pointerup", (event) => this.#up(event));
    node.addEventListener("pointercancel", () => this.cancel());
    node.addEventListener("touchmove", (event) => this.#held && event.preventDefault(), { passive: false });
    // A finger that rests opens no menu here.
    node.addEventListener("contextmenu", (event) => this.#held && event.preventDefault());
    node.addEventListener("pointerleave", () => {
      if (!this.#dragging) this.#on.leave();
    });
  }

  /** Gives up a drag that is under way; answers whether there was one. */
  cancel(): boolean {
    const dragged = this.#dragging;
    this.#release();
    if (dragged) this.#on.drag(undefined);
    return dragged;
  }

  #down(event: PointerEvent): void {
    if (event.button > 1 || !event.isPrimary) return;
    this.#path = [this.#position(event)];
    this.#moving = this.#on.moves(event);
    if (event.pointerType === "touch") this.#hold = setTimeout(() => this.#setHeld(true), HOLD);
    if (event.button === 1) event.preventDefault();
  }

  #move(event: PointerEvent): void {
    const at = this.#position(event);
    const [start] = this.#path;
    const isFar = start && Math.hypot(at.x - start.x, at.y - start.y) >= DRAG_FROM;
    if (!start || (event.pointerType === "touch" && !this.#held)) {
      if (isFar) clearTimeout(this.#hold);
      this.#on.hover(at);
      return;
    }
    if (!this.#dragging) {
      if (!isFar) return;
      this.#dragging = true;
      this.#node.setPointerCapture(event.pointerId);
    }
    const before = this.#path.at(-1) ?? at;
    this.#path.push(at);
    if (this.#moving) this.#on.move(at.x - before.x, at.y - before.y);
    else this.#on.drag(this.#region());
  }

  #up(event: PointerEvent): void {
    const add = event.shiftKey || event.ctrlKey || event.metaKey;
    const region = this.#dragging && !this.#moving ? this.#region() : undefined;
    const pressed = this.#path.length > 0 && !this.#dragging;
    this.#release();
    if (region) {
      this.#on.drag(undefined);
      this.#on.drop(region, add);
    } else if (pressed) this.#on.click(this.#position(event), add);
  }

  #release(): void {
    clearTimeout(this.#hold);
    this.#setHeld(false);
    this.#path = [];
    this.#dragging = false;
  }

  #setHeld(held: boolean): void {
    this.#held = held;
    this.#node.classList.toggle("phasebook-held", held);
  }

  #region(): Region | undefined {
    const [start] = this.#path;
    const end = this.#path.at(-1);
    if (!start || !end) return undefined;
    return this.#shape === "lasso" ? lasso(this.#path) : rectangle(start, end);
  }

  #position({ clientX, clientY }: PointerEvent): Point {
    const { x, y } = this.#node.getBoundingClientRect();
    return { x: clientX - x, y: clientY - y };
  }
}
