import { MAX_BANKS } from "../../node/genesis.ts";
import { MAX_ESTIMATE_LINES, MAX_RULES, MAX_TAG_PAYEES } from "../../node/limits.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import { BORDER_MODE, DISCLOSURE, MAX_DEPTH, TAG_KIND } from "../../node/tags/definition.ts";
import {
  DEFAULT_CYCLE_MS,
  DEFAULT_EPSILON_MS,
  DEFAULT_PAY_IN_MS,
  MAX_DURATION_MS,
  MAX_PACE,
  MAX_TAG_VALIDITY_MS,
} from "../scenario-limits.ts";
import { choice, listOf, mapOf, ref, wholeNumber, withDefault } from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const MAX_TAG_PURPOSES = 16;

const bank = mapOf(
  { title: "Bank", description: "A central bank: one peer of the corridor, one currency." },
  {
    id: ref("name", "Names the bank everywhere else in the file."),
    name: ref("plainText", "For display; part of the genesis file."),
    currency: ref("currency", "The bank's own currency; no other bank has it."),
    decimals: withDefault(wholeNumber(0, 6, "Decimal places of the major unit."), 2),
    ruleFiles: listOf(
      {
        description: "A file beside the scenario file, else one that comes with the program.",
        type: "string",
        pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,58}\\.yaml$",
        "x-allowed": "the name of a YAML file without folders, such as kz-rules.yaml",
      },
      { max: 8, unique: true },
      "Files of rules, asked in this order.",
    ),
    rules: listOf(
      ref("rule", "One rule."),
      { max: MAX_RULES },
      "Rules of the bank's own, asked in this order, after those of its rule files.",
    ),
    utcOffsetMinutes: withDefault(
      wholeNumber(0, 840, "How far the bank's local time is ahead of UTC."),
      0,
    ),
    vatBasisPoints: withDefault(
      wholeNumber(
        0,
        10_000,
        "Rate of value added tax on the net amount, in hundredths of a per cent.",
      ),
      0,
    ),
  },
  ["decimals", "ruleFiles", "rules", "utcOffsetMinutes", "vatBasisPoints"],
);

const member = mapOf(
  { title: "Member", description: "An account holder at a bank." },
  {
    id: ref("name", "Names the member and its accounts; unique in the corridor."),
    name: ref("shortText", "For display."),
    bank: ref("name", "The bank where the member is at home."),
    class: choice(Object.keys(MEMBER_CLASS), "Only commercial banks take part in swaps."),
    reserves: ref(
      "amount",
      "Balance in the modelled RTGS system, in the bank's currency; by default what is issued.",
    ),
    issue: withDefault(
      ref("amount", "What of the reserves becomes CBDC at the start of the run."),
      "0.00",
    ),
    through: ref("name", "The organisation through which the member reaches its bank."),
    nonResidentAt: {
      description:
        "Other banks where the member is a non-resident member, to receive and pay their currency; `all` names all others.",
      default: [],
      type: ["array", "string"],
      pattern: "^all$",
      items: ref("name", "A bank."),
      maxItems: MAX_BANKS - 1,
      uniqueItems: true,
      "x-allowed": "all, or a list of banks such as [cn, hk]",
    },
  },
  ["name", "reserves", "issue", "through", "nonResidentAt"],
);

