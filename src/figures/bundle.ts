/** What this file needs of its host. */
declare const URL: new (address: string, base: string) => { readonly href: string };

/**
 * Address of the file that draws figures in a browser, in one module: `mount`, and as its default export an anywidget.
 * The build makes it, of `views/dom/figure-widget.ts` and all that this imports.
 */
export const BUNDLE = new URL(
  "../../views/dom/figure-widget.bundle.js",
  (import.meta as unknown as { url: string }).url,
).href;
