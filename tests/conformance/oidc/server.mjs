// A certified OAuth server that nobody here wrote, at the paths where orgdeck looks for Salesforce's.
//
// Only one thing is added to what it says: `instance_url` in token responses, which every client of Salesforce needs
// and no standard knows.

import { createServer } from 'node:http';
import Provider from 'oidc-provider';

// It says at each start that what serves a test is not what should serve the world.
console.info = () => {};
console.warn = () => {};

const CALLBACKS = (ports) => ports.map((port) => `http://localhost:${port}/OauthRedirect`);

/** The clients of the tests: how each authenticates, and what it may do. */
export const CLIENTS = {
  confidential: { secret: 'confidential-secret+/=&%', method: 'client_secret_post' },
  basic: { secret: 'basic-secret-5f1e', method: 'client_secret_basic' },
  public: { method: 'none' },
  machine: { secret: 'machine-secret-77aa', method: 'client_secret_post', grants: ['client_credentials'] },
};

/** Starts it on a free port of this machine; `callbackPorts` are those that the clients may come back to. */
export async function start(callbackPorts) {
  const http = createServer();
  await new Promise((listening) => http.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${http.address().port}`;
  const provider = new Provider(issuer, {
    clients: Object.entries(CLIENTS).map(([id, { secret, method, grants }]) => ({
      client_id: id,
      client_secret: secret,
      token_endpoint_auth_method: method,
      grant_types: grants ?? ['authorization_code', 'refresh_token'],
      response_types: grants ? [] : ['code'],
      redirect_uris: grants ? [] : CALLBACKS(callbackPorts),
      application_type: 'native',
    })),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
    },
    // The public client cannot do without; the others may.
    pkce: { required: (ctx, client) => client.clientId === 'public', methods: ['S256'] },
    rotateRefreshToken: true,
    routes: {
      authorization: '/services/oauth2/authorize',
      token: '/services/oauth2/token',
      introspection: '/services/oauth2/introspect',
      revocation: '/services/oauth2/revoke',
      userinfo: '/services/oauth2/userinfo',
    },
    scopes: ['openid', 'offline_access', 'api'],
    cookies: { keys: ['the key of a test'] },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, RefreshToken: 3600, Session: 3600, Grant: 3600, Interaction: 600 },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  const seen = [];
  provider.use(async (ctx, next) => {
    await next();
    seen.push({ route: ctx.oidc?.route, status: ctx.status, body: ctx.oidc?.body, error: ctx.body?.error });
    if (ctx.oidc?.route === 'token' && ctx.body?.access_token) ctx.body.instance_url = issuer;
  });
  http.on('request', provider.callback());
  return { issuer, seen, provider, close: () => http.closeAllConnections() ?? http.close() };
}
