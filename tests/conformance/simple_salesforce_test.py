"""simple-salesforce, as published, against the demo orgs.

The server's own description (one JSON line of `orgdeck demo --serve`) comes in ORGDECK_DEMO.
"""

import unittest
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from demo import APPS, ORGS, USERS, app_for


class ToTheDemo(HTTPAdapter):
    """Carries requests for Salesforce's hosts to the demo server, which speaks http on loopback."""

    HOSTS = {
        "login.salesforce.com": ORGS["production"]["login_url"],
        "test.salesforce.com": ORGS["sandbox"]["login_url"],
        "nordlicht.my.salesforce.com": ORGS["production"]["instance_url"],
    }

    def send(self, request, **kwargs):
        address = urlsplit(request.url)
        base = self.HOSTS.get(address.netloc, f"http://{address.netloc}")
        request.url = base.rstrip("/") + address._replace(scheme="", netloc="").geturl()
        return super().send(request, **kwargs)


def session():
    carried = requests.Session()
    carried.trust_env = False  # no proxy stands between us and loopback
    carried.mount("https://", ToTheDemo())
    return carried


def log_in(org="production", **changes):
    user, app = USERS[org][0], app_for(org, "password")
    given = {
        "username": user["username"],
        "password": user["password"] + user["security_token"],
        "consumer_key": app["consumer_key"],
        "consumer_secret": app["consumer_secret"],
        "domain": "login" if org == "production" else "test",
    }
    return Salesforce(session=session(), **(given | changes))


class LoggingIn(unittest.TestCase):
    def test_username_password(self):
        for org, is_sandbox in [("production", False), ("sandbox", True)]:
            with self.subTest(org):
                self.assertEqual(log_in(org).is_sandbox(), is_sandbox)

    def test_client_credentials(self):
        app = app_for("production", "client_credentials", run_as=True)
        salesforce = Salesforce(
            session=session(),
            consumer_key=app["consumer_key"],
            consumer_secret=app["consumer_secret"],
            domain="nordlicht.my",
        )
        self.assertEqual(salesforce.query("SELECT count() FROM User WHERE IsActive = true")["done"], True)

    def test_signed_assertion(self):
        for org, domain in [("production", "login"), ("sandbox", "test")]:
            with self.subTest(org):
                app = app_for(org, "jwt_bearer")
                salesforce = Salesforce(
                    session=session(),
                    username=app["pre_authorized"][0],
                    consumer_key=app["consumer_key"],
                    privatekey=app["private_key"],
                    domain=domain,
                )
                self.assertEqual(salesforce.is_sandbox(), org == "sandbox")

    def test_assertion_for_somebody_who_was_not_approved(self):
        app = app_for("production", "jwt_bearer")
        with self.assertRaises(SalesforceAuthenticationFailed) as refused:
            Salesforce(
                session=session(),
                username=USERS["production"][1]["username"],
                consumer_key=app["consumer_key"],
                privatekey=app["private_key"],
                domain="login",
            )
        self.assertEqual(refused.exception.code, "invalid_app_access")

    def test_wrong_password(self):
        with self.assertRaises(SalesforceAuthenticationFailed) as refused:
            log_in(password="wrong")
        self.assertEqual(refused.exception.code, "invalid_grant")
        self.assertEqual(refused.exception.auth_message, "authentication failure")

    def test_missing_security_token(self):
        with self.assertRaises(SalesforceAuthenticationFailed) as refused:
            log_in(password=USERS["production"][0]["password"])
        self.assertEqual(refused.exception.code, "invalid_grant")

    def test_unknown_consumer_key(self):
        with self.assertRaises(SalesforceAuthenticationFailed) as refused:
            log_in(consumer_key=APPS["production"][0]["consumer_key"] + "x")
        self.assertEqual(refused.exception.code, "invalid_client_id")

    def test_an_expired_session_is_renewed_by_the_client(self):
        salesforce = log_in()
        salesforce.headers["Authorization"] = "Bearer 00D000000000000!expired"
        self.assertEqual(salesforce.query("SELECT Id FROM Account LIMIT 1")["totalSize"], 1)
        self.assertNotIn("expired", salesforce.headers["Authorization"])


