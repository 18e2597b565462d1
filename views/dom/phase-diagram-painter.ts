import { cellBox, cellFill, cellMarks, type PhaseDiagramPanel } from "../phase-diagram.js";
import type { PhaseCell } from "../phase-grid.js";
import { type Rect, type SvgNode, svg } from "../svg-node.js";
import type { MoveKey, Painter } from "./painter.js";

export const phaseDiagramPainter: Painter<PhaseDiagramPanel> = {
  role: "phase diagram",
  drag: "rectangle",

  paint(context, { grid, colors }, _chosen, theme) {
    for (const cell of grid.cells) {
      const box = cellBox(cell.rect);
      context.fillStyle = cellFill(cell, colors, theme);
      context.fillRect(box.x, box.y, box.width, box.height);
      for (const mark of cellMarks(cell.state, box, theme)) {
        const path = new Path2D(mark.path);
        if (mark.fill) {
          context.fillStyle = mark.fill;
          context.fill(path);
        }
        if (mark.stroke) {
          context.strokeStyle = mark.stroke;
          context.lineWidth = mark.width ?? 1;
          context.stroke(path);
        }
      }
    }
  },

  overlay({ grid }, { members }, hovered, theme) {
    const cells = new Set(members.map((member) => grid.of(member)).filter((cell) => cell !== undefined));
    const rings = [...cells].flatMap((cell) => [
      outline(cell.rect, theme.surface, 4.5),
      outline(cell.rect, theme.text, 2),
    ]);
    const cell = hovered === undefined ? undefined : grid.of(hovered);
    return cell ? [...rings, outline(cell.rect, theme.surface, 3), outline(cell.rect, theme.accent, 2)] : rings;
  },

  hit({ grid }, _model, x, y) {
    const cell = grid.hit(x, y);
    const member = cell?.members.at(-1);
    return cell && member !== undefined ? { choice: { members: cell.members }, member } : undefined;
  },

  /** Every cell that the rectangle touches. */
  inside({ grid }, { bounds }) {
    const touched = grid.cells.filter(
      ({ rect }) =>
        rect.x < bounds.x + bounds.width &&
        rect.x + rect.width > bounds.x &&
        rect.y < bounds.y + bounds.height &&
        rect.y + rect.height > bounds.y,
    );
    return { members: touched.flatMap((cell) => cell.members) };
  },

  /** The rectangle of cells between two. */
  between({ grid }, from, to) {
    const [a, b] = [grid.of(from), grid.of(to)];
    if (!a || !b) return [to];
    const inSpan = (value: number, p: number, q: number) => value >= Math.min(p, q) && value <= Math.max(p, q);
    const cells = grid.cells.filter(
      (cell) => cell !== b && inSpan(cell.column, a.column, b.column) && inSpan(cell.row, a.row, b.row),
    );
    return [...cells, b].flatMap((cell) => cell.members);
  },

  neighbour({ grid }, _model, member, key) {
    const cell = grid.of(member);
    if (!cell) return grid.cells[0]?.members.at(-1);
    return nextCell(grid, cell, key)?.members.at(-1);
  },

  anchor({ grid }, member) {
    const rect = grid.of(member)?.rect;
    return rect && { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
  },
};

const STEPS: Partial<Record<MoveKey, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** The next cell with members in the key's direction; for Home and End, the first or last of the row. */
function nextCell(grid: PhaseDiagramPanel["grid"], from: PhaseCell, key: MoveKey): PhaseCell | undefined {
  const columns = grid.x.values.length;
  const start = key === "Home" ? -1 : key === "End" ? columns : from.column;
  const [dx, dy] = STEPS[key] ?? [key === "Home" ? 1 : -1, 0];
  for (let n = 1; n <= Math.max(columns, grid.y.values.length); n++) {
    const cell = grid.at(start + n * dx, from.row + n * dy);
    if (cell) return cell;
  }
  return undefined;
}

const outline = ({ x, y, width, height }: Rect, stroke: string, strokeWidth: number): SvgNode =>
  svg("rect", { x, y, width, height, rx: 1, fill: "none", stroke, "stroke-width": strokeWidth });
