import type { ListenAt } from "../../node/io/open-api/open-api.ts";
import { badInput } from "../exit.ts";

/** `HOST:PORT`, such as 127.0.0.1:0 or [::1]:8443; port 0 is one that is free. */
export function parseListenAt(flag: string, found: string): ListenAt {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([0-9A-Za-z.-]+)):([0-9]{1,5})$/.exec(found);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw badInput(`${flag} ${found}: want an address such as 127.0.0.1:8080, or 127.0.0.1:0`);
  }
  return { host: match[1] ?? match[2] ?? "", port };
}
