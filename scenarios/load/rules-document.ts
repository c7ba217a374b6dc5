import type { MemberClassName } from "../../node/members.ts";
import type { RuleCode } from "../../node/rules/codes.ts";
import type { MEASURE, PERIOD } from "../../node/rules/families/total.ts";
import type { SUBJECT } from "../../node/rules/families/attested.ts";
import type { Basis, Channel } from "../../node/rules/rule.ts";
import type { VERDICT } from "../../node/rules/rule-set.ts";
import type { BORDER, RESIDENCE } from "../../node/rules/scope.ts";
import type { WEEKDAYS } from "../schema/rules.ts";
import type { TagKindName } from "../scenario.ts";

export interface LimitDocument {
  readonly usd?: string;
  readonly amount?: string;
}

export interface ScopeDocument {
  readonly channels?: readonly Channel[];
  readonly border?: keyof typeof BORDER;
  readonly tags?: readonly ("untagged" | TagKindName)[];
  readonly payer?: readonly MemberClassName[];
  readonly payee?: readonly MemberClassName[];
  readonly payerResidence?: keyof typeof RESIDENCE;
  readonly payeeResidence?: keyof typeof RESIDENCE;
  readonly above?: LimitDocument;
  readonly when?: readonly string[];
  readonly unless?: readonly string[];
}

export type CheckDocument =
  | { readonly kind: "require"; readonly facts: readonly string[] }
  | {
      readonly kind: "codes";
      readonly fact: string;
      readonly allowed?: readonly string[];
      readonly refused?: readonly string[];
    }
  | { readonly kind: "eknp"; readonly fact: string; readonly purposes: readonly string[] }
  | { readonly kind: "iban"; readonly fact: string; readonly country: string }
  | {
      readonly kind: "screen";
      readonly names: readonly string[];
      readonly facts?: readonly string[];
    }
  | { readonly kind: "limit" | "balance"; readonly limit: LimitDocument }
  | {
      readonly kind: "total";
      readonly measure?: keyof typeof MEASURE;
      readonly by?: readonly ("payer" | "payee" | "tag")[];
      readonly fact?: string;
      readonly period: keyof typeof PERIOD;
      readonly limit?: LimitDocument;
      readonly times?: number;
    }
  | {
      readonly kind: "attested";
      readonly topic: string;
      readonly subject: keyof typeof SUBJECT;
      readonly fact?: string;
      readonly by: readonly string[];
      readonly least?: number;
      readonly most?: number;
      readonly wanted?: boolean;
    }
  | {
      readonly kind: "calendar";
      readonly fromMs?: number;
      readonly toMs?: number;
      readonly days?: readonly (typeof WEEKDAYS)[number][];
    }
  | { readonly kind: "deadline"; readonly fact: string }
  | { readonly kind: "forbid" }
  | { readonly kind: "returning"; readonly withinMs: number };

/** A rule of a bank's own as its schema (`scenarios/schema/rules.ts`) describes it. */
export interface RuleDocument {
  readonly id: string;
  readonly code: RuleCode;
  readonly verdict?: keyof typeof VERDICT;
  readonly basis?: Basis;
  readonly about?: ScopeDocument;
  readonly check: CheckDocument;
}
