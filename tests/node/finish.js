// Takes the answer at the redirect URI: code, userinfo, refresh, revocation. Prints what it got.
import { readFileSync } from "node:fs";
import * as client from "openid-client";
import { configuration } from "./common.js";

const kept = JSON.parse(readFileSync(process.argv[2], "utf8"));
const config = await configuration(kept);
const tokens = await client.authorizationCodeGrant(config, new URL(process.argv[3]), {
  pkceCodeVerifier: kept.verifier,
  expectedState: kept.state,
  expectedNonce: kept.nonce,
  idTokenExpected: true,
});
const claims = tokens.claims();
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
await client.tokenRevocation(config, refreshed.refresh_token);
let afterRevocation = 200;
try {
  await client.fetchUserInfo(config, refreshed.access_token, claims.sub);
} catch (error) {
  afterRevocation = error.status ?? error.cause?.status ?? error.cause?.[0]?.status ?? 401;
}
console.log(JSON.stringify({ claims, userinfo, refreshed: refreshed.claims(), afterRevocation }));