const tag = mapOf(
  {
    title: "Tag",
    description: "A tag of the owner's bank: who may be paid, under which lines, for what.",
  },
  {
    id: ref("name", "Names the tag in this file."),
    owner: ref("name", "The fund owner: a treasury or commercial bank."),
    kind: choice(Object.keys(TAG_KIND), "What the money is meant for."),
    colour: {
      description: "For display only.",
      type: "string",
      pattern: "^[a-z]{1,16}$",
      "x-allowed": "a colour in 1 to 16 of a-z, such as red",
    },
    reference: ref("plainText", "Such as a contract number; one tag each."),
    purposes: listOf(
      ref("code", "A purpose code that payments under the tag name."),
      { min: 1, max: MAX_TAG_PURPOSES, unique: true },
      "Purposes that payments may have.",
    ),
    payees: listOf(
      mapOf(
        { title: "Payee", description: "Who may be paid." },
        {
          account: ref("name", "A resident member of the owner's bank."),
          final: {
            description: "Whether the tag ends when this payee is paid.",
            type: "boolean",
          },
        },
      ),
      { min: 1, max: MAX_TAG_PAYEES },
      "Everybody whom money under the tag may reach.",
    ),
    lines: listOf(
      mapOf(
        { title: "Line", description: "A line of the design-and-estimate documentation." },
        {
          line: ref("line", "Its code."),
          max: ref("amount", "What may be paid into the chain under it."),
          maxUnitPrice: ref("amount", "What one piece may cost a final payer."),
          quantity: wholeNumber(0, 0xffff_ffff, "Pieces that may be bought in all."),
          importable: {
            description: "Whether a foreign supplier may be paid under it (FINAL_IMPORT).",
            type: "boolean",
            default: false,
          },
        },
        ["maxUnitPrice", "quantity", "importable"],
      ),
      { min: 1, max: MAX_ESTIMATE_LINES },
      "The estimate.",
    ),
    issue: withDefault(
      ref("amount", "Untagged money that the owner puts under the tag at the start."),
      "0.00",
    ),
    validForMs: wholeNumber(
      1,
      MAX_TAG_VALIDITY_MS,
      "From the start of the run; then what is left returns to the owner.",
    ),
    borderMode: withDefault(
      choice(
        Object.keys(BORDER_MODE),
        "DENY: tagged money is never a leg of a swap. FINAL_IMPORT: it may pay a foreign supplier, and the tag ends. CARRY: a tag of the foreign bank takes over (research only).",
      ),
      "DENY",
    ),
    countries: withDefault(
      listOf(ref("country", "A country."), { max: 16, unique: true }, "Of foreign suppliers."),
      [],
    ),
    maxDepth: withDefault(
      wholeNumber(1, MAX_DEPTH, "How many steps from the owner a payment may reach."),
      MAX_DEPTH,
    ),
    disclosure: withDefault(
      choice(
        Object.keys(DISCLOSURE),
        "Whether payments need a disclosed contract: none, with a note (warn), or strictly (enforce).",
      ),
      "none",
    ),
    evidence: withDefault(
      listOf(
        mapOf(
          { title: "Evidence", description: "A document that must be attested and unused." },
          {
            topic: ref(
              "code",
              "What the attesters state of it; the payment names it by the same word.",
            ),
            final: {
              description: "Only when a final payee is paid.",
              type: "boolean",
              default: true,
            },
          },
          ["final"],
        ),
        { max: 4 },
        "Documents to be shown.",
      ),
      [],
    ),
    attesters: withDefault(
      listOf(ref("name", "A member."), { max: 4, unique: true }, "Whose attestations count."),
      [],
    ),
    regions: withDefault(
      listOf(
        wholeNumber(0, 999_999_999, "The code of a region."),
        { max: 16, unique: true },
        "Where payees must be registered; none means anywhere.",
      ),
      [],
    ),
  },
  [
    "issue",
    "borderMode",
    "countries",
    "maxDepth",
    "disclosure",
    "evidence",
    "attesters",
    "regions",
  ],
);

const corridor = mapOf(
  { title: "Corridor", description: "The quorum and the clocks; n >= 3b + 2c + 1." },
  {
    byzantine: wholeNumber(0, MAX_BANKS, "Banks that may lie (b)."),
    crashed: wholeNumber(0, MAX_BANKS, "Further banks that may be down (c)."),
    deltaMs: wholeNumber(1, 3_600_000, "Working figure for one one-way message delay."),
    ttlMs: wholeNumber(1, MAX_DURATION_MS, "How long a swap waits before its slow path opens."),
    chain: wholeNumber(
      2,
      3,
      "Of shared-ledger: certificates in a row that make a block final; 3 when it is not stated.",
    ),
  },
  ["chain"],
);

