import { readFileSync } from "node:fs";

/** The file by which a Jupyter client tells a kernel where to listen and how to sign. */
export interface ConnectionInfo {
  transport: string;
  ip: string;
  shell_port: number;
  control_port: number;
  stdin_port: number;
  iopub_port: number;
  hb_port: number;
  signature_scheme: string;
  key: string;
}

const PORTS = ["shell_port", "control_port", "stdin_port", "iopub_port", "hb_port"] as const;
const TEXTS = ["transport", "ip", "signature_scheme", "key"] as const;

/** Reads and checks a connection file; an error names the file and the field that is wrong. */
export function readConnectionFile(path: string): ConnectionInfo {
  const info = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  for (const name of PORTS) {
    if (!Number.isInteger(info[name]))
      throw new Error(`connection file ${path}: ${name} is ${String(info[name])}, not a port`);
  }
  for (const name of TEXTS) {
    if (typeof info[name] !== "string")
      throw new Error(`connection file ${path}: ${name} is ${String(info[name])}, not text`);
  }
  return info as unknown as ConnectionInfo;
}

/** The ZeroMQ endpoint of a port: `tcp://127.0.0.1:5555`, or `ipc://path-5`. */
export function endpoint(info: ConnectionInfo, port: number): string {
  const separator = info.transport === "tcp" ? ":" : "-";
  return `${info.transport}://${info.ip}${separator}${port}`;
}
