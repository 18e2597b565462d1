/** `name?` and `?name`: documentation in the front end's pager. */
const QUESTION =
  /^\s*(?:\?{1,2}\s*([\p{ID_Start}$_][\p{ID_Continue}$.]*)|([\p{ID_Start}$_][\p{ID_Continue}$.]*)\s*\?{1,2})\s*;?\s*$/u;

/** The name that a cell asks about; undefined for any other cell. */
export function pagerQuestion(code: string): string | undefined {
  const match = QUESTION.exec(code);
  return match?.[1] ?? match?.[2];
}