const arrangements = mapOf(
  { title: "Arrangements", description: "The parameters of arrangements other than certified." },
  {
    htlc: mapOf(
      {
        title: "Htlc",
        description:
          "Time locks: the last leg's ends 3 x deltaMaxMs + 2 x epsilonMs after the start.",
      },
      {
        deltaMaxMs: wholeNumber(
          1,
          MAX_DURATION_MS,
          "The worst case of one message delay, with the work at both ends; by default deltaMs.",
        ),
        epsilonMs: withDefault(
          wholeNumber(0, MAX_DURATION_MS, "How far the clocks of two banks may be apart."),
          DEFAULT_EPSILON_MS,
        ),
      },
      ["deltaMaxMs", "epsilonMs"],
    ),
    twoPhase: mapOf(
      { title: "TwoPhase", description: "Who decides, and how long it waits." },
      {
        hub: ref(
          "name",
          "The bank that decides, or `initiator` for the one that announces; by default the last bank, and of two the initiator.",
        ),
        prepareMs: wholeNumber(
          1,
          MAX_DURATION_MS,
          "How long the hub waits for votes, and the others until they ask; by default ttlMs.",
        ),
      },
      ["hub", "prepareMs"],
    ),
    gross: mapOf(
      { title: "Gross", description: "Legs paid one after the other." },
      {
        lagMs: withDefault(
          wholeNumber(
            0,
            MAX_DURATION_MS,
            "How long a bank takes from the advice of the leg before to its own payment: opening hours, processing.",
          ),
          0,
        ),
      },
      ["lagMs"],
    ),
    netting: mapOf(
      { title: "Netting", description: "Cycles of multilateral netting; in simulated runs only." },
      {
        hub: ref("name", "The bank in whose city the hub is; by default the first bank."),
        cycleMs: withDefault(
          wholeNumber(1, MAX_DURATION_MS, "From one cut-off to the next."),
          DEFAULT_CYCLE_MS,
        ),
        payInMs: withDefault(
          wholeNumber(1, MAX_DURATION_MS, "From the cut-off to the end of the batch."),
          DEFAULT_PAY_IN_MS,
        ),
      },
      ["hub", "cycleMs", "payInMs"],
    ),
  },
  ["htlc", "twoPhase", "gross", "netting"],
);

const rates = mapOf(
  { title: "Rates", description: "Mid rates of one day, per one US dollar." },
  {
    file: {
      description: "A file beside the scenario file, else one that comes with the program.",
      type: "string",
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,58}\\.csv$",
      "x-allowed": "the name of a CSV file without folders, such as fx-usd-daily.csv",
    },
    date: {
      description: "A day that the file has.",
      type: "string",
      pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
      "x-allowed": "a date such as 2026-09-29",
    },
  },
);

const runClock = mapOf(
  { title: "Clock", description: "When the banks' clocks begin, and how fast they run." },
  {
    start: {
      description: "The first day, in UTC; without it, the present, or the day of the rates.",
      type: "string",
      pattern: "^20[0-9]{2}-[0-9]{2}-[0-9]{2}$",
      "x-allowed": "a date such as 2026-09-07",
    },
    pace: withDefault(
      wholeNumber(
        1,
        MAX_PACE,
        "In live runs the clocks run so many times as fast; only a bank alone can run faster than its network.",
      ),
      1,
    ),
  },
  ["start", "pace"],
);

/** Who and what there is: banks, members, tags, rates. */
export const partySchemas: Readonly<Record<string, JsonSchema>> = {
  corridor,
  arrangements,
  bank,
  member,
  tag,
  rates,
  runClock,
};
