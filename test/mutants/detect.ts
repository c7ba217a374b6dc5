import process from "node:process";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import type { Detection } from "./detection.ts";
import { detect } from "./detectors.ts";
import type { DetectorName } from "./mutant.ts";
import { planted } from "./planted.ts";

/**
 * `MUTANT=second-vote node --import ./test/mutants/register.ts test/mutants/detect.ts swarm chaos`: lets
 * the detectors look, in order, until one finds something; prints a `Detection`.
 */
await useFastSha256();
let detection: Detection = { detector: "none", ...planted };
for (const name of process.argv.slice(2) as DetectorName[]) {
  const finding = await detect(name);
  detection = { detector: name, ...planted, ...(finding === undefined ? {} : { finding }) };
  if (finding !== undefined) break;
}
process.stdout.write(`${JSON.stringify(detection)}\n`);
