import type TypeScript from "typescript";
import { ts } from "../cell/typescript.js";
import type { CellModules } from "./cell-modules.js";
import type { CellService } from "./language-service.js";
import type { Inspection } from "./messages.js";

/** Signature and documentation of what stands at an offset of a cell, or of the call around it. */
export function inspect(
  modules: CellModules,
  { service, focus }: CellService,
  source: string,
  offset: number,
): Inspection | undefined {
  const module = modules.draft(source);
  focus(module);
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
  documentation: readonly TypeScript.SymbolDisplayPart[] | undefined,
  tags: readonly TypeScript.JSDocTagInfo[] | undefined,
): Inspection {
  const text = ts.displayPartsToString([...(documentation ?? [])]);
  const notes = (tags ?? []).map((tag) => ({ name: tag.name, text: ts.displayPartsToString(tag.text).trim() }));
  const plain = [signature, text, notes.map(({ name, text: note }) => `@${name} ${note}`).join("\n")];
  const markdown = [
    `\`\`\`typescript\n${signature}\n\`\`\``,
    text,
    notes.map(({ name, text: note }) => `*@${name}* ${note}`).join("\n\n"),
  ];
  return { plain: plain.filter(Boolean).join("\n\n"), markdown: markdown.filter(Boolean).join("\n\n") };
}
