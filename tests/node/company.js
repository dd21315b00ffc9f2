// A company's OpenID provider that we did not write: npm's oidc-provider. Everybody may sign in there whom the file names.
import { readFileSync } from "node:fs";
import { Provider } from "oidc-provider";

const told = JSON.parse(readFileSync(process.argv[2], "utf8"));
const provider = new Provider(told.issuer, {
  clients: told.clients,
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["given_name", "family_name", "preferred_username"], groups: ["groups"] },
  scopes: ["openid", "offline_access"],
  acrValues: ["urn:company:strong"],
  features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
  cookies: { keys: ["a key of the tests"] },
  jwks: told.jwks,
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options), // ours is on this machine, where it would not go
  findAccount(_, sub) {
    const person = told.people[sub];
    return person && { accountId: sub, claims: () => ({ sub, ...person }) };
  },
  // Refresh tokens without asking for consent each time: they are the company's own application's.
  issueRefreshToken: async () => true,
  loadExistingGrant: async (ctx) => {
    const { client, session, params } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(params.scope);
    await grant.save();
    return grant;
  },
});
provider.on("server_error", (_, error) => console.error(error));
provider.on("backchannel.error", (_, error) => console.error(error));
provider.listen(told.port, "127.0.0.1", () => console.log("ready"));
