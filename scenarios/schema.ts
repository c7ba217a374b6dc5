import { MAX_BANKS } from "../node/genesis.ts";
import { ARRANGEMENTS, EXPECTATIONS, MODES, SCENARIO_FORMAT, SIGNATURES } from "./scenario.ts";
import { TAGGINGS } from "./home.ts";
import { MAX_FAULTS, MAX_LABELS, MAX_MEMBERS, MAX_SCENARIO_TAGS } from "./scenario-limits.ts";
import { choice, listOf, mapOf, ref, wholeNumber, withDefault } from "./schema/json-schema.ts";
import type { JsonSchema } from "./schema/json-schema.ts";
import { faultSchemas } from "./schema/faults.ts";
import { networkSchemas } from "./schema/network.ts";
import { openApiSchemas } from "./schema/open-api.ts";
import { partySchemas } from "./schema/parties.ts";
import { ruleSchemas } from "./schema/rules.ts";
import { textSchemas } from "./schema/texts.ts";
import { workloadSchemas } from "./schema/workload.ts";

/** The shape of scenario files, as JSON Schema 2020-12; checks across parts are in `load/`. */
export const scenarioSchema: JsonSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:daliz:scenario:1",
  ...mapOf(
    {
      title: "Daliz scenario",
      description:
        "A corridor of central banks, its members and tags, what they do, what goes wrong, and what must come out.",
    },
    {
      format: {
        description: "The version of this format.",
        type: "string",
        const: SCENARIO_FORMAT,
      },
      name: ref("name", "Names the run; in the library it is the name of the file."),
      title: ref("shortText", "One line for lists and reports."),
      question: ref("longText", "The question that the scenario answers, in about two sentences."),
      labels: withDefault(
        listOf(
          ref("shortText", "Such as `generated` or `counterfactual-kz`."),
          { max: MAX_LABELS, unique: true },
          "What is modelled or counterfactual: short texts, printed with every output.",
        ),
        [],
      ),
      mode: withDefault(choice(MODES, "Real processes, or the simulator."), "live"),
      signatures: withDefault(
        choice(
          SIGNATURES,
          "Ed25519, or in a simulated run a digest in its place: faster, and labelled in every output.",
        ),
        "real",
      ),
      arrangement: withDefault(choice(ARRANGEMENTS, "How the legs of a swap settle."), "certified"),
      arrangements: ref(
        "arrangements",
        "What each arrangement leaves to choose; only those of the one that is run count.",
      ),
      seed: wholeNumber(
        0,
        Number.MAX_SAFE_INTEGER,
        "Decides everything drawn at random: the same seed gives the same workload.",
      ),
      clock: ref("runClock", "The calendar of the run; without it, the present."),
      tagging: withDefault(
        choice(
          Object.keys(TAGGINGS),
          Object.entries(TAGGINGS)
            .map(([name, meaning]) => `${name}: ${meaning}`)
            .join(" "),
        ),
        "full",
      ),
      connected: wholeNumber(
        0,
        MAX_MEMBERS,
        "How many organisations are connected, in the order of the file; without it, all. Whoever comes through another one has no account.",
      ),
      corridor: ref("corridor", "The quorum and the clocks."),
      banks: listOf(
        ref("bank", "One central bank."),
        { min: 1, max: MAX_BANKS },
        "The central banks; they are numbered from 1 in this order.",
      ),
      members: withDefault(
        listOf(
          ref("member", "One member of a bank."),
          { max: MAX_MEMBERS },
          "The account holders: commercial banks, treasuries, companies.",
        ),
        [],
      ),
      tags: withDefault(
        listOf(
          ref("tag", "One tag."),
          { max: MAX_SCENARIO_TAGS },
          "Tags for money that may only be spent in a stated way.",
        ),
        [],
      ),
      rates: ref("rates", "The day's exchange rates; a generated workload needs them."),
      workload: ref("workload", "What the members do."),
      network: ref("network", "How far apart the banks are; without it, nothing is added."),
      costs: ref(
        "costs",
        "What work costs in a simulated run; without it, as fitted to a shared machine of two cores.",
      ),
      openApi: ref("openApi", "HTTP for the members of live banks; without it, there is none."),
      faults: withDefault(
        listOf(ref("fault", "One fault."), { max: MAX_FAULTS }, "What goes wrong, and when."),
        [],
      ),
      expect: listOf(
        {
          description: Object.entries(EXPECTATIONS)
            .map(([name, meaning]) => `${name}: ${meaning}`)
            .join("\n"),
          type: "string",
          enum: Object.keys(EXPECTATIONS),
        },
        { min: 1, max: Object.keys(EXPECTATIONS).length, unique: true },
        "What must hold at the end; the run fails when one of them does not.",
      ),
    },
    [
      "labels",
      "mode",
      "signatures",
      "arrangement",
      "arrangements",
      "clock",
      "tagging",
      "connected",
      "members",
      "tags",
      "rates",
      "network",
      "costs",
      "openApi",
      "faults",
    ],
  ),
  $defs: {
    ...textSchemas,
    ...partySchemas,
    ...ruleSchemas,
    ...workloadSchemas,
    ...networkSchemas,
    ...openApiSchemas,
    ...faultSchemas,
  },
};
