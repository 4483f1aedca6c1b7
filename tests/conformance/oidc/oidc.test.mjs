// orgdeck's flows against a certified OAuth server (oidc-provider), with nothing of the demo orgs in between.
//
// ORGDECK is the binary. Each test has a home of its own, so that nothing is kept from one to the other.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CLIENTS, start } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const PASSPHRASE = 'a passphrase of a test';
const homes = [];

/** A port that nobody listens on; below those that the system itself gives to connections. */
async function freePort() {
  for (;;) {
    const candidate = randomInt(20_000, 32_000);
    const probe = createServer();
    const free = await new Promise((tell) => {
      probe.once('error', () => tell(false)).listen(candidate, () => tell(true));
    });
    if (free) {
      await new Promise((closed) => probe.close(closed));
      return candidate;
    }
  }
}

const port = await freePort();
const server = await start([port]);

after(async () => {
  server.close();
  await Promise.all(homes.map((home) => rm(home, { recursive: true, force: true })));
});

/** A home with one profile for that client, and a vault to keep logins in. */
async function home(client, more, variables) {
  const folder = await mkdtemp(join(process.env.TEST_FOLDER ?? tmpdir(), 'oidc-'));
  homes.push(folder);
  const { secret } = CLIENTS[client];
  const config = `
    [settings]
    secret_store = "vault"
    vault_passphrase = { env = "VAULT_PASSPHRASE" }
    [profiles.p]
    environment = "custom"
    login_url = "${server.issuer}"
    consumer_key = "${client}"
    ${secret ? 'consumer_secret = { env = "CONSUMER_SECRET" }' : ''}
    api_version = "66.0"
    ${more}`;
  await mkdir(join(folder, 'config'), { mode: 0o700 });
  await writeFile(join(folder, 'config', 'config.toml'), config, { mode: 0o600 });
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    ORGDECK_CONFIG_DIR: join(folder, 'config'),
    ORGDECK_DATA_DIR: join(folder, 'data'),
    BROWSER: join(here, 'browser.mjs'),
    BROWSER_SEES: join(folder, 'page.html'),
    VAULT_PASSPHRASE: PASSPHRASE,
    ...(secret && { CONSUMER_SECRET: secret }),
    ...variables,
  };
  const orgdeck = async (...words) => {
    const run = promisify(execFile)(process.env.ORGDECK, words, { env, timeout: 60_000 });
    run.child.stdin.end();
    return run.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
    );
  };
  await writeFile(join(folder, 'passphrase'), PASSPHRASE, { mode: 0o600 });
  const done = await orgdeck('vault', 'create', '--passphrase-file', join(folder, 'passphrase'));
  assert.equal(done.code, 0, done.stderr);
  return { orgdeck, page: () => readFile(env.BROWSER_SEES, 'utf8') };
}

const LOGIN = `
    flow = "authorization_code"
    redirect_uri = "http://localhost:${port}/OauthRedirect"
    scopes = ["openid", "offline_access"]
    prompt = "login consent"`;

/** What the server was told at its token endpoint, newest last. */
const asked = () => server.seen.filter(({ route }) => route === 'token').map(({ body }) => body);

for (const [client, more, name] of [
  ['public', '', 'a public client, with PKCE'],
  ['confidential', '', 'key and secret in the body, with PKCE'],
  ['confidential', 'pkce = false', 'key and secret in the body, without PKCE'],
  ['basic', 'client_auth = "basic"', 'key and secret as Basic'],
]) {
  test(`authorization code: ${name}; refresh with rotation`, async () => {
    const { orgdeck, page } = await home(client, LOGIN + '\n' + more);
    const first = await orgdeck('token', 'p', '--browser', '--json');
    assert.equal(first.code, 0, first.stderr);
    const token = JSON.parse(first.stdout);
    assert.ok(token.access_token && token.refresh_token && token.id_token);
    assert.match(await page(), /go back to the terminal/);
    assert.equal(Boolean(asked().at(-1).code_verifier), more !== 'pkce = false');

    // The next run needs nobody: the refresh token is in the vault, and is replaced by a new one.
    const second = await orgdeck('token', 'p', '--json');
    assert.equal(second.code, 0, second.stderr);
    const refreshed = JSON.parse(second.stdout);
    assert.equal(asked().at(-1).grant_type, 'refresh_token');
    assert.equal(asked().at(-1).refresh_token, token.refresh_token);
    assert.notEqual(refreshed.access_token, token.access_token);
    assert.notEqual(refreshed.refresh_token, token.refresh_token);
    const third = await orgdeck('token', 'p', '--json');
    assert.equal(third.code, 0, third.stderr);
    assert.equal(asked().at(-1).refresh_token, refreshed.refresh_token);
  });
}

