import { MAX_BANKS } from "../../node/genesis.ts";
import { MAX_KEEP_OPEN_MS } from "../scenario-limits.ts";
import { mapOf, ref, wholeNumber, withDefault } from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const openApi = mapOf(
  {
    title: "Open API",
    description:
      "Live banks that serve HTTP for their members, on free ports of this machine. The run folder's open-api.json has the addresses and the members' throw-away keys.",
  },
  {
    banks: {
      description: "Which banks; `all` names every one.",
      default: "all",
      type: ["array", "string"],
      pattern: "^all$",
      items: ref("name", "A bank."),
      minItems: 1,
      maxItems: MAX_BANKS,
      uniqueItems: true,
      "x-allowed": "all, or a list of banks such as [kz, cn]",
    },
    keepOpenMs: withDefault(
      wholeNumber(
        0,
        MAX_KEEP_OPEN_MS,
        "How long the banks stay up after the workload, for somebody to look around.",
      ),
      0,
    ),
  },
  ["banks", "keepOpenMs"],
);

/** How members reach the banks of a live run. */
export const openApiSchemas: Readonly<Record<string, JsonSchema>> = { openApi };
