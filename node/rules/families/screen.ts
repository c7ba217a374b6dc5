import { list, literal, tuple, type LayoutValue } from "../../../crypto/canonical-layout.ts";
import { factNameLayout, factValueLayout, MAX_FACTS } from "../../facts.ts";
import { factOf, type Check } from "../judged.ts";

/** Names on a sanctions list; scenarios come with synthetic ones only. */
export const MAX_SCREENED = 1_000;

/** Neither account nor any of these facts is a name of the list. */
export const SCREEN = 5;
export const screenLayout = tuple({
  kind: literal(SCREEN),
  names: list(factValueLayout, MAX_SCREENED, 1),
  facts: list(factNameLayout, MAX_FACTS),
});

/** Names are compared by their letters and digits alone, in one case. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

export function compileScreen({ names, facts }: LayoutValue<typeof screenLayout>): Check {
  const listed = new Set(names.map(plain));
  return ({ movement }) => {
    const { payer, payee } = movement;
    const parties = [payer, payee, ...facts.map((name) => factOf(movement, name))];
    const hit = parties.find((party) => party != null && listed.has(plain(party)));
    return hit == null ? undefined : { found: hit, allowed: "nobody on the list" };
  };
}
