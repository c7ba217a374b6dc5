import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameParser, MAX_FRAME_BYTES } from "../../node/frame.ts";
import { holds } from "../property.ts";

/** All bodies of a push that is expected to go well. */
function bodiesOf(parser: FrameParser, chunk: Uint8Array): readonly Uint8Array[] {
  const parsed = parser.push(chunk);
  if (!parsed.ok) throw new Error(`refused: ${parsed.error.code}`);
  return parsed.value;
}

const header = (length: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
};

describe("encodeFrame", () => {
  it("is the length as four bytes, the highest first, and then the body", () => {
    expect(encodeFrame(Uint8Array.of(7, 8, 9))).toEqual(Uint8Array.of(0, 0, 0, 3, 7, 8, 9));
    const long = encodeFrame(new Uint8Array(0x01_02_03).fill(5));
    expect(long.subarray(0, 5)).toEqual(Uint8Array.of(0, 1, 2, 3, 5));
  });

  it("takes 1 byte and the largest body; a body outside of that is a bug", () => {
    expect(encodeFrame(new Uint8Array(1))).toHaveLength(5);
    expect(encodeFrame(new Uint8Array(MAX_FRAME_BYTES))).toHaveLength(MAX_FRAME_BYTES + 4);
    expect(() => encodeFrame(new Uint8Array(0))).toThrow("FrameLength");
    expect(() => encodeFrame(new Uint8Array(MAX_FRAME_BYTES + 1))).toThrow("FrameLength");
  });

  it("copies the body", () => {
    const body = Uint8Array.of(1, 2);
    const frame = encodeFrame(body);
    body.fill(0);
    expect(frame).toEqual(Uint8Array.of(0, 0, 0, 2, 1, 2));
  });
});

describe("FrameParser", () => {
  it("gives back the bodies, in order, wherever the stream is cut", () => {
    const body = fc.uint8Array({ minLength: 1, maxLength: 40 });
    const cut = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    holds(
      fc.property(fc.array(body), cut, (bodies, cuts) => {
        const stream = Buffer.concat(bodies.map(encodeFrame));
        const parser = new FrameParser();
        const got: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const end = at + (cuts[turn % cuts.length] ?? 1);
          got.push(...bodiesOf(parser, stream.subarray(at, end)));
          at = end;
        }
        expect(got.map((b) => [...b])).toEqual(bodies.map((b) => [...b]));
        expect(parser.unfinishedBytes).toBe(0);
      }),
      500,
    );
  });

  it("takes the largest body byte by byte", () => {
    const body = new Uint8Array(MAX_FRAME_BYTES).map((_, i) => i % 251);
    const frame = encodeFrame(body);
    const parser = new FrameParser();
    for (let i = 0; i < frame.length - 1; i += 1) {
      if (bodiesOf(parser, frame.subarray(i, i + 1)).length > 0) throw new Error(`early, at ${i}`);
    }
    const [got] = bodiesOf(parser, frame.subarray(frame.length - 1));
    expect(Buffer.compare(got ?? new Uint8Array(), body)).toBe(0);
  });

  it("does not copy a body that lies wholly in the chunk, and keeps no chunk otherwise", () => {
    const chunk = Uint8Array.of(0, 0, 0, 2, 1, 2, 0, 0, 0, 2, 3);
    const parser = new FrameParser();
    const [whole] = bodiesOf(parser, chunk);
    expect(whole?.buffer).toBe(chunk.buffer);
    chunk.fill(9);
    expect(bodiesOf(parser, Uint8Array.of(4))).toEqual([Uint8Array.of(3, 4)]);
  });

  it("counts what it has of an unfinished frame, header included", () => {
    const parser = new FrameParser();
    bodiesOf(parser, Uint8Array.of(0, 0));
    expect(parser.unfinishedBytes).toBe(2);
    bodiesOf(parser, Uint8Array.of(0, 3, 1, 2));
    expect(parser.unfinishedBytes).toBe(6);
    bodiesOf(parser, Uint8Array.of(3));
    expect(parser.unfinishedBytes).toBe(0);
  });

  it("accepts the largest length and refuses the next, at the header, before any of the body (A4)", () => {
    expect(new FrameParser().push(header(MAX_FRAME_BYTES))).toEqual({ ok: true, value: [] });
    for (const length of [MAX_FRAME_BYTES + 1, 0x7f_ff_ff_ff, 0x80_00_00_00, 0xff_ff_ff_ff]) {
      expect(new FrameParser().push(header(length))).toEqual({
        ok: false,
        error: { code: "frame_too_large", length, limit: MAX_FRAME_BYTES },
      });
    }
  });

  it("refuses a frame of no bytes (A4)", () => {
    const error = { code: "frame_invalid", why: "zero_length" };
    expect(new FrameParser().push(header(0))).toEqual({ ok: false, error });
  });

  it("refuses at the fourth byte of a header that comes byte by byte", () => {
    const parser = new FrameParser();
    for (let i = 0; i < 3; i += 1) expect(parser.push(Uint8Array.of(0xff)).ok).toBe(true);
    expect(parser.push(Uint8Array.of(0xff)).ok).toBe(false);
  });

  it("repeats its refusal, whatever comes after", () => {
    const parser = new FrameParser();
    const refused = parser.push(header(0));
    expect(parser.push(encodeFrame(Uint8Array.of(1)))).toEqual(refused);
    expect(parser.push(new Uint8Array(0))).toEqual(refused);
  });

  it("never throws, and never yields a body outside the bounds", () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 });
    holds(
      fc.property(chunks, (parts) => {
        const parser = new FrameParser();
        for (const part of parts) {
          const parsed = parser.push(part);
          if (!parsed.ok) return;
          for (const body of parsed.value) expect(body.length).toBeGreaterThan(0);
        }
      }),
      2000,
    );
  });
});
