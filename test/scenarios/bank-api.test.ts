import { describe, expect, it } from "vitest";
import { parseListenAt } from "../../scenarios/commands/listen-at.ts";

describe("the address of an Open API", () => {
  it.each([
    ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
    ["0.0.0.0:65535", { host: "0.0.0.0", port: 65_535 }],
    ["[::1]:8443", { host: "::1", port: 8443 }],
    ["localhost:8080", { host: "localhost", port: 8080 }],
  ])("%s is one", (text, address) => {
    expect(parseListenAt("--api", text)).toEqual(address);
  });

  it.each([
    "",
    ":1",
    "8080",
    "127.0.0.1",
    "127.0.0.1:65536",
    "::1:80",
    "[::1]",
    "a b:1",
    "h:-1",
    "h:1\n",
  ])("%j is none, and that is said with an example", (text) => {
    expect(() => parseListenAt("--api", text)).toThrow(
      /^--api .*: want an address such as 127\.0\.0\.1:8080/s,
    );
  });
});
