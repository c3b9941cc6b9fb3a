// A sandbox in a container of the test's own, on a free port, gone when the tests have ended.
//
// It needs a container engine and the image: docker build -t genuin-sandbox .

import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { afterAll, beforeAll, expect, test } from "vitest";

const tenant = "example-containers-node";
const group = { type: 4, community_id: "f2a05adb-93ce-4a19-b003-3523fa745667" };
let sandbox: StartedTestContainer | undefined;
let baseUrl: string;
let token: string;

beforeAll(async () => {
  sandbox = await new GenericContainer("genuin-sandbox")
    .withExposedPorts(4368)
    .withWaitStrategy(Wait.forHttp("/readyz", 4368))
    .start();
  baseUrl = `http://${sandbox.getHost()}:${sandbox.getMappedPort(4368)}`;
  const credentials = { api_key: `gnsb_${tenant}`, api_secret: "gnsb-secret" };
  // the token is in a header, not in the body
  token = (await post("/auth", credentials)).headers.get("gn-access-token") ?? "";
}, 60_000);

afterAll(() => sandbox?.stop());

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${baseUrl}/api/thirdparty${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify(body),
  });
}

async function create(scenario: string): Promise<[number, number | string]> {
  const answer = await post("/group/create", group, { "X-Sandbox-Scenario": scenario });
  const { code } = (await answer.json()) as { code: number | string };
  return [answer.status, code];
}

test("a group is created", async () => {
  // a number, but in errors a string
  expect(await create("ok")).toEqual([200, 200]);
});

test("a call is refused", async () => {
  expect(await create("400")).toEqual([400, "1099"]);
});

test("a missing video stays missing", async () => {
  // HTTP 500, but not to be tried again
  expect(await create("5026")).toEqual([500, "5026"]);
});

test("the journal says why a call was refused", async () => {
  await post("/group/create", { type: 4, communityId: group.community_id });
  const answer = await fetch(`${baseUrl}/_sandbox/v1/tenants/${tenant}/requests/last`);
  expect(await answer.json()).toMatchObject({
    findings: [{ suggestion: 'you sent "communityId" — did you mean "community_id"?' }],
  });
});
