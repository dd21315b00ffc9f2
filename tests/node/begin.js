// Begins a sign-in as npm's openid-client does it: discovery, PKCE, state, nonce. Prints where to send the browser.
import { readFileSync, writeFileSync } from "node:fs";
import * as client from "openid-client";
import { configuration } from "./common.js";

const path = process.argv[2];
const kept = JSON.parse(readFileSync(path, "utf8"));
const config = await configuration(kept);
kept.verifier = client.randomPKCECodeVerifier();
kept.state = client.randomState();
kept.nonce = client.randomNonce();
kept.redirect_uri = "http://127.0.0.1:45678/callback";
writeFileSync(path, JSON.stringify(kept));
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: kept.redirect_uri,
  scope: "openid profile email organizations",
  code_challenge: await client.calculatePKCECodeChallenge(kept.verifier),
  code_challenge_method: "S256",
  state: kept.state,
  nonce: kept.nonce,
});
console.log(address.href);
