#!/usr/bin/env node
// The installed command. Plain JavaScript, because the Node.js that starts it may be too old for
// TypeScript and must still reach the check. The imports run one after the other, in this order.
import { register } from "tsx/esm/api";

register();
await import("./runtime-check.ts");
await import("./main.ts");
