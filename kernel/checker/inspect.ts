import type TypeScript from "typescript";
import { ts } from "../cell/typescript.js";
import type { CellModules } from "./cell-modules.js";
import type { Inspection } from "./messages.js";

/** Signature and documentation of what stands at an offset of a cell, or of the call around it. */
export function inspect(
  modules: CellModules,
  service: TypeScript.LanguageService,
  source: string,
  offset: number,
): Inspection | undefined {
  const module = modules.stage(source);
  const info =
    service.getQuickInfoAtPosition(module.path, offset) ??
    service.getQuickInfoAtPosition(module.path, Math.max(0, offset - 1));
  // For a name it does not know, the service says "any".
  if (info !== undefined && ts.displayPartsToString(info.displayParts) !== "any")
    return describe(ts.displayPartsToString(info.displayParts), info.documentation, info.tags);
  const help = service.getSignatureHelpItems(module.path, offset, undefined);
  const signature = help?.items[help.selectedItemIndex];
  if (signature === undefined) return undefined;
  const parameters = signature.parameters.map(({ displayParts }) => ts.displayPartsToString(displayParts));
  const separator = ts.displayPartsToString(signature.separatorDisplayParts);
  const text = [signature.prefixDisplayParts, signature.suffixDisplayParts].map((parts) =>
    ts.displayPartsToString(parts),
  );
  return describe(`${text[0]}${parameters.join(separator)}${text[1]}`, signature.documentation, signature.tags);
}

function describe(
  signature: string,
  documentation: readonly TypeScript.SymbolDisplayPart[] = [],
  tags: readonly TypeScript.JSDocTagInfo[] = [],
): Inspection {
  const notes = tags.map(({ name, text }) => `@${name} ${ts.displayPartsToString(text).trim()}`.trim());
  const plain = [signature, ts.displayPartsToString([...documentation]), notes.join("\n")];
  const markdown = [fenced(signature), toMarkdown(documentation), ...tags.map(tagToMarkdown)];
  return { plain: plain.filter(Boolean).join("\n\n"), markdown: markdown.filter(Boolean).join("\n\n") };
}

/** `*@param* \`x\` — what it is`; an example as code. */
function tagToMarkdown({ name, text = [] }: TypeScript.JSDocTagInfo): string {
  if (name === "example") return `*@example*\n\n${exampleToMarkdown(ts.displayPartsToString(text).trim())}`;
  const [first, ...rest] = text;
  if (first?.kind !== "parameterName") return `*@${name}* ${toMarkdown(text).trim()}`.trim();
  const description = toMarkdown(rest).trim().replace(/^-\s*/, "");
  return `*@${name}* \`${first.text}\`${description && ` — ${description}`}`;
}

function exampleToMarkdown(example: string): string {
  return example.includes("```") ? example : fenced(example);
}

function fenced(code: string): string {
  return `\`\`\`typescript\n${code}\n\`\`\``;
}

/** Text of a comment, the targets of its `{@link …}` as code. */
function toMarkdown(parts: readonly TypeScript.SymbolDisplayPart[]): string {
  const texts = parts.map(({ kind, text }) => {
    if (kind === "link") return "";
    return kind === "linkName" || kind === "linkText" ? `\`${text.trim()}\`` : text;
  });
  return texts.join("");
}
