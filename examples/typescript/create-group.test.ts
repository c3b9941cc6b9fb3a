// What the client does with the answers of Create Group.

import { beforeAll, expect, test } from "vitest";
import { GenuinClient, type NewGroup } from "./client.js";

const baseUrl = process.env.GENUIN_BASE_URL ?? "http://127.0.0.1:4368";
const tenant = "example-typescript";
const group: NewGroup = { type: 4, community_id: "f2a05adb-93ce-4a19-b003-3523fa745667" };
let client: GenuinClient;

beforeAll(async () => {
  client = await GenuinClient.logIn(baseUrl, `gnsb_${tenant}`, "gnsb-secret");
});

test("a group is created", async () => {
  expect((await client.createGroup(group)).community.handle).toBe("tech_community");
});

test.each([
  { scenario: "400", error: { status: 400, code: "1099", retryable: false } },
  { scenario: "500", error: { status: 500, code: "1099", retryable: true } },
  { scenario: "5026", error: { status: 500, code: "5026", retryable: false } },
])("the error of $scenario says whether to try again", async ({ scenario, error }) => {
  await expect(client.createGroup(group, { "X-Sandbox-Scenario": scenario })).rejects.toMatchObject(error);
});

test.each([429, 502, 503, 504])("the page of a gateway with %i is an error to try again", async (status) => {
  // a body of its own, so that it counts as no retry of another call
  const other: NewGroup = { ...group, group: { name: `Try ${status} again` } };
  const created = client.createGroup(other, { "X-Sandbox-Scenario": String(status) });
  await expect(created).rejects.toMatchObject({ status, code: "", retryable: true });
});

test("the journal says why a call was refused", async () => {
  const mistaken = { type: 4, communityId: group.community_id } as unknown as NewGroup;
  await expect(client.createGroup(mistaken)).rejects.toMatchObject({ status: 400 });
  const answer = await fetch(`${baseUrl}/_sandbox/v1/tenants/${tenant}/requests/last`);
  expect(await answer.json()).toMatchObject({
    outcome: "bad-request",
    findings: [{ pointer: "/community_id", suggestion: 'you sent "communityId" — did you mean "community_id"?' }],
  });
});
