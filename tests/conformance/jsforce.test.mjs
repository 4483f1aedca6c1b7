// jsforce, as published, against the demo orgs. The server's own description (one JSON line of
// `orgdeck demo --serve`) comes in ORGDECK_DEMO.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import jsforce from "jsforce";

const demo = JSON.parse(process.env.ORGDECK_DEMO);
const orgs = Object.fromEntries(demo.orgs.map((org) => [org.key, org]));

function appFor(org, flow) {
  return org.apps.find((app) => app.flows.includes(flow) && (flow !== "client_credentials" || app.run_as));
}

function connection(org, flow = "password") {
  const { consumer_key: clientId, consumer_secret: clientSecret } = appFor(org, flow);
  const loginUrl = flow === "client_credentials" ? org.instance_url : org.login_url;
  return new jsforce.Connection({ loginUrl, version: "66.0", oauth2: { loginUrl, clientId, clientSecret } });
}

async function loggedIn(key) {
  const org = orgs[key];
  const conn = connection(org);
  const [{ username, password, security_token: securityToken }] = org.users;
  const user = await conn.login(username, password + securityToken);
  return { conn, user, org };
}

function app(org, name) {
  return org.apps.find((one) => one.name === name);
}

// A person with a browser: keeps cookies, follows redirects, logs in and allows; ends at the app's callback.
async function authorize(url, { username, password }, callback) {
  const cookies = new Map();
  const unescaped = (text) => text.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  async function go(target, body) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(target, {
      method: body ? "POST" : "GET",
      body: body && new URLSearchParams(body),
      headers: { cookie },
      redirect: "manual",
    });
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split("=");
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (!location) return { url: target, text: await response.text() };
    return location.startsWith(callback) ? { callback: location } : go(new URL(location, target).href);
  }
  let page = await go(url);
  for (let forms = 0; forms < 3 && !page.callback; forms += 1) {
    const action = unescaped(page.text.match(/<form[^>]* action="([^"]*)"/)[1]);
    const hidden = [...page.text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const fields = Object.fromEntries(hidden.map(([, name, value]) => [name, unescaped(value)]));
    const filled = page.text.includes('id="oaapprove"') ? { save: "Allow" } : { username, pw: password };
    page = await go(new URL(action, page.url).href, { ...fields, ...filled });
  }
  return new URL(page.callback).searchParams;
}

const refusal = (errorCode) => (error) => {
  assert.equal(error.errorCode ?? error.name, errorCode, error.message);
  return true;
};

describe("logging in", () => {
  test("username and password, with the ids of user and org", async () => {
    for (const key of ["production", "sandbox"]) {
      const { conn, user } = await loggedIn(key);
      const identity = await conn.identity();
      assert.equal(identity.user_id, user.id);
      assert.equal(identity.organization_id, user.organizationId);
    }
  });

  test("client credentials", async () => {
    const conn = connection(orgs.production, "client_credentials");
    await conn.authorize({ grant_type: "client_credentials" });
    assert.equal((await conn.query("SELECT Id FROM Organization")).totalSize, 1);
  });

  test("a wrong password", async () => {
    const org = orgs.production;
    await assert.rejects(connection(org).login(org.users[0].username, "wrong"), refusal("invalid_grant"));
  });

  test("an expired session is renewed by the client", async () => {
    const { conn } = await loggedIn("production");
    conn.accessToken = "00D000000000000!expired";
    assert.equal((await conn.query("SELECT Id FROM Account LIMIT 1")).totalSize, 1);
    assert.ok(!conn.accessToken.endsWith("expired"));
  });
});

