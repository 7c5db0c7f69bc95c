// SPDX-License-Identifier: Apache-2.0
// A certified OpenID provider (npm oidc-provider) on loopback, with the log-in pages it brings for trials:
// any name is an account. Prints one line of JSON when it answers, and ends with its standard input.
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const [port, back, alg] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

function key(kind) {
    const pair = kind === "ES256" ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("rsa", { modulusLength: 2048 });
    return { ...pair.privateKey.export({ format: "jwk" }), use: "sig", alg: kind, kid: `${kind}-1` };
}

const provider = new Provider(issuer, {
    clients: [{
        client_id: "tongquan",
        client_secret: "a secret: with % and /",
        redirect_uris: [back],
        id_token_signed_response_alg: alg,
    }],
    jwks: { keys: [key("RS256"), key("ES256")] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ["trial"] },
});
createServer(provider.callback()).listen(Number(port), "127.0.0.1", () => {
    console.log(JSON.stringify({ issuer }));
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
