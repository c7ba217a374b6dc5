import type { Bytes } from "../crypto/bytes.ts";
import {
  bin,
  binUpTo,
  decode,
  encode,
  list,
  nullable,
  tuple,
  uint,
  type Layout,
  type LayoutValue,
} from "../crypto/canonical-layout.ts";
import type { CanonicalRejection } from "../crypto/canonical-value.ts";
import type { Signature } from "../crypto/ed25519.ts";
import { ok, reject, type Outcome } from "../crypto/outcome.ts";
import { MAX_BANKS } from "../node/genesis.ts";
import { bankLayout, hashLayout } from "../node/ids.ts";
import { signedInstructionLayout } from "../node/instruction.ts";
import {
  parsePublicBlock,
  PUBLIC_BLOCK_HEAD,
  type Block,
  type BlockRejection,
} from "../node/ledger/block.ts";
import {
  MAX_TERMS_BYTES,
  rejectionCodeLayout,
  ruleIdLayout,
} from "../node/ledger/domestic-entries.ts";
import { corridorEntryLayout, type CorridorEntry } from "./entries.ts";
import { MAX_LEGS } from "./limits.ts";

/** The first byte of a message; the canonical bytes of its fields follow (FORMAT.md, section 10). */
export const MESSAGE = {
  PUSH: 1,
  HEADS: 2,
  GET: 3,
  GET_ANNOUNCEMENT: 4,
  TERMS: 6,
  GET_TERMS: 7,
  DECLINE: 8,
} as const;

const headLayout = tuple({ bank: bankLayout, seq: uint(), hash: hashLayout });

/** How far the sender's copies of the banks' logs reach, and the receiver's newest block, shown. */
const headsLayout = tuple({
  heads: list(headLayout, MAX_BANKS),
  yours: nullable(tuple({ header: binUpTo(512, 1), signature: bin<Signature>(64) })),
});

/** Asks for blocks `from` to `to` of a bank; `tip` names the branch of a forked log by the hash of its block `to`. */
const getLayout = tuple({
  bank: bankLayout,
  from: uint(),
  to: uint(),
  tip: nullable(hashLayout),
});

const swapLayout = tuple({ sid: hashLayout });

/** Only between the banks taking part, never relayed. */
const termsMessageLayout = tuple({
  sid: hashLayout,
  terms: binUpTo(MAX_TERMS_BYTES, 1),
  salt: bin<Bytes>(32),
  instructions: list(signedInstructionLayout, MAX_LEGS),
});

/** Why a REFUSE; only to the banks taking part. */
const declineLayout = tuple({
  sid: hashLayout,
  code: rejectionCodeLayout,
  rules: list(ruleIdLayout, 8),
});

export type Message =
  | {
      readonly kind: "push";
      readonly block: Block;
      readonly bytes: Bytes;
      readonly entries: readonly ReadEntry[];
    }
  | ({ readonly kind: "heads" } & LayoutValue<typeof headsLayout>)
  | ({ readonly kind: "get" } & LayoutValue<typeof getLayout>)
  | ({ readonly kind: "get-announcement" } & LayoutValue<typeof swapLayout>)
  | ({ readonly kind: "terms" } & LayoutValue<typeof termsMessageLayout>)
  | ({ readonly kind: "get-terms" } & LayoutValue<typeof swapLayout>)
  | ({ readonly kind: "decline" } & LayoutValue<typeof declineLayout>);

/** A corridor entry of a block; `undefined` where its bytes are none: whoever signed it is to blame. */
export type ReadEntry = CorridorEntry | undefined;

export const readEntries = (block: Block): readonly ReadEntry[] =>
  block.corridor.map((bytes) => {
    const entry = decode(corridorEntryLayout, bytes);
    return entry.ok ? entry.value : undefined;
  });

export type MessageRejection =
  CanonicalRejection | BlockRejection | { readonly code: "message_unknown"; readonly kind: number };

type Fields<K extends Message["kind"]> = Omit<Extract<Message, { readonly kind: K }>, "kind">;

export const encodePush = (publicBlock: Bytes): Bytes => prefixed(MESSAGE.PUSH, publicBlock);
/** What stands before the public fields of a block in a PUSH: the message's kind and the array head. */
export const PUSH_PREFIX: Bytes = Uint8Array.of(MESSAGE.PUSH, PUBLIC_BLOCK_HEAD);

export const encodeHeads = (fields: Fields<"heads">): Bytes =>
  message(MESSAGE.HEADS, headsLayout, fields);
export const encodeGet = (fields: Fields<"get">): Bytes => message(MESSAGE.GET, getLayout, fields);
export const encodeGetAnnouncement = (fields: Fields<"get-announcement">): Bytes =>
  message(MESSAGE.GET_ANNOUNCEMENT, swapLayout, fields);
export const encodeTerms = (fields: Fields<"terms">): Bytes =>
  message(MESSAGE.TERMS, termsMessageLayout, fields);
export const encodeGetTerms = (fields: Fields<"get-terms">): Bytes =>
  message(MESSAGE.GET_TERMS, swapLayout, fields);
export const encodeDecline = (fields: Fields<"decline">): Bytes =>
  message(MESSAGE.DECLINE, declineLayout, fields);

/** Bytes of one frame to a message. Total; a block's roots are checked, its signature is not. */
export function parseMessage(frame: Bytes): Outcome<Message, MessageRejection> {
  const kind = frame[0] ?? 0;
  const body = frame.subarray(1);
  switch (kind) {
    case MESSAGE.PUSH: {
      const block = parsePublicBlock(body);
      if (!block.ok) return block;
      const entries = readEntries(block.value);
      return ok({ kind: "push", block: block.value, bytes: body, entries });
    }
    case MESSAGE.HEADS:
      return tagged("heads", decode(headsLayout, body));
    case MESSAGE.GET:
      return tagged("get", decode(getLayout, body));
    case MESSAGE.GET_ANNOUNCEMENT:
      return tagged("get-announcement", decode(swapLayout, body));
    case MESSAGE.TERMS:
      return tagged("terms", decode(termsMessageLayout, body));
    case MESSAGE.GET_TERMS:
      return tagged("get-terms", decode(swapLayout, body));
    case MESSAGE.DECLINE:
      return tagged("decline", decode(declineLayout, body));
    default:
      return reject({ code: "message_unknown", kind });
  }
}

function tagged<K extends string, T, E>(
  kind: K,
  fields: Outcome<T, E>,
): Outcome<{ readonly kind: K } & T, E> {
  return fields.ok ? ok({ kind, ...fields.value }) : fields;
}

function message<T>(kind: number, layout: Layout<T>, fields: T): Bytes {
  return prefixed(kind, encode(layout, fields));
}

function prefixed(kind: number, body: Bytes): Bytes {
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = kind;
  bytes.set(body, 1);
  return bytes;
}
