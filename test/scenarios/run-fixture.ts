import type {
  BankSummary,
  Manifest,
  PaymentRow,
  RunResult,
  SwapDiagram,
  SwapRow,
} from "../../scenarios/run-result.ts";

/** A result as a run of the main scenario leaves it, invented from a seed: for tests of what is written and drawn. */
export function inventRun(
  options: { readonly seed?: number; readonly swaps?: number } = {},
): RunResult {
  const { seed = 7, swaps: count = 170 } = options;
  const random = uniform(seed);
  const startedUs = Date.parse("2026-10-01T09:00:00.250Z") * 1000;
  const swaps = Array.from({ length: count }, (_, i) => inventSwap(i + 1, startedUs, random));
  const payments = Array.from({ length: 60 }, (_, i) => inventPayment(i + 1, startedUs, random));
  return {
    manifest: inventManifest(seed, swaps),
    swaps,
    payments,
    diagram: inventDiagram(startedUs),
  };
}

type Random = () => number;

/** Mulberry32: the same numbers from 0 to 1 for the same seed. */
function uniform(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const BANKS: readonly BankSummary[] = [
  ["kz", "National Bank of Kazakhstan", "KZT"],
  ["cn", "People's Bank of China", "CNY"],
  ["hk", "Hong Kong Monetary Authority", "HKD"],
  ["th", "Bank of Thailand", "THB"],
  ["ae", "Central Bank of the UAE", "AED"],
  ["sa", "Saudi Central Bank", "SAR"],
].map(([id = "", name = "", currency = ""], i) => ({
  number: i + 1,
  id,
  name,
  currency,
  decimals: 2,
  members: 24 - i,
}));

/** Units per dollar, for amounts of a believable size. */
const PER_USD: Readonly<Record<string, number>> = {
  KZT: 465.2,
  CNY: 7.1,
  HKD: 7.8,
  THB: 32.4,
  AED: 3.67,
  SAR: 3.75,
};

const PAIRS = [
  "KZT/CNY",
  "KZT/CNY",
  "CNY/KZT",
  "KZT/AED",
  "KZT/HKD",
  "KZT/THB",
  "SAR/KZT",
  "CNY/HKD",
].concat(["AED/CNY", "THB/CNY", "AED/SAR", "HKD/THB"]);

const KILLED_MS = 9_000;
const RESTARTED_MS = 10_500;

function inventSwap(number: number, startedUs: number, random: Random): SwapRow {
  const pair = PAIRS[Math.floor(random() * PAIRS.length)] ?? "KZT/CNY";
  const [sellCurrency = "", buyCurrency = ""] = pair.split("/");
  const usd = Math.exp(10.5 + 1.1 * (random() + random() + random() - 1.5));
  const minor = (currency: string): string =>
    String(Math.round(usd * 100 * (PER_USD[currency] ?? 1)));
  const ms = (value: number): number => Math.round(value * 1000);

  const initiatedUs = startedUs + ms(2_600 + 15_000 * random());
  const submittedUs = initiatedUs + ms(50 + 350 * random());
  const receivedUs = submittedUs + ms(0.3 + random());
  const isDown =
    receivedUs - startedUs > ms(KILLED_MS) && receivedUs - startedUs < ms(RESTARTED_MS);
  const isStruck = isDown && pair.includes("CNY");
  const outcome = isStruck && random() < 0.6 ? "voided" : random() < 0.03 ? "rejected" : "settled";
  const announcedUs = receivedUs + ms(0.6 + 2 * random());
  const lockedSellUs = announcedUs + ms(0.5 + random());
  const lockedBuyUs = announcedUs + ms(3 + 4 * random());
  const slow = isStruck ? ms(900 + 1800 * random()) : 0;
  const decidedUs = lockedBuyUs + slow + ms(3 + 5 * random() + 30 * random() ** 6);
  const finalSellUs = decidedUs + ms(1 + 2 * random());
  const finalBuyUs = decidedUs + ms(1 + 3 * random());
  const lastUs = Math.max(finalSellUs, finalBuyUs);
  const isSettled = outcome === "settled";
  const wasHeld = outcome !== "rejected";
  const seller = `${BANKS.find((bank) => bank.currency === sellCurrency)?.id ?? "kz"}-steppe`;
  const buyer = `${BANKS.find((bank) => bank.currency === buyCurrency)?.id ?? "cn"}-lotus`;
  return {
    id: `swap-${number}`,
    sid: wasHeld ? number.toString(16).padStart(64, "c0ffee") : "",
    arrangement: "certified",
    pair,
    sellCurrency,
    sellAmount: minor(sellCurrency),
    buyCurrency,
    buyAmount: minor(buyCurrency),
    usdCents: String(Math.round(usd * 100)),
    payer: seller,
    counterparty: buyer,
    outcome,
    reason: isSettled
      ? ""
      : wasHeld
        ? "PVP_EXPIRED"
        : random() < 0.7
          ? "FUNDS_INSUFFICIENT"
          : "LIMIT_BALANCE",
    view: isStruck ? 1 : 0,
    initiatedUs,
    submittedUs,
    receivedUs,
    announcedUs: wasHeld ? announcedUs : 0,
    lockedSellUs: wasHeld ? lockedSellUs : 0,
    lockedBuyUs: wasHeld ? lockedBuyUs : 0,
    decidedUs: wasHeld ? decidedUs : 0,
    finalSellUs: wasHeld ? finalSellUs : 0,
    finalBuyUs: wasHeld ? finalBuyUs : 0,
    processMs: isSettled ? (lastUs - initiatedUs) / 1000 : null,
    settleMs: isSettled ? (lastUs - receivedUs) / 1000 : null,
    heldMs: wasHeld ? (lastUs - lockedSellUs) / 1000 : null,
  };
}

function inventPayment(number: number, startedUs: number, random: Random): PaymentRow {
  const kind = ["domestic", "tagged", "one-way"][Math.floor(random() * 3)] ?? "domestic";
  const isRefused = random() < 0.08;
  const submittedUs = startedUs + Math.round(15_000_000 * random());
  return {
    id: `payment-${number}`,
    kind,
    bank: "kz",
    currency: "KZT",
    payer: "kz-steppe",
    payee: "kz-tulip",
    amount: String(Math.round(1e9 * random())),
    tag: kind === "tagged" ? "school-12" : "",
    outcome: isRefused ? "rejected" : "executed",
    reason: isRefused ? "TAG_PAYEE_NOT_ALLOWED" : "",
    expected: "",
    diversion: "",
    submittedUs,
    finalUs: submittedUs + Math.round(800 + 4_000 * random()),
  };
}

function inventManifest(seed: number, swaps: readonly SwapRow[]): Manifest {
  const settled = swaps.filter((swap) => swap.outcome === "settled").length;
  return {
    format: "daliz-run/1",
    scenario: "tenge-corridor",
    title: "Digital tenge in a corridor of six central banks",
    question:
      "Do 170 payment-versus-payment swaps of six currencies each settle on both ledgers or on " +
      "neither, without any central bank giving up its own ledger?",
    mode: "live",
    arrangement: "certified",
    seed,
    startedAt: "2026-10-01T09:00:00.250Z",
    durationMs: 21_480,
    versions: { daliz: "0.1.0", node: "24.21.0", openssl: "3.5.4" },
    modelled: [
      "Kazakhstan in such a corridor is counterfactual.",
      "The commercial banks, the companies and the workload are invented.",
      "Reserves in the RTGS systems are modelled: issuing debits a number, not a real account.",
      "Compliance screening is modelled as a delay between initiation and submission.",
    ],
    banks: BANKS,
    heads: BANKS.map(({ id, number }) => ({
      bank: id,
      file: `ledgers/${id}.ledger`,
      seq: 900 + number,
      hash: number.toString(16).padStart(64, "5eed"),
      bytes: 812_000 + number * 977,
    })),
    conservation: BANKS.map(({ currency }) => ({
      currency,
      issued: String(3_200_000_000_000n / BigInt(currency.charCodeAt(0))),
      redeemed: "0",
      posted: String(3_200_000_000_000n / BigInt(currency.charCodeAt(0))),
      pending: "0",
      holds: true,
    })),
    audit: {
      passed: true,
      blocks: 5_406,
      entries: 9_812,
      signatures: 12_340,
      swaps: settled,
      findings: [],
    },
    visibility: [
      [
        "bank taking part",
        swaps.length,
        swaps.length,
        swaps.length,
        swaps.length,
        "Its own swaps in full.",
      ],
      [
        "witness bank",
        swaps.length,
        0,
        0,
        swaps.length,
        "Who settles, until when, and a salted commitment.",
      ],
      ["stranger on the network", 0, 0, 0, 0, "Only encrypted traffic: its times and sizes."],
    ].map(([role, announcements, amounts, parties, outcomes, note]) => ({
      role: String(role),
      announcements: Number(announcements),
      amounts: Number(amounts),
      parties: Number(parties),
      outcomes: Number(outcomes),
      note: String(note),
    })),
    faults: [
      { atMs: KILLED_MS, bank: "cn", what: "killed (SIGKILL)" },
      { atMs: RESTARTED_MS, bank: "cn", what: "restarted from its ledger" },
    ],
    expectations: [
      { name: "conservation", holds: true, detail: "six currencies, to the last tiyn" },
      { name: "atomicity", holds: true, detail: `${swaps.length} swaps, both legs or none` },
      {
        name: "all-swaps-settle",
        holds: settled === swaps.length,
        detail: `${settled} of ${swaps.length}`,
      },
    ],
    connectedMs: 2_410,
    document: {
      name: "tenge-corridor",
      seed,
      corridor: { byzantine: 1, crashed: 1, deltaMs: 250, ttlMs: 10_000 },
      workload: { kind: "generated", durationMs: 15_000, screeningMs: [50, 400] },
    },
  };
}

/** One swap of `kz` and `cn`, as its messages go on the fast path. */
function inventDiagram(startedUs: number): SwapDiagram {
  const at = startedUs + 4_200_000;
  const ids = BANKS.map((bank) => bank.id);
  const messages: SwapDiagram["messages"][number][] = [];
  const broadcast = (from: string, sentMs: number, label: string): void => {
    for (const [i, to] of ids.entries()) {
      if (to === from) continue;
      const sentUs = at + Math.round(sentMs * 1000);
      const receivedUs = sentUs + 900 + ((ids.indexOf(from) * 7 + i * 5) % 11) * 130;
      messages.push({ from, to, sentUs, receivedUs, label, isPrivate: false });
    }
  };
  const terms = { from: "kz", to: "cn", sentUs: at + 700, receivedUs: at + 1_650 };
  messages.push({ ...terms, label: "TERMS", isPrivate: true });
  broadcast("kz", 2.1, "ANNOUNCE LOCK");
  broadcast("cn", 5.4, "LOCK");
  for (const [i, id] of ids.entries()) broadcast(id, 8.2 + 0.55 * i, "VOTE");
  broadcast("kz", 13.4, "SETTLE");
  broadcast("cn", 14.1, "SETTLE");
  const step = (bank: string, ms: number, label: string): SwapDiagram["steps"][number] => ({
    bank,
    atUs: at + Math.round(ms * 1000),
    label,
  });
  return {
    id: "swap-12",
    sid: "c0ffee".repeat(10) + "000c",
    pair: "KZT/CNY",
    banks: ids.map((id) => ({ id, role: id === "kz" || id === "cn" ? "taking part" : "witness" })),
    messages: messages.sort((a, b) => a.sentUs - b.sentUs),
    steps: [
      step("kz", 0, "received"),
      step("kz", 1.9, "locked"),
      step("cn", 5.2, "locked"),
      ...ids.map((id, i) => step(id, 8.0 + 0.55 * i, "voted")),
      step("kz", 11.6, "decided"),
      step("cn", 12.2, "decided"),
      step("kz", 13.2, "settled"),
      step("cn", 13.9, "settled"),
    ],
  };
}