describe("logging in by browser", () => {
  const org = orgs.production;
  const redirectUri = "http://localhost:1717/OauthRedirect";

  test("a code with PKCE, a refresh, a revocation", async () => {
    const clientId = app(org, "Browser Login").consumer_key;
    const oauth2 = new jsforce.OAuth2({ loginUrl: org.login_url, clientId, redirectUri, useVerifier: true });
    const url = oauth2.getAuthorizationUrl({ scope: "api id refresh_token", state: "s/1" });
    const answer = await authorize(url, org.users[0], redirectUri);
    assert.equal(answer.get("state"), "s/1");
    const conn = new jsforce.Connection({ oauth2, version: "66.0" });
    const user = await conn.authorize(answer.get("code"));
    assert.equal(user.organizationId, org.id);
    assert.equal(conn.instanceUrl, org.instance_url);
    const first = conn.accessToken;
    // Without the verifier of the login, which a refresh must not send.
    const later = new jsforce.OAuth2({ loginUrl: org.login_url, clientId });
    const renewed = await later.refreshToken(conn.refreshToken);
    assert.notEqual(renewed.access_token, first);
    await assert.rejects(oauth2.refreshToken(conn.refreshToken), refusal("invalid_grant"));
    await later.revokeToken(conn.refreshToken);
    await assert.rejects(later.refreshToken(conn.refreshToken), refusal("invalid_grant"));
  });

  test("a rotated refresh token, which is adopted", async () => {
    const clientId = app(org, "Rotating Tokens").consumer_key;
    const oauth2 = new jsforce.OAuth2({ loginUrl: org.login_url, clientId, redirectUri, useVerifier: true });
    const answer = await authorize(oauth2.getAuthorizationUrl({}), org.users[0], redirectUri);
    const { refresh_token: first } = await oauth2.requestToken(answer.get("code"));
    const later = new jsforce.OAuth2({ loginUrl: org.login_url, clientId });
    const { refresh_token: second } = await later.refreshToken(first);
    assert.notEqual(second, first);
    await assert.rejects(later.refreshToken(first), refusal("invalid_grant"));
    await assert.rejects(later.refreshToken(second), refusal("invalid_grant"));
  });
});

describe("reading", () => {
  let conn;
  before(async () => ({ conn } = await loggedIn("production")));

  test("all pages", async () => {
    for (const [sobject, expected] of [["Account", 5_000], ["Contact", 20_000]]) {
      const pages = conn.query(`SELECT Id, Name FROM ${sobject}`, { autoFetch: true, maxFetch: 100_000 });
      const { records, totalSize } = await pages;
      assert.equal(totalSize, expected);
      assert.equal(new Set(records.map((record) => record.Id)).size, expected);
    }
  });

  test("describe global and an object", async () => {
    const names = (await conn.describeGlobal()).sobjects.map((sobject) => sobject.name);
    assert.ok(names.includes("Account") && names.includes("Contact"));
    const account = await conn.sobject("Account").describe();
    assert.equal(account.keyPrefix, "001");
    assert.equal(account.fields.find((field) => field.name === "ERP_Id__c").externalId, true);
  });

  test("the query builder", async () => {
    const accounts = await conn
      .sobject("Account")
      .find({ Industry: "Technology" }, "Id, Name, Industry")
      .sort({ Name: 1 })
      .limit(5);
    assert.equal(accounts.length, 5);
    assert.ok(accounts.every((account) => account.Industry === "Technology"));
  });

  test("limits and usage", async () => {
    assert.ok((await conn.limits()).DailyApiRequests.Max > 0);
    assert.ok(conn.limitInfo.apiUsage.limit > 0);
  });

  test("a malformed query", async () => {
    await assert.rejects(conn.query("SELECT Id FORM Account"), refusal("MALFORMED_QUERY"));
  });

  test("an unknown object", async () => {
    await assert.rejects(conn.query("SELECT Id FROM Acount"), refusal("INVALID_TYPE"));
  });

  test("a record that is not there", async () => {
    await assert.rejects(conn.sobject("Account").retrieve("001000000000000AAA"), refusal("NOT_FOUND"));
  });
});

describe("writing", () => {
  let conn;
  before(async () => ({ conn } = await loggedIn("sandbox")));

  test("a record from birth to death", async () => {
    const accounts = conn.sobject("Account");
    const created = await accounts.create({ Name: "Æther & Søns “北”", NumberOfEmployees: 7 });
    assert.ok(created.success);
    assert.equal((await accounts.retrieve(created.id)).Name, "Æther & Søns “北”");
    assert.ok((await accounts.update({ Id: created.id, NumberOfEmployees: 8 })).success);
    assert.equal((await accounts.retrieve(created.id)).NumberOfEmployees, 8);
    assert.ok((await accounts.destroy(created.id)).success);
    await assert.rejects(accounts.retrieve(created.id), (error) =>
      ["NOT_FOUND", "ENTITY_IS_DELETED"].includes(error.errorCode),
    );
  });

  test("upsert by external id", async () => {
    const accounts = conn.sobject("Account");
    const first = await accounts.upsert({ ERP_Id__c: "JS-1", Name: "Upserted" }, "ERP_Id__c");
    assert.ok(first.success);
    await accounts.upsert({ ERP_Id__c: "JS-1", Name: "Upserted again" }, "ERP_Id__c");
    const found = await accounts.find({ ERP_Id__c: "JS-1" }, "Id, Name");
    assert.deepEqual(found.map((account) => account.Name), ["Upserted again"]);
    await accounts.destroy(found[0].Id);
  });

  test("a required field missing", async () => {
    await assert.rejects(conn.sobject("Account").create({ Phone: "1" }), refusal("REQUIRED_FIELD_MISSING"));
  });
});
