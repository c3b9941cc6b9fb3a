// The helper with vitest, and its types.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Call, type Tenant, useSandbox } from "genuin-sandbox";

const sandbox = useSandbox({ before: beforeAll, after: afterAll }, ["--seed", "7"]);

async function create(tenant: Tenant): Promise<number> {
  const answer = await fetch(`${tenant.url}/api/thirdparty/group/create`, {
    method: "POST",
    headers: { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ type: 4, community_id: "f2a05adb-93ce-4a19-b003-3523fa745667" }),
  });
  return answer.status;
}

test("a group is created", async ({ task }) => {
  const genuin: Tenant = await sandbox.freshTenant(task.name);
  await genuin.force("1x500, ok*", { hits: 1 });
  expect([await create(genuin), await create(genuin)]).toEqual([500, 200]);
  await genuin.verify({ outcome: "ok" }, { exactly: 1 });
  await expect(genuin.verify({ outcome: 5026 })).rejects.toThrow("expected at least 1 matching call");
  const calls: Call[] = await genuin.requests();
  expect(calls.map((call) => call.status)).toEqual([500, 200]);
});

// @ts-expect-error a bound is a number
const wrong = () => sandbox.tenant("qa").verify({}, { exactly: "1" });
