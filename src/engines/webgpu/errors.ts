/** The GPU could not do what was asked; the message says why, and what to do. Nothing that was computed is lost. */
export class GpuError extends Error {
  override readonly name: string = "GpuError";
}

/** There is no GPU that can be used, or it has too little of something. */
export class NoGpuError extends GpuError {
  override readonly name = "NoGpuError";
}

/** The driver took the device away, or it was destroyed. */
export class DeviceLostError extends GpuError {
  override readonly name = "DeviceLostError";
}

/** A dispatch did not end in time; the device is not used any more. */
export class DispatchTimeoutError extends GpuError {
  override readonly name = "DispatchTimeoutError";
}

/** The driver refused a generated shader: a fault of the compiler. */
export class ShaderError extends GpuError {
  override readonly name = "ShaderError";
}
