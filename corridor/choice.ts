import { unreachable } from "../crypto/outcome.ts";
import type { Genesis } from "../node/genesis.ts";
import type { Announcement, AnnouncementOf, Arrangement } from "./announcement.ts";

type ParamsOf<A extends Arrangement> = AnnouncementOf<A>["params"];

/** How a bank lets the swaps settle that it announces, with what that leaves to choose. */
export type ArrangementChoice =
  | { readonly arrangement: "certified" }
  | ({ readonly arrangement: "htlc" } & ParamsOf<"htlc">)
  | ({ readonly arrangement: "two-phase" } & Omit<ParamsOf<"two-phase">, "hub"> & {
        /** The bank that decides; `null` for the one that announces. */
        readonly hub: number | null;
      })
  | ({ readonly arrangement: "gross" } & ParamsOf<"gross">);

type Chosen = Pick<Announcement, "arrangement" | "params">;

/** What an announcement of bank `self` says of its arrangement. */
export function chosenBy(
  choice: ArrangementChoice | undefined,
  { genesis, self }: { readonly genesis: Pick<Genesis, "ttlMs">; readonly self: number },
): Chosen {
  if (choice === undefined || choice.arrangement === "certified") {
    return { arrangement: "certified", params: { ttlMs: genesis.ttlMs } };
  }
  switch (choice.arrangement) {
    case "htlc": {
      const { arrangement, deltaMaxMs, epsilonMs } = choice;
      return { arrangement, params: { deltaMaxMs, epsilonMs } };
    }
    case "two-phase": {
      const { arrangement, hub, prepareMs } = choice;
      return { arrangement, params: { hub: hub ?? self, prepareMs } };
    }
    case "gross":
      return { arrangement: "gross", params: { lagMs: choice.lagMs } };
    default:
      return unreachable(choice);
  }
}
