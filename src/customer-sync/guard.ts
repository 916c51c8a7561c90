import { RefusedError } from "../model/index.ts";
import { digestOf } from "./digest.ts";
import type { CustomerPlan } from "./plan.ts";
import type { CustomerChange, Differences, GuardedCounts, RecordKind } from "./ports.ts";
import type { CustomerRules, GuardLimits } from "./rules.ts";

/** Names of a kind in sentences, and in the counts of Differences. */
const names = { company: "customers", user: "contacts" } as const;
const countsOf = { company: "companies", user: "contacts" } as const;

/**
 * Refuses, before anything is written, a plan that does too much at once or stands on a source that is not believed:
 *
 * - a sentinel customer that is missing, a source that is empty or has lost more rows than allowed since the last run
 * - per kind of record: deactivations, changes of keys, adoptions, each by number and by share of the known ones, together
 *   with those of the last 24 hours. Contacts that follow their customer are not counted.
 *
 * Answers whether an operator has allowed what would be refused. The refusal names a token that allows this one plan.
 */
export async function assertSafe(
  plan: CustomerPlan,
  differences: Differences,
  rules: CustomerRules,
): Promise<{ readonly allowed: boolean }> {
  const objections = [
    ...sourceObjections(differences, rules),
    ...(["company", "user"] as const).flatMap((record) => tooMany(record, plan, differences, rules.limits)),
  ];
  if (objections.length === 0) return { allowed: false };
  const token = await tokenOf(plan, differences);
  if (rules.allow === token) return { allowed: true };
  const changed = rules.allow === null ? "" : ` The plan is not the one that --allow ${rules.allow} was given for.`;
  throw new RefusedError(
    `${objections.join("\n")}\nNothing was written.${changed}`,
    `Look for the cause in kivitendo first. \`${commandOf("plan", token, rules)}\` shows the whole plan; when it is right, ` +
      `\`${commandOf("sync", token, rules)}\` carries out this one plan.`,
  );
}

function sourceObjections(differences: Differences, rules: CustomerRules): readonly string[] {
  const { sentinel } = rules.source;
  const missing =
    differences.sentinelFound || sentinel === null
      ? []
      : [`kivitendo has no customer ${sentinel}, without which its data are not believed (customers.sentinel).`];
  return [
    ...missing,
    ...(["company", "user"] as const).flatMap((record) => {
      const kind = countsOf[record];
      const [now, known] = [differences.sourceRows[kind], differences.known[kind]];
      if (now === 0) {
        return known === 0
          ? []
          : [`kivitendo shows no ${names[record]} at all, but ${known} are known from earlier runs.`];
      }
      const before = differences.lastSourceRows?.[kind] ?? 0;
      const { maxSourceShrink, ignoreBelow } = rules.limits;
      if (before < ignoreBelow || now >= before * (1 - maxSourceShrink)) return [];
      return [
        `kivitendo shows ${now} ${names[record]}, ${percent((before - now) / before)} fewer than the ${before} of the ` +
          `last run; allowed are ${percent(maxSourceShrink)}.`,
      ];
    }),
  ];
}

interface Guarded {
  readonly what: (count: string, kind: string) => string;
  readonly counts: (change: CustomerChange) => boolean;
  readonly limit: (limits: GuardLimits) => { readonly most: number; readonly share: number };
}

const guarded: Readonly<Record<keyof GuardedCounts, Guarded>> = {
  deactivations: {
    what: (count, kind) => `make ${count} ${kind} invalid`,
    counts: (change) => change.kind === "invalidate" && !change.follows,
    limit: (limits) => ({ most: limits.maxDeactivations, share: limits.maxDeactivationShare }),
  },
  keyChanges: {
    what: (count, kind) => `change the ${kind === "customers" ? "CustomerID" : "login"} of ${count} ${kind}`,
    counts: (change) => change.newKey !== null,
    limit: (limits) => ({ most: limits.maxKeyChanges, share: limits.maxKeyChangeShare }),
  },
  adoptions: {
    what: (count, kind) => `adopt records of the helpdesk for ${count} ${kind}`,
    counts: (change) => change.kind === "adopt",
    limit: (limits) => ({ most: limits.maxAdoptions, share: limits.maxAdoptionShare }),
  },
};

/** Labels that a refusal names. */
const firstFew = 5;

function tooMany(
  record: RecordKind,
  plan: CustomerPlan,
  differences: Differences,
  limits: GuardLimits,
): readonly string[] {
  const changes = record === "company" ? plan.companies : plan.users;
  const recent = differences.recent[record];
  // What became invalid a moment ago was known before.
  const known = differences.known[countsOf[record]] + recent.deactivations;
  return (Object.keys(guarded) as (keyof GuardedCounts)[]).flatMap((name) => {
    const { what, counts, limit } = guarded[name];
    const concerned = changes.filter(counts);
    const total = concerned.length + recent[name];
    const { most, share } = limit(limits);
    if (concerned.length === 0 || known < limits.ignoreBelow) return [];
    if (total <= most && total <= share * known) return [];
    const before = recent[name] === 0 ? "" : `, after ${recent[name]} in the last 24 hours`;
    const first = concerned.slice(0, firstFew).map((change) => change.label);
    return [
      `This run would ${what(`${concerned.length} of ${known}`, names[record])}${before} (${percent(total / known)}); ` +
        `allowed are ${most} and ${percent(share)}. First: ${first.join("; ")}.`,
    ];
  });
}

/** Stands for the guarded changes and the figures of the source, whatever their order: any other plan has another. */
async function tokenOf(
  plan: CustomerPlan,
  { sourceRows, lastSourceRows, sentinelFound }: Differences,
): Promise<string> {
  const changes = [...plan.companies, ...plan.users]
    .filter((change) => Object.values(guarded).some(({ counts }) => counts(change)))
    .map(({ kind, record, rowId, key, newKey }) => JSON.stringify([kind, record, rowId, key, newKey]))
    .sort();
  return digestOf({ changes, sourceRows, lastSourceRows, sentinelFound });
}

function commandOf(mode: "plan" | "sync", token: string, { selection }: CustomerRules): string {
  const chosen = [
    ...selection.customerNumbers.map((number) => `--customer ${quoted(number)}`),
    ...selection.contacts.map((contact) => `--contact ${quoted(contact)}`),
  ];
  return ["kivi-otrs customers", mode, ...chosen, "--allow", token].join(" ");
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w@.+:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
