/** A process of two linked hosts, a third that dials in vain, and nothing to do after `stop`. */
import { setTimeout as pause } from "node:timers/promises";
import { startBank, until } from "./network.ts";

const leave = (): void => undefined;
const two = await startBank(leave, { number: 2, peers: { 1: undefined } });
const one = await startBank(leave, { number: 1, peers: { 2: two.address } });
const three = await startBank(leave, { number: 3, peers: { 1: "/ip4/127.0.0.1/tcp/1" } });
await until(() => one.linked(2) && two.linked(1) && three.logs.length > 0);
await Promise.all([one, two, three].map(({ host }) => host.stop()));
await pause(50);
const left = process.getActiveResourcesInfo().filter((kind) => /Timeout|TCP/.test(kind));
console.log(`stopped, left: [${left.join()}]`);
