import { Problem } from "./problem.mjs";

/** Runs a script's body: a {@link Problem} ends it with its sentence, anything else is a bug and shows its stack. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Problem ? `\n${error.message}` : error);
    process.exit(1);
  }
}
