import { createHash, type Hash } from "node:crypto";

/** SHA-256 of what it is given, piece by piece. */
export class Digest {
  private readonly hash: Hash = createHash("sha256");

  add(bytes: Uint8Array | Float64Array | string): this {
    this.hash.update(bytes);
    return this;
  }

  get bytes(): Uint8Array {
    return this.hash.copy().digest();
  }

  get hexadecimal(): string {
    return this.hash.copy().digest("hex");
  }
}
