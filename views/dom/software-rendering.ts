/** Names of drivers that imitate a graphics card: Chromium's, Mesa's, Microsoft's, Apple's. */
const IMITATIONS = /swiftshader|llvmpipe|softpipe|software|basic render/i;

let software: boolean | undefined;

/** Whether the browser brings pictures to the screen by the processor, without a graphics card: WebGL tells, and is asked once. */
export function rendersInSoftware(): boolean {
  if (software === undefined) {
    const context = new OffscreenCanvas(1, 1).getContext("webgl");
    const info = context?.getExtension("WEBGL_debug_renderer_info");
    const parameter = info ? info.UNMASKED_RENDERER_WEBGL : context?.RENDERER;
    software = !context || IMITATIONS.test(String(context.getParameter(parameter ?? 0)));
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return software;
}
