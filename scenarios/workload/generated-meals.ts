import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { weekdayOf } from "../../node/calendar.ts";
import { DAY_MS, type GeneratedMeals } from "../home.ts";
import type { Scenario, ScenarioTag } from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { Refusal } from "./funds.ts";
import type { DraftPayment } from "./generated-payments.ts";
import type { Amount } from "../../node/money.ts";
import { attestation, returned, tagged } from "./home-items.ts";

const HOUR_MS = 3_600_000;

/** When the school records who is there, when the canteen serves, and when some try again; local noon is about 7 in UTC. */
const HOURS = { attendance: 1, meal: 7, again: 12 } as const;

/** School days are Monday to Friday. */
const SATURDAY = 5;

/**
 * Plans a term of school meals: the owner funds the school, which records who is there, and each child
 * taps once a school day. Some tap although they are absent, some twice, and one child on week-ends.
 */
export function generateMeals(
  { tags, clock }: Pick<Scenario, "tags" | "clock">,
  { children, days, price, absentPercent, secondPercent }: GeneratedMeals,
  prng: Prng,
): Outcome<readonly DraftPayment[], Refusal> {
  const tag = tags.find(({ kind }) => kind === "voucher") as ScenarioTag;
  const school = tag.payees.find(({ final }) => !final)?.account;
  const canteen = tag.payees.find(({ final }) => final)?.account;
  const [register] = tag.attesters;
  const [line] = tag.lines;
  const refuse = (found: string, allowed: string) =>
    reject({ path: "workload.meals", found, allowed });
  if (clock.startMs === null)
    return refuse("no first day", "a clock with a start: week-ends follow");
  if (
    school === undefined ||
    canteen === undefined ||
    register === undefined ||
    line === undefined
  ) {
    return refuse(`tag ${tag.id}`, "one that names a school, a canteen (final) and an attester");
  }
  if (BigInt(children * days) * price > tag.issue) {
    return refuse(`${children * days} meals`, "as many as the tag's issue pays for");
  }
  const [purpose = ""] = tag.purposes;
  const place = { bank: tag.bank, tag: tag.id, line: line.line, purpose };
  const payments = [
    tagged({ ...place, atMs: 0, payer: tag.owner, payee: school, amount: tag.issue }),
  ];
  const first = Math.floor(clock.startMs / DAY_MS);
  for (let day = 0; day < days; day++) {
    const at = (hour: number, child: number): number =>
      day * DAY_MS + hour * HOUR_MS + child * 1_000;
    const tap = (hour: number, child: number, expected: DraftPayment["expected"]): DraftPayment =>
      tagged({
        ...place,
        atMs: at(hour, child),
        payer: school,
        payee: canteen,
        amount: price,
        facts: [`child=#child ${child}`, "quantity=1", "channel=card"],
        diversion: expected === null ? null : "dead-souls",
        expected,
      });
    const isSchoolDay = weekdayOf(first + day) < SATURDAY;
    if (!isSchoolDay) {
      payments.push(tap(HOURS.meal, prng.int(1, children), "VOUCHER_DAY"));
      continue;
    }
    for (let child = 1; child <= children; child++) {
      if (prng.int(1, 100) <= absentPercent) {
        payments.push(tap(HOURS.meal, child, "VOUCHER_NO_ATTENDANCE"));
        continue;
      }
      const validForMs = (day + 1) * DAY_MS;
      const about = { topic: "ATTENDANCE", subject: `#child ${child}`, validForMs };
      payments.push(
        attestation({
          atMs: at(HOURS.attendance, child),
          bank: tag.bank,
          attester: register,
          ...about,
        }),
        tap(HOURS.meal, child, null),
      );
      if (prng.int(1, 100) > secondPercent) continue;
      payments.push(tap(HOURS.again, child, "VOUCHER_ALREADY_USED"));
    }
  }
  const served = payments.filter(({ payee, expected }) => payee === canteen && expected === null);
  const left = tag.issue - price * BigInt(served.length);
  payments.push(
    returned({ ...place, atMs: days * DAY_MS, member: school, amount: left as Amount }),
  );
  return ok(payments);
}
