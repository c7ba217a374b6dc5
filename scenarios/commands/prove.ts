import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { hashKey } from "../../crypto/hash.ts";
import { decisionName } from "../../corridor/decided.ts";
import { proveSwap } from "../../corridor/prove.ts";
import { checkSwapProof, encodeSwapProof, type Proven } from "../../corridor/proof.ts";
import type { Genesis } from "../../node/genesis.ts";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import { CommandError, badInput, EXIT } from "../exit.ts";
import { audit, readBytes, readGenesis, readLedgers } from "../ledger-files.ts";

/** `daliz prove`: writes a self-contained proof of how a swap was decided. */
export async function runProve(
  folder: string,
  sid: string,
  options: { readonly out?: string },
): Promise<void> {
  if (!/^[0-9a-f]{4,64}$/.test(sid)) {
    throw badInput(
      `swap id ${sid}: want 4 to 64 lower-case hex digits (see swaps.csv, column sid)`,
    );
  }
  await useFastSha256();
  const files = readLedgers([folder]);
  if (files.signatures === "modelled") {
    throw badInput(
      `${folder}: signatures are modelled, which proves nothing to anybody; want a run that signed for real`,
    );
  }
  if (files.sharedLedger !== undefined) {
    throw badInput(
      `${folder}: arrangement shared-ledger: there is no proof of a single swap of a shared ledger yet; ` +
        "daliz verify checks the whole chain",
    );
  }
  const proof = proveSwap(audit(files).ledgers, sid);
  if (!proof.ok) throw badInput(`${proof.error.code}: ${proof.error.found}`);
  const bytes = encodeSwapProof(proof.value);
  const checked = checkSwapProof(bytes, files.genesis, files.verifier);
  if (!checked.ok) {
    const { where, why } = checked.error;
    throw new CommandError(EXIT.violated, `proof_invalid: ${where}: ${why}`);
  }
  const name = `swap-${hashKey(checked.value.sid).slice(0, 16)}.proof`;
  const file = options.out ?? path.join(folder, name);
  try {
    fs.writeFileSync(file, bytes, { flag: "wx" });
  } catch (error) {
    throw badInput(`${file}: ${(error as Error).message}`);
  }
  process.stdout.write(
    `${file}: ${bytes.length} bytes\n${describe(checked.value, files.genesis)}\n`,
  );
}

/** `daliz check-proof`: checks a proof with the corridor's public keys alone. */
export function runCheckProof(file: string, options: { readonly genesis: string }): void {
  const verifier = acceleratedVerifier(opensslVerifier());
  const genesis = readGenesis(options.genesis, verifier);
  const checked = checkSwapProof(readBytes(file), genesis, verifier);
  if (!checked.ok) {
    const { where, why } = checked.error;
    throw new CommandError(EXIT.violated, `proof_invalid: ${where}: ${why}`);
  }
  process.stdout.write(`valid\n${describe(checked.value, genesis)}\n`);
}

function describe(proven: Proven, genesis: Genesis): string {
  const { sid, announcement, decision, view, signers, closedLegs } = proven;
  const name = (number: number): string =>
    genesis.banks.find((bank) => (bank.number as number) === number)?.id ?? String(number);
  const between = announcement.legBanks.map(name).join(" and ");
  const round = view === 0 ? "view 0" : `view ${view} of the slow path`;
  const isCertified = announcement.arrangement === "certified";
  const weight = isCertified
    ? `(quorum ${genesis.quorum} of ${genesis.banks.length})`
    : `(${announcement.arrangement}: one signature decides, and no quorum stands behind it)`;
  return [
    `swap ${hashKey(sid)} between ${between} was ${decisionName(decision)} in ${round}`,
    `signed by ${signers.map(name).join(", ")} ${weight}`,
    `legs closed in the proof: ${closedLegs.length} of ${announcement.legBanks.length}`,
  ].join("\n");
}
