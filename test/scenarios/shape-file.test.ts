import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { drawShapes, readShapes, shapesOf, writeShapes } from "../../scenarios/live/shape-file.ts";
import { tempFolder } from "../process/daliz.ts";
import { GENERATED, good } from "./fixtures.ts";

const SCENARIO = good(GENERATED, ["network.topology=pairs.csv", "network.bandwidthMbps=50"]);

describe("the shapes of a bank's links", () => {
  it("are those of the scenario's network, by the numbers of the peers", () => {
    expect(shapesOf(SCENARIO, "cn")).toEqual({
      seed: 42,
      model: "measured",
      bandwidthMbps: 50,
      links: [
        { peer: 1, p50Us: 36_000, jitterUs: 9_250 },
        { peer: 3, p50Us: 20_000, jitterUs: 5_000 },
      ],
    });
  });

  it("are none without a topology and a bandwidth", () => {
    expect(shapesOf(good(GENERATED), "cn")).toBeUndefined();
    expect(shapesOf(good(GENERATED, ["network.bandwidthMbps=9"]), "cn")?.links).toHaveLength(2);
  });

  it("survive the file, and a restarted bank draws the same delays again", () => {
    const shapes = shapesOf(SCENARIO, "cn");
    if (shapes === undefined) throw new Error("no shapes");
    const file = path.join(tempFolder(onTestFinished), "cn.shape.json");
    writeShapes(file, shapes);
    expect(readShapes(file)).toEqual(shapes);
    const draw = (self: number): readonly (number | undefined)[] => {
      const links = drawShapes(readShapes(file), self);
      return Array.from({ length: 20 }, () => links.get(1)?.delayUs());
    };
    expect(draw(2)).toEqual(draw(2));
    expect(draw(2)).not.toEqual(draw(3));
    expect(draw(2).every((us) => us !== undefined && us > 20_000 && us < 60_000)).toBe(true);
  });

  it.each([
    "",
    "null",
    "{}",
    '{"seed":1,"model":"normal","bandwidthMbps":null,"links":[]}',
    '{"seed":-1,"model":"measured","bandwidthMbps":null,"links":[]}',
    '{"seed":1,"model":"measured","bandwidthMbps":0,"links":[]}',
    '{"seed":1,"model":"measured","bandwidthMbps":null,"links":[null]}',
    '{"seed":1,"model":"measured","bandwidthMbps":null,"links":[{"peer":2,"p50Us":0.5,"jitterUs":0}]}',
  ])("are refused in a file with %j", (text) => {
    const file = path.join(tempFolder(onTestFinished), "shape.json");
    fs.writeFileSync(file, text);
    expect(() => readShapes(file)).toThrow("shape_invalid");
  });
});
