import { createHash } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";

export interface FolderLockRejection {
  readonly code: "already_running";
  readonly folder: string;
}

/**
 * Makes sure that one process at a time works on a data folder. The lock is a local socket named by
 * the folder: the kernel frees it when the process ends, however it ends, so no stale lock is left.
 */
export async function lockFolder(
  folder: string,
): Promise<Outcome<{ release(): void }, FolderLockRejection>> {
  const real = fs.realpathSync(folder);
  const name = `daliz-${createHash("sha256").update(real).digest("hex").slice(0, 32)}`;
  const linux = process.platform === "linux";
  const address = linux ? `\0${name}` : path.join(os.tmpdir(), `${name}.sock`);
  if (!linux && !(await isAlive(address))) fs.rmSync(address, { force: true });
  const server = net.createServer((socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once("error", () => resolve(reject({ code: "already_running", folder: real })));
    server.listen(address, () => {
      server.unref();
      resolve(ok({ release: () => server.close() }));
    });
  });
}

function isAlive(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(address);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}
