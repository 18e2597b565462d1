const known = new Map<string, number>();
let probe: CanvasRenderingContext2D | null = null;

/** A CSS colour as a pixel of `ImageData`: red, green, blue, alpha from the lowest byte up. */
export function pixelOf(color: string): number {
  let pixel = known.get(color);
  if (pixel === undefined) known.set(color, (pixel = measure(color)));
  return pixel;
}

function measure(color: string): number {
  probe ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
    willReadFrequently: true,
  });
  if (!probe) return 0;
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = color;
  probe.fillRect(0, 0, 1, 1);
  return new Uint32Array(probe.getImageData(0, 0, 1, 1).data.buffer)[0] ?? 0;
}
