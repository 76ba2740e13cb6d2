// The token is typed into the headers editor and travels with queries and sockets alike; it is never stored.
const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const fetcher = GraphiQL.createFetcher({
  url: "/graphql",
  subscriptionUrl: `${scheme}//${location.host}/graphql/ws`,
});
const question = `# 1. Get a token: POST /oauth/token (client credentials).
# 2. Put it into the Headers tab below: {"Authorization": "Bearer …"}
# 3. Press the circle on the left to read the schema again.

query Viewer {
  viewer { kind name scopes }
}
`;
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: question,
    defaultHeaders: '{"Authorization": "Bearer "}',
    defaultEditorToolsVisibility: "headers",
    shouldPersistHeaders: false,
  }),
);
