// The platform as an upstream system sees it: tokens, GraphQL, and the sandbox's stand-ins.

const START = `mutation($input: StartSignFlowInput!) {
  startSignFlow(input: $input) { replayed flow { id flowNo status authType session { url } } } }`;
const FLOW = `query($id: ID!) { signFlow(id: $id) {
  id flowNo status authType authStatus restartable failure { code retryable }
  sealRecords { documentName status level contentDigest sealedDigest downloadUrl }
  authRecords { attempt type status challengeId lateResult }
  events(first: 100) { edges { cursor node { id seq type fromStatus toStatus hash occurredAt } } }
  result { status token evidenceDigest authCredential authValidUntil } } }`;
const CANCEL = `mutation($input: CancelSignFlowInput!) { cancelSignFlow(input: $input) { flow { status } } }`;

/** Speaks to the platform at `url` with the client's credentials. */
export async function connect(url, { id, secret }) {
  const basic = Buffer.from(`${id}:${secret}`).toString("base64");
  const reply = await fetch(`${url}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials",
  });
  if (!reply.ok) throw new Error(`no token: HTTP ${reply.status} ${await reply.text()}`);
  const { access_token: token } = await reply.json();

  async function json(path, options) {
    const answer = await fetch(`${url}${path}`, options);
    if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async function graphql(query, variables) {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json" };
    const { data, errors } = await json("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  return {
    url,
    token,
    graphql,
    start: async (input) => (await graphql(START, { input })).startSignFlow.flow,
    flow: async (id) => (await graphql(FLOW, { id })).signFlow,
    cancel: async (flowId, reason) => (await graphql(CANCEL, { input: { flowId, reason } })).cancelSignFlow.flow,
    messages: (mobile) => json(`/sandbox/sms?mobile=${encodeURIComponent(mobile)}`),
    challenges: (flowNo) => json(`/sandbox/auth-system/challenges?flowNo=${encodeURIComponent(flowNo)}`),
    arm: (fault) => json("/sandbox/faults", { method: "POST", body: JSON.stringify(fault) }),
  };
}
