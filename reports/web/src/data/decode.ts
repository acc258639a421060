// The binary part of the payload: columns of doubles in byte planes, curves of 12-bit codes.

/** Reads what C++ wrote with add_column: n doubles, byte plane by byte plane. */
export function readColumn(blob: Uint8Array, at: number, n: number): Float64Array {
  const bytes = new Uint8Array(8 * n);
  for (let plane = 0; plane < 8; ++plane) {
    const from = at + plane * n;
    for (let i = 0; i < n; ++i) bytes[8 * i + plane] = blob[from + i];
  }
  return new Float64Array(bytes.buffer);
}

/** Walks over varints, floats and curves, one after the other. */
export class Reader {
  private readonly view: DataView;

  constructor(private readonly blob: Uint8Array, private at: number) {
    this.view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  }

  varint(): number {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = this.blob[this.at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  signed(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  steps(): Int32Array {
    const steps = new Int32Array(this.varint());
    let step = 0;
    for (let i = 0; i < steps.length; ++i) steps[i] = step += this.signed();
    return steps;
  }

  /** n values; NaN where missing. */
  curve(n: number): Float64Array {
    const values = new Float64Array(n).fill(NaN);
    const mode = this.blob[this.at++];
    if (mode === 0) return values;
    const low = this.view.getFloat32(this.at, true);
    const high = this.view.getFloat32(this.at + 4, true);
    this.at += 8;
    let code = 0;
    for (let i = 0; i < n; ++i) {
      code += this.signed();
      if (code === 0) continue;
      const x = low + (high - low) * (code - 1) / 4094;
      values[i] = mode === 2 ? Math.exp(x) : x;
    }
    return values;
  }
}