class Reading(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.salesforce = log_in()

    def test_all_pages(self):
        for sobject, expected in [("Account", 5_000), ("Contact", 20_000)]:
            with self.subTest(sobject):
                answer = self.salesforce.query_all(f"SELECT Id, Name FROM {sobject}")
                self.assertEqual(answer["totalSize"], expected)
                self.assertEqual(len({record["Id"] for record in answer["records"]}), expected)

    def test_a_page_holds_2000_records(self):
        answer = self.salesforce.query("SELECT Id FROM Account")
        self.assertEqual((len(answer["records"]), answer["done"], answer["totalSize"]), (2_000, False, 5_000))

    def test_relationships_both_ways(self):
        up = self.salesforce.query("SELECT Name, Account.Name, Account.Owner.Name FROM Contact WHERE AccountId != null LIMIT 1")
        self.assertTrue(up["records"][0]["Account"]["Owner"]["Name"])
        down = self.salesforce.query("SELECT Name, (SELECT LastName FROM Contacts LIMIT 2) FROM Account LIMIT 3")
        self.assertEqual(len(down["records"]), 3)
        for record in down["records"]:
            self.assertIn("Contacts", record)

    def test_describe_global(self):
        described = self.salesforce.describe()
        names = {sobject["name"] for sobject in described["sobjects"]}
        self.assertLessEqual({"Account", "Contact", "Opportunity", "User", "Organization"}, names)
        self.assertEqual(described["encoding"], "UTF-8")

    def test_describe_an_object(self):
        described = self.salesforce.Account.describe()
        self.assertEqual(described["keyPrefix"], "001")
        fields = {field["name"]: field for field in described["fields"]}
        self.assertEqual(fields["Name"]["type"], "string")
        self.assertTrue(fields["ERP_Id__c"]["externalId"])
        self.assertIn("Contacts", {child["relationshipName"] for child in described["childRelationships"]})

    def test_limits_and_usage(self):
        self.assertGreater(self.salesforce.limits()["DailyApiRequests"]["Max"], 0)
        self.assertGreater(self.salesforce.api_usage["api-usage"].total, 0)

    def test_search(self):
        name = self.salesforce.query("SELECT Name FROM Account LIMIT 1")["records"][0]["Name"]
        word = max(name.split(), key=len)
        found = self.salesforce.search("FIND {%s} IN NAME FIELDS RETURNING Account(Id, Name)" % word)
        self.assertTrue(found["searchRecords"])

    def test_malformed_query(self):
        with self.assertRaises(SalesforceMalformedRequest) as refused:
            self.salesforce.query("SELECT Id FORM Account")
        self.assertEqual(refused.exception.content[0]["errorCode"], "MALFORMED_QUERY")

    def test_unknown_field(self):
        with self.assertRaises(SalesforceMalformedRequest) as refused:
            self.salesforce.query("SELECT Nmae FROM Account")
        self.assertEqual(refused.exception.content[0]["errorCode"], "INVALID_FIELD")

    def test_not_found(self):
        with self.assertRaises(SalesforceResourceNotFound) as refused:
            self.salesforce.Account.get("001000000000000AAA")
        self.assertEqual(refused.exception.content[0]["errorCode"], "NOT_FOUND")


class Writing(unittest.TestCase):
    def setUp(self):
        self.salesforce = log_in("sandbox")

    def created(self, **fields):
        answer = self.salesforce.Account.create(fields)
        self.assertTrue(answer["success"])
        self.addCleanup(self.forget, answer["id"])
        return answer["id"]

    def forget(self, record):
        try:
            self.salesforce.Account.delete(record)
        except SalesforceResourceNotFound:
            pass  # the test has deleted it

    def test_a_record_from_birth_to_death(self):
        record = self.created(Name="Æther & Søns “北”", NumberOfEmployees=7)
        self.assertEqual(len(record), 18)
        read = self.salesforce.Account.get(record)
        self.assertEqual((read["Name"], read["NumberOfEmployees"]), ("Æther & Søns “北”", 7))
        self.assertEqual(self.salesforce.Account.update(record, {"NumberOfEmployees": 8}), 204)
        self.assertEqual(self.salesforce.Account.get(record)["NumberOfEmployees"], 8)
        self.assertEqual(self.salesforce.Account.delete(record), 204)
        with self.assertRaises(SalesforceResourceNotFound) as gone:
            self.salesforce.Account.get(record)
        self.assertIn(gone.exception.content[0]["errorCode"], ("NOT_FOUND", "ENTITY_IS_DELETED"))

    def test_upsert_by_external_id(self):
        key = "ERP_Id__c/PY-1"
        self.assertEqual(self.salesforce.Account.upsert(key, {"Name": "Upserted"}), 201)
        record = self.salesforce.Account.get_by_custom_id("ERP_Id__c", "PY-1")
        self.addCleanup(self.forget, record["Id"])
        self.assertIn(self.salesforce.Account.upsert(key, {"Name": "Upserted again"}), (200, 204))
        self.assertEqual(self.salesforce.Account.get(record["Id"])["Name"], "Upserted again")

    def test_required_field_missing(self):
        with self.assertRaises(SalesforceMalformedRequest) as refused:
            self.salesforce.Account.create({"Phone": "1"})
        error = refused.exception.content[0]
        self.assertEqual((error["errorCode"], error["fields"]), ("REQUIRED_FIELD_MISSING", ["Name"]))

    def test_deleted_records_are_in_query_all(self):
        record = self.created(Name="Soon gone")
        self.salesforce.Account.delete(record)
        soql = f"SELECT Id, IsDeleted FROM Account WHERE Id = '{record}'"
        self.assertEqual(self.salesforce.query(soql)["totalSize"], 0)
        self.assertTrue(self.salesforce.query(soql, include_deleted=True)["records"][0]["IsDeleted"])


if __name__ == "__main__":
    unittest.main()
