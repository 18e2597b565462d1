import { textField } from "../../kernel/front/content.js";
import type { JsonObject } from "../../kernel/wire/message.js";
import { type Exercise, exercisesOf } from "../notebooks/exercises.js";
import type { Notebook } from "../notebooks/notebook.js";
import type { KernelSession } from "./kernel-session.js";

/** Whether the solution passes its check, and the stub does not. */
export interface ExerciseResult {
  readonly name: string;
  readonly outcome: "holds" | "solution fails" | "stub passes";
  /** What came instead of true. */
  readonly note?: string;
}

/** Runs stubs and solutions one after the other in a kernel that has run the notebook. */
export async function checkExercises(notebook: Notebook, session: KernelSession): Promise<ExerciseResult[]> {
  const results: ExerciseResult[] = [];
  for (const exercise of exercisesOf(notebook)) results.push(await check(exercise, session));
  return results;
}

async function check({ name, solution, stub }: Exercise, session: KernelSession): Promise<ExerciseResult> {
  if ((await valueOf(stub, session)) === "true") return { name, outcome: "stub passes" };
  const value = await valueOf(solution, session);
  return value === "true" ? { name, outcome: "holds" } : { name, outcome: "solution fails", note: value };
}

/** The value of the last line as the notebook would show it, or the error. */
async function valueOf(code: string, session: KernelSession): Promise<string> {
  let value = "no value";
  const reply = await session.execute(code, ({ type, content }) => {
    if (type === "execute_result") value = textField(content["data"] as JsonObject, "text/plain");
  });
  return reply["status"] === "ok" ? value : `${textField(reply, "ename")}: ${textField(reply, "evalue")}`;
}
