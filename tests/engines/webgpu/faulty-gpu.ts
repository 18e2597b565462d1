import type { Gpu, GpuAdapter, GpuDevice } from "../../../src/engines/webgpu/gpu-types.js";
import { testGpu } from "../../support/software-gpu.js";

/** What of a GPU behaves otherwise. */
export interface Faults {
  readonly limits?: Partial<GpuAdapter["limits"]>;
  readonly isSoftware?: boolean;
  /** Members that a device answers otherwise; `opened` counts devices from 0. */
  readonly device?: (device: GpuDevice, opened: number) => Partial<GpuDevice>;
}

/** The test GPU with faults; `devices` are those that were opened. */
export function faultyGpu({ limits, isSoftware = true, device = () => ({}) }: Faults): {
  gpu: () => Promise<Gpu>;
  devices: GpuDevice[];
} {
  const devices: GpuDevice[] = [];
  const gpu = async (): Promise<Gpu> => {
    const real = await testGpu();
    return withOthers(real, {
      requestAdapter: async (options) => {
        const adapter = await real.requestAdapter(options);
        if (!adapter) return null;
        const { vendor, architecture, description, subgroupMinSize = 1 } = adapter.info;
        return withOthers(adapter, {
          info: {
            vendor,
            architecture,
            description,
            device: adapter.info.device,
            isFallbackAdapter: isSoftware,
            subgroupMinSize,
          },
          limits: withOthers(adapter.limits, limits ?? {}),
          requestDevice: async ({ requiredFeatures = [] }) => {
            const opened = await adapter.requestDevice({ requiredLimits: {}, requiredFeatures });
            devices.push(opened);
            return withOthers(opened, device(opened, devices.length - 1));
          },
        });
      },
    });
  };
  return { gpu, devices };
}

/** An object with some members replaced; its own methods are called on itself. */
export function withOthers<T extends object>(object: T, others: Partial<T>): T {
  return new Proxy(object, {
    get(target, key): unknown {
      if (key in others) return others[key as keyof T];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}
