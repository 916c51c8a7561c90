/** What agents do in the helpdesk's screens in a history. */
import type { Helpdesk } from "../../../src/helpdesk/index.ts";
import type { CustomerChange } from "../../../src/customer-sync/ports.ts";
import type { HelpdeskWorld } from "../../../src/demo/helpdesk/index.ts";
import { sampleChange } from "../../support/customer-run.ts";
import { pick } from "./erp-side.ts";
import { Seen, type Kind, type Shadow } from "./shadow.ts";
import type { AgentStep } from "./steps.ts";

export interface AgentSide {
  readonly helpdesk: HelpdeskWorld;
  readonly shadow: Shadow;
  /** The customers' part of another bridge on the same helpdesk. */
  readonly other: Helpdesk["customers"];
}

/** Does a step; what the helpdesk's screens would refuse changes nothing. */
export async function workInHelpdesk(side: AgentSide, step: AgentStep): Promise<void> {
  if (step.do === "otherBridge") await writeAsOther(side, step.kind, step.key);
  else tryByHand(side, step);
  side.shadow.take();
}

type ByHand = Exclude<AgentStep, { do: "otherBridge" }>;

function tryByHand(side: AgentSide, step: ByHand): void {
  const before = JSON.stringify(side.helpdesk.snapshot());
  try {
    byHand(side, step, new Seen(side.helpdesk));
  } catch (error) {
    if (JSON.stringify(side.helpdesk.snapshot()) !== before) throw error;
  }
}

function byHand({ helpdesk, shadow }: AgentSide, step: ByHand, seen: Seen): void {
  const companies = [...seen.records("company").keys()];
  const users = [...seen.records("user").keys()];
  switch (step.do) {
    case "strangeCompany":
      helpdesk.do("CompanyAdd", { CustomerID: step.key, CustomerCompanyName: step.name });
      return;
    case "strangeUser": {
      const company = pick(companies, step.company) ?? "fremd";
      const names = { UserFirstname: "Fritz", UserLastname: "Fremd", UserEmail: step.email, UserCustomerID: company };
      helpdesk.do("UserAdd", { UserLogin: step.login, ...names });
      return;
    }
    case "companyField":
    case "renameCompany":
      return changeCompany({ helpdesk, shadow, seen }, pick(companies, step.who), step);
    case "userField":
    case "renameUser":
      return changeUser({ helpdesk, shadow, seen }, pick(users, step.who), step);
    case "validity": {
      const key = pick(step.kind === "company" ? companies : users, step.who);
      if (key !== null) setValidity({ helpdesk, shadow, seen }, step.kind, key, step.to);
      return;
    }
    case "member": {
      const [user, company] = [pick(users, step.who), pick(companies, step.company)];
      if (user === null || company === null) return;
      helpdesk.do("MemberSet", { UserLogin: user, CustomerID: company, Active: step.active ? 1 : 0 });
      const row = seen.rowOf("user", user);
      if (row !== null) shadow.members.set(row, (shadow.members.get(row) ?? new Set()).add(company));
      return;
    }
    case "ticket": {
      const user = pick(users, step.who);
      if (user === null) return;
      const company = String(seen.records("user").get(user)?.["UserCustomerID"]);
      const made = helpdesk.do("TicketCreate", { Title: "Fall", CustomerID: company, CustomerUser: user });
      const named = { user: seen.nameOf("user", user), company: seen.nameOf("company", company) };
      shadow.tickets.push({ id: made.TicketID, ...named });
      return;
    }
    default: {
      const unreachable: never = step;
      throw new Error(`unhandled step ${JSON.stringify(unreachable)}`);
    }
  }
}

interface Hands {
  readonly helpdesk: HelpdeskWorld;
  readonly shadow: Shadow;
  readonly seen: Seen;
}

function changeCompany(
  hands: Hands,
  key: string | null,
  step: Extract<ByHand, { do: "companyField" | "renameCompany" }>,
): void {
  if (key === null) return;
  const { helpdesk, shadow } = hands;
  if (step.do === "companyField") {
    helpdesk.do("CompanyUpdate", { CustomerID: key, [step.field]: step.value });
    remember(hands, "company", key, step);
    return;
  }
  helpdesk.do("CompanyUpdate", { CustomerID: key, NewCustomerID: step.to });
  shadow.keysByHand.add(step.to);
}

function changeUser(hands: Hands, key: string | null, step: Extract<ByHand, { do: "userField" | "renameUser" }>): void {
  if (key === null) return;
  const { helpdesk, shadow } = hands;
  if (step.do === "userField") {
    helpdesk.do("UserUpdate", { UserLogin: key, [step.field]: step.value });
    remember(hands, "user", key, step);
    return;
  }
  helpdesk.do("UserUpdate", { UserLogin: key, NewUserLogin: step.to });
  shadow.keysByHand.add(step.to);
}

/** What agents write into fields that are theirs has to stay. */
function remember(
  { shadow, seen }: Hands,
  kind: Kind,
  key: string,
  { field, value }: { field: string; value: string },
): void {
  const row = seen.rowOf(kind, key);
  if (row !== null) shadow.ownFields.set(`${kind} ${row} ${field}`, value);
}

function setValidity({ helpdesk, shadow, seen }: Hands, kind: Kind, key: string, to: number): void {
  if (kind === "company") helpdesk.do("CompanyUpdate", { CustomerID: key, ValidID: to });
  else helpdesk.do("UserUpdate", { UserLogin: key, ValidID: to });
  if (to === 3) shadow.some.temporarily = true;
  const row = seen.rowOf(kind, key);
  if (row === null) return;
  if (to === 3) shadow.temporarily.add(`${kind} ${row}`);
  else shadow.temporarily.delete(`${kind} ${row}`);
}

/** Another bridge writes a record of its own, or is refused. */
async function writeAsOther({ other }: AgentSide, kind: Kind, key: string): Promise<void> {
  const fields: CustomerChange["fields"] =
    kind === "company"
      ? { CustomerCompanyName: `Zweite ${key}`, ValidID: 1 }
      : {
          UserFirstname: "Zoe",
          UserLastname: "Zweite",
          UserEmail: "zoe@b-test.de",
          UserCustomerID: "zweite",
          ValidID: 1,
        };
  const change = sampleChange({ record: kind, rowId: 1, key, fields, companies: null });
  await other.upsert([change], { dryRun: false, sequence: 1, signal: new AbortController().signal });
}
