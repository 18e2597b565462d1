import type { FigureModel } from "./figure-model.js";
import { formatCount, formatDuration, formatNumber, plural } from "./format.js";

/** How far the training is, in one line: "Finished · 1,000 steps · 96 members, 1 diverged · 12 s". */
export function describeProgress(model: FigureModel): string {
  const { state, step, steps, elapsedSeconds, throughput, message } = model.progress;
  const diverged = model.count("diverged");
  const members = plural(model.members, "member") + (diverged ? `, ${formatNumber(diverged)} diverged` : "");
  const parts = [`${state.slice(0, 1).toUpperCase()}${state.slice(1)}`];
  if (steps > 0)
    parts.push(step === steps ? plural(steps, "step") : `step ${formatNumber(step)} of ${formatNumber(steps)}`);
  parts.push(members);
  if (elapsedSeconds > 0) parts.push(formatDuration(elapsedSeconds));
  if (state === "running" && throughput) parts.push(`${formatCount(throughput)} member-steps/s`);
  if (message) parts.push(message);
  return parts.join(" · ");
}