test('client credentials', async () => {
  const { orgdeck } = await home('machine', 'flow = "client_credentials"');
  const { code, stdout, stderr } = await orgdeck('token', 'p');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\S{20,}\n$/);
  assert.deepEqual(Object.keys(asked().at(-1)), ['grant_type', 'client_id', 'client_secret']);
});

test('introspection and revocation', async () => {
  const { orgdeck } = await home('confidential', LOGIN + '\nremember_tokens = true');
  const login = await orgdeck('token', 'p', '--browser');
  assert.equal(login.code, 0, login.stderr);
  const alive = await orgdeck('about', 'p', 'introspect');
  assert.equal(alive.code, 0, alive.stderr);
  assert.equal(JSON.parse(alive.stdout).active, true);
  const revoked = await orgdeck('revoke', 'p');
  assert.equal(revoked.code, 0, revoked.stderr);
  // Nothing is left to use: a person is needed, and there is none.
  assert.equal((await orgdeck('token', 'p')).code, 9);
});

/** A request of a stranger's, with the client's own credentials. */
async function stranger(route, parameters) {
  const credentials = { client_id: 'confidential', client_secret: CLIENTS.confidential.secret };
  const body = new URLSearchParams({ ...credentials, ...parameters });
  const response = await fetch(`${server.issuer}/services/oauth2/${route}`, { method: 'POST', body });
  return { status: response.status, text: await response.text() };
}

test('introspection says of a token that somebody else has ended that it is dead', async () => {
  const { orgdeck } = await home('confidential', LOGIN + '\nremember_tokens = true');
  const login = await orgdeck('token', 'p', '--browser', '--json');
  assert.equal(login.code, 0, login.stderr);
  const { access_token: token } = JSON.parse(login.stdout);
  assert.equal((await stranger('revoke', { token })).status, 200);
  const dead = await orgdeck('about', 'p', 'introspect');
  assert.equal(dead.code, 0, dead.stderr);
  assert.deepEqual(JSON.parse(dead.stdout), { active: false });
  assert.equal(server.seen.at(-1).body.token, token);
});

test('after a replay of an old refresh token a person is needed', async () => {
  const { orgdeck } = await home('confidential', LOGIN);
  const login = await orgdeck('token', 'p', '--browser', '--json');
  assert.equal(login.code, 0, login.stderr);
  const { refresh_token: old } = JSON.parse(login.stdout);
  const renewed = await orgdeck('token', 'p', '--json');
  assert.equal(renewed.code, 0, renewed.stderr);

  // The server takes the second use for a theft, and ends all that came of that login.
  const replay = await stranger('token', { grant_type: 'refresh_token', refresh_token: old });
  assert.equal(replay.status, 400);
  assert.equal(JSON.parse(replay.text).error, 'invalid_grant');

  const before = asked().length;
  const { code, stderr } = await orgdeck('token', 'p', '--json');
  assert.equal(code, 9, stderr);
  assert.deepEqual(asked().slice(before).map((body) => body.refresh_token), [JSON.parse(renewed.stdout).refresh_token]);

  // It was thrown away: the next run does not try it again, and a login makes all well.
  assert.equal((await orgdeck('token', 'p')).code, 9);
  assert.equal(asked().length, before + 1);
  assert.equal((await orgdeck('token', 'p', '--browser')).code, 0);
  assert.equal((await orgdeck('token', 'p')).code, 0);
});

test('a person who turns the login down is believed', async () => {
  const { orgdeck, page } = await home('confidential', LOGIN, { BROWSER_REFUSES: 'yes' });
  const { code, stderr } = await orgdeck('token', 'p', '--browser', '--json');
  assert.equal(code, 4, stderr);
  assert.equal(JSON.parse(stderr.trim().split('\n').at(-1)).error.code, 'access_denied');
  assert.match(await page(), /did not let the app in/);
});

test('a wrong secret is told in the words of the server', async () => {
  const { orgdeck } = await home('machine', 'flow = "client_credentials"', { CONSUMER_SECRET: 'another' });
  const { code, stderr } = await orgdeck('token', 'p', '--json');
  assert.equal(code, 4, stderr);
  assert.equal(JSON.parse(stderr).error.code, 'invalid_client');
});

test('two at once do not replay each other\'s refresh token', async () => {
  const { orgdeck } = await home('public', LOGIN);
  const login = await orgdeck('token', 'p', '--browser');
  assert.equal(login.code, 0, login.stderr);
  const runs = await Promise.all([1, 2, 3, 4].map(() => orgdeck('token', 'p')));
  assert.deepEqual(runs.map(({ code }) => code), [0, 0, 0, 0], runs.map(({ stderr }) => stderr).join('\n'));
  const used = asked().slice(-4).map(({ refresh_token: token }) => token);
  assert.equal(new Set(used).size, 4, 'each refresh uses the token that the one before brought');
});
