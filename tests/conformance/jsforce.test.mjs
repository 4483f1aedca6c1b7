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
