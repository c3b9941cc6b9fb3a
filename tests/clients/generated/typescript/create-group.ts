// The five steps with types of openapi-typescript and the client openapi-fetch.

import { deepStrictEqual, strictEqual } from "node:assert";
import createClient from "openapi-fetch";
import type { components, paths } from "./genuin.js";

type Schemas = components["schemas"];

const baseUrl = process.env.GENUIN_BASE_URL ?? "";
const tenant = "generated-typescript";
const client = createClient<paths>({ baseUrl });
const group = {
  type: 4,
  community_id: "f2a05adb-93ce-4a19-b003-3523fa745667",
  group: { name: "Tech Conversations", members: [{ phone_number: "919876543210" }] },
} satisfies Schemas["CreateGroupRequest"];

const login = await client.POST("/api/thirdparty/auth", {
  body: { api_key: `gnsb_${tenant}`, api_secret: "gnsb-secret" },
});
const token = login.response.headers.get("gn-access-token") ?? "";

function create(scenario: string) {
  return client.POST("/api/thirdparty/group/create", {
    body: group,
    headers: { Authorization: `Bearer ${token}`, "X-Sandbox-Scenario": scenario },
  });
}

const created = await create("ok");
// the type of the code is the number itself
const success: 200 | undefined = created.data?.code;
strictEqual(success, 200);

const refused = await create("400");
strictEqual(refused.response.status, 400);
strictEqual(refused.error?.code, "1099");

const missing = await create("5026");
strictEqual(missing.response.status, 500);
const permanent: Schemas["VideoNotFoundError"]["code"] = "5026";
strictEqual(missing.error?.code, permanent);
// @ts-expect-error the code of an error is no number
const wrong: Schemas["VideoNotFoundError"]["code"] = 5026;
strictEqual(typeof wrong, "number");

const journal = await fetch(`${baseUrl}/_sandbox/v1/tenants/${tenant}/requests?last=3`);
const { requests } = (await journal.json()) as { requests: { outcome: string; body: string }[] };
deepStrictEqual(
  requests.map((request) => request.outcome),
  ["ok", "bad-request", "video-not-found"],
);
deepStrictEqual(JSON.parse(requests[0]?.body ?? ""), group);
