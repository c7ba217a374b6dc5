import { list, literal, tuple, type LayoutValue } from "../../../crypto/canonical-layout.ts";
import { factNameLayout, MAX_FACTS } from "../../facts.ts";
import { factOf, type Check } from "../judged.ts";

/** These facts are stated. */
export const REQUIRE = 1;
export const requireLayout = tuple({
  kind: literal(REQUIRE),
  facts: list(factNameLayout, MAX_FACTS, 1),
});

export function compileRequire({ facts }: LayoutValue<typeof requireLayout>): Check {
  const allowed = facts.join(", ");
  return ({ movement }) => {
    const missing = facts.find((name) => factOf(movement, name) === undefined);
    return missing === undefined ? undefined : { found: `no ${missing}`, allowed };
  };
}
