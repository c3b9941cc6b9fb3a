// A small client of the API, which knows its traps.

export interface NewGroup {
  type: number;
  community_id: string;
  chat_id?: string;
  group?: { name: string };
}

export interface Group {
  chat_id: string;
  share_url: string;
  community: { handle: string };
}

/** An answer other than a success. One that is not the API's, such as a gateway's page, has no code: "". */
export class GenuinError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(`${message} (HTTP ${status}, code ${code || "none"})`);
  }

  get retryable(): boolean {
    // 5026 comes as HTTP 500, but the video stays missing however often it is tried
    return this.code !== "5026" && (this.status === 429 || this.status >= 500);
  }
}

export class GenuinClient {
  private constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  static async logIn(baseUrl: string, apiKey: string, apiSecret: string): Promise<GenuinClient> {
    const answer = await post(`${baseUrl}/api/thirdparty/auth`, { api_key: apiKey, api_secret: apiSecret });
    // the token is in a header, not in the body
    return new GenuinClient(baseUrl, answer.headers.get("gn-access-token") ?? "");
  }

  async createGroup(group: NewGroup, headers: Record<string, string> = {}): Promise<Group> {
    const authorization = { Authorization: `Bearer ${this.token}` };
    const url = `${this.baseUrl}/api/thirdparty/group/create`;
    return (await post<Group>(url, group, { ...authorization, ...headers })).data;
  }
}

async function post<T>(url: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  // `code` is the number 200 in a success, but a string such as "1099" in an error
  const { code = "", message = answer.statusText, data } = envelope<T>(await answer.text());
  if (String(code) !== "200") throw new GenuinError(answer.status, String(code), message);
  return { headers: answer.headers, data: data as T };
}

interface Envelope<T> {
  code?: number | string;
  message?: string;
  data?: T;
}

function envelope<T>(text: string): Envelope<T> {
  // a gateway in front of the API answers 429, 502, 503 and 504 with a page in HTML
  try {
    return (JSON.parse(text) as Envelope<T> | null) ?? {};
  } catch {
    return {};
  }
}
