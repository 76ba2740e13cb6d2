// The platform's public API, spoken to as any upstream system would: a token for the demo client, then GraphQL.

let credentials = null;
let token = null;

export class ApiError extends Error {
  constructor(code, message, { fields = [], traceId = null } = {}) {
    super(message);
    Object.assign(this, { code, fields, traceId });
  }
}

async function request(path, options) {
  try {
    return await fetch(path, { ...options, cache: "no-store" });
  } catch {
    throw new ApiError("UNREACHABLE", path);
  }
}

async function json(response) {
  try {
    return await response.json();
  } catch {
    throw new ApiError("UNREACHABLE", `HTTP ${response.status}`);
  }
}

export async function getJson(path) {
  const response = await request(path);
  const body = await json(response);
  if (!response.ok) throw new ApiError(body.code ?? "UNREACHABLE", body.message ?? `HTTP ${response.status}`);
  return body;
}

export async function postJson(path, value) {
  const response = await request(path, { method: "POST", body: JSON.stringify(value), headers: { "content-type": "application/json" } });
  const body = await json(response);
  if (!response.ok) throw new ApiError(body.code ?? "UNREACHABLE", body.message ?? `HTTP ${response.status}`);
  return body;
}

export async function demoClient() {
  credentials ??= await getJson("/sandbox/credentials");
  return credentials;
}

// A token good for at least another minute.
export async function bearer() {
  if (token && token.until > Date.now() + 60_000) return token.value;
  const { client } = await demoClient();
  const form = new URLSearchParams({ grant_type: "client_credentials", client_id: client.id, client_secret: client.secret });
  const response = await request("/oauth/token", { method: "POST", body: form });
  const body = await json(response);
  if (!response.ok) {
    credentials = null; // The file may have been made anew since.
    throw new ApiError("UNAUTHENTICATED", body.error_description ?? body.error ?? `HTTP ${response.status}`);
  }
  token = { value: body.access_token, until: Date.now() + (body.expires_in ?? 900) * 1000 };
  return token.value;
}

export function forgetToken() {
  token = null;
}

export async function graphql(query, variables, isSecondTry = false) {
  const headers = { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${await bearer()}` };
  const response = await request("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  if (response.status === 401 && !isSecondTry) {
    forgetToken();
    return graphql(query, variables, true);
  }
  const { data, errors } = await json(response);
  if (errors?.length) {
    const { message, extensions = {} } = errors[0];
    throw new ApiError(extensions.code ?? "INTERNAL", message, extensions);
  }
  if (!data) throw new ApiError("UNREACHABLE", `HTTP ${response.status}`);
  return data;
}
