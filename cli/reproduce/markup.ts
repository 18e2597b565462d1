/** Text for HTML and XML. */
export function escape(text: string): string {
  // Control characters are forbidden in XML even when escaped.
  return text.replace(/\p{Cc}/gu, (c) => (/\s/.test(c) ? c : "")).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
