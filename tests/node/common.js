// A client of the tests, set up from what `idp clients add --json` printed.
import * as client from "openid-client";

export function configuration(kept) {
  const methods = {
    none: () => client.None(),
    client_secret_basic: () => client.ClientSecretBasic(kept.client_secret),
    client_secret_post: () => client.ClientSecretPost(kept.client_secret),
  };
  const metadata = { id_token_signed_response_alg: kept.id_token_signed_response_alg };
  return client.discovery(new URL(kept.issuer), kept.client_id, metadata, methods[kept.token_endpoint_auth_method](), {
    execute: [client.allowInsecureRequests],
  });
}
