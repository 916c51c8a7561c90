/** The real Znuny of this test run, with the test-only operation that does what agents do by hand. */
import { inject } from "vitest";
import { z } from "zod";
import { Caller, type HelpdeskUnderTest } from "../contracts/helpdesk-under-test.ts";

const Results = z.object({ Results: z.array(z.unknown()) });

export async function connectZnuny(): Promise<HelpdeskUnderTest> {
  const { url, userLogin, password } = inject("znuny");
  const bridge = { UserLogin: userLogin, Password: password };
  const stranger = { UserLogin: "root@localhost", Password: process.env["ZNUNY_ROOT_PASSWORD"] ?? "throwaway-root" };
  const byHand: HelpdeskUnderTest["byHand"] = async (Steps) => {
    const answer = await caller.post("/KivitendoBridgeTest/Agent", { Steps });
    const results = Results.safeParse(answer);
    if (!results.success) throw new Error(`by hand: ${JSON.stringify(answer)}`);
    return results.data.Results;
  };
  const helpdesk: HelpdeskUnderTest = { url, bridge, stranger, byHand };
  const caller = await new Caller(helpdesk).logIn();
  return helpdesk;
}
