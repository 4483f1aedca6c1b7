//! The records that each org starts with: the same ones each time, from names in several scripts.
//!
//! May know the schema, the store and `assets/demo/names.toml`. May not know HTTP or SOQL.

use std::sync::LazyLock;

use rusqlite::types::Value as Sql;
use serde::Deserialize;

use super::clock::{Day, Moment};
use super::orgs::OrgSpec;
use super::schema::{Kind, Object, SCHEMA};
use super::store::Store;
use super::world::Login;

/// 2026-02-02T09:00:00Z: the day on which the records were made, a Monday.
pub(super) const BASE: Moment = Moment(1_770_022_800_000);

const DAY_MILLIS: i64 = 86_400_000;

/// Colleagues who own records but never log in.
const COLLEAGUES: u64 = 12;

/// Each so many records, one contact in the old systems had the same number.
const LEGACY_NUMBERS: u64 = 4_000;

/// The store of an org, filled.
pub(super) fn store(spec: &OrgSpec) -> rusqlite::Result<Store> {
    let mut store = Store::empty(&spec.pod)?;
    store.db().execute_batch("BEGIN")?;
    let mut seeder = Seeder { random: Random(spec.newest_version.into()), spec };
    seeder.organization(&mut store)?;
    seeder.profiles(&mut store)?;
    seeder.users(&mut store)?;
    seeder.accounts(&mut store)?;
    seeder.contacts(&mut store)?;
    seeder.opportunities(&mut store)?;
    seeder.leads(&mut store)?;
    seeder.cases(&mut store)?;
    seeder.invoices(&mut store)?;
    seeder.tasks(&mut store)?;
    apex_classes(&mut store)?;
    store.db().execute_batch("COMMIT")?;
    store.index()?;
    Ok(store)
}

/// One more row in `LoginHistory`.
pub(super) fn add_login(store: &mut Store, login: &Login) -> rusqlite::Result<()> {
    let object = object("LoginHistory");
    let mut record = stamped(store, object, &login.user_id, login.at);
    let texts = [
        ("UserId", login.user_id.as_str()),
        ("LoginType", login.kind),
        ("SourceIp", "127.0.0.1"),
        ("LoginUrl", &login.url),
        ("Status", login.status),
        ("Application", &login.application),
    ];
    record.extend(texts.map(|(name, value)| (name.to_owned(), text(value))));
    record.push(("LoginTime".to_owned(), Sql::Text(login.at.text())));
    store.insert(object, &record)
}

/// The system fields of a new record.
pub(super) fn stamped(store: &mut Store, object: &Object, user_id: &str, at: Moment) -> Vec<(String, Sql)> {
    let at = Sql::Text(at.text());
    let fields = [
        ("Id", Sql::Text(store.next_id(object))),
        ("CreatedDate", at.clone()),
        ("CreatedById", text(user_id)),
        ("LastModifiedDate", at.clone()),
        ("LastModifiedById", text(user_id)),
        ("SystemModstamp", at),
    ];
    fields.map(|(name, value)| (name.to_owned(), value)).into()
}

#[derive(Deserialize)]
struct Region {
    country: String,
    phone: String,
    domain: String,
    street: String,
    cities: Vec<String>,
    first: Vec<String>,
    last: Vec<String>,
    company: Vec<String>,
    trade: Vec<String>,
    legal: Vec<String>,
}

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        region: Vec<Region>,
    }
    let text = include_str!("../../assets/demo/names.toml");
    toml::from_str::<File>(text).expect("the names are read by a test").region
});

/// A small generator of numbers that are the same in each run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let place = self.below(from.len() as u64) as usize;
        &from[place]
    }

    /// A moment in the two years before the base date.
    fn past(&mut self) -> Moment {
        Moment(BASE.0 - self.below(730 * 86_400) as i64 * 1000)
    }
}

struct Seeder<'a> {
    random: Random,
    spec: &'a OrgSpec,
}

/// System fields, then the object's own.
const STAMPS: [&str; 6] =
    ["Id", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"];

impl Seeder<'_> {
    /// Makes `count` records with the columns named; `row` gives the values after the system fields.
    fn table(
        &mut self,
        store: &mut Store,
        object: &'static Object,
        count: u64,
        columns: &[&str],
        mut row: impl FnMut(&mut Self, &Store, u64) -> Vec<Sql>,
    ) -> rusqlite::Result<()> {
        let ids: Vec<String> = (0..count).map(|_| store.next_id(object)).collect();
        let columns: Vec<&str> = STAMPS.iter().chain(columns).copied().collect();
        let store = &*store;
        let rows = ids.into_iter().zip(1..).map(|(id, number)| {
            let created = self.random.past();
            let changed = Moment(created.0 + self.random.below((BASE.0 - created.0) as u64 + 1) as i64);
            let (created, changed) = (Sql::Text(created.text()), Sql::Text(changed.text()));
            let (by, later_by) = (self.owner(store), self.owner(store));
            let mut values = vec![Sql::Text(id), created, by, changed.clone(), later_by, changed];
            values.extend(row(self, store, number));
            values
        });
        store.fill(object, &columns, rows)
    }

    fn organization(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        let object = object("Organization");
        let mut record = stamped(store, object, &self.spec.user_id(0), BASE);
        // The org's own id, not a counted one.
        record[0].1 = text(&self.spec.id);
        let texts = [
            ("Name", self.spec.name.as_str()),
            ("OrganizationType", &self.spec.edition),
            ("InstanceName", &self.spec.instance_name),
            ("LanguageLocaleKey", "en_US"),
            ("DefaultLocaleSidKey", "de_DE"),
            ("TimeZoneSidKey", "Europe/Berlin"),
            ("PrimaryContact", "Ada Østergård"),
        ];
        record.extend(texts.map(|(name, value)| (name.to_owned(), text(value))));
        record.push(("IsSandbox".to_owned(), Sql::Integer(self.spec.sandbox.into())));
        store.insert(object, &record)
    }

    fn profiles(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        const NAMES: [&str; 3] =
            ["System Administrator", "Standard User", "Minimum Access - API Only Integrations"];
        self.table(store, object("Profile"), NAMES.len() as u64, &["Name", "UserType"], |_, _, number| {
            vec![text(NAMES[number as usize - 1]), text("Standard")]
        })
    }

    fn users(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        const COLUMNS: [&str; 13] = [
            "Username",
            "LastName",
            "FirstName",
            "Name",
            "Alias",
            "Email",
            "Title",
            "IsActive",
            "UserType",
            "ProfileId",
            "TimeZoneSidKey",
            "LocaleSidKey",
            "LanguageLocaleKey",
        ];
        let users = self.spec.users.clone();
        let count = users.len() as u64 + COLLEAGUES;
        self.table(store, object("User"), count, &COLUMNS, |seeder, store, number| {
            let (username, first, last, title, active, profile) = match users.get(number as usize - 1) {
                Some(user) => (
                    user.username.clone(),
                    user.first_name.clone(),
                    user.last_name.clone(),
                    user.title.clone(),
                    user.active,
                    match user.profile.as_str() {
                        "System Administrator" => 1,
                        "Standard User" => 2,
                        _ => 3,
                    },
                ),
                None => {
                    let person = seeder.person();
                    let username =
                        format!("{}.{}.{number}@nordlicht.example", person.first_ascii, person.last_ascii);
                    (username, person.first, person.last, "Account Executive".to_owned(), true, 2)
                }
            };
            let alias: String = username.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
            vec![
                text(&username),
                text(&last),
                text(&first),
                text(format!("{first} {last}")),
                text(&alias),
                text(&username),
                text(&title),
                Sql::Integer(active.into()),
                text("Standard"),
                text(&store.nth_id(object("Profile"), profile)),
                text("Europe/Berlin"),
                text("de_DE"),
                text("en_US"),
            ]
        })
    }

    fn accounts(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        const COLUMNS: [&str; 20] = [
            "Name",
            "Type",
            "ParentId",
            "BillingStreet",
            "BillingCity",
            "BillingState",
            "BillingPostalCode",
            "BillingCountry",
            "Phone",
            "Website",
            "Industry",
            "AnnualRevenue",
            "NumberOfEmployees",
            "Rating",
            "Description",
            "OwnerId",
            "ERP_Id__c",
            "Segments__c",
            "Active__c",
            "Customer_Since__c",
        ];
        let object = object("Account");
        self.table(store, object, self.spec.accounts, &COLUMNS, |seeder, store, number| {
            let region = seeder.region();
            let company = seeder.random.pick(&region.company);
            let trade = seeder.random.pick(&region.trade);
            let (word, ascii) = split_name(company);
            let mut name = format!("{word} {trade} {}", seeder.random.pick(&region.legal));
            if seeder.spec.sandbox {
                name.push_str(" (UAT)");
            }
            let place = seeder.address(region);
            let parent = (number > 50 && seeder.random.one_in(12)).then(|| seeder.random.below(50) + 1);
            let since = Day(BASE.day().0 - seeder.random.below(4000) as i64);
            let [street, city, state, postal, country] = place;
            vec![
                text(&name),
                seeder.choice(object, "Type"),
                parent.map_or(Sql::Null, |number| text(&store.nth_id(object, number))),
                street,
                city,
                state,
                postal,
                country,
                seeder.phone(region),
                text(format!("https://www.{ascii}{number}.example.{}", region.domain)),
                seeder.choice(object, "Industry"),
                Sql::Real((seeder.random.below(90_000) * 1000 + 50_000) as f64),
                Sql::Integer(seeder.random.below(12_000) as i64 + 1),
                seeder.choice(object, "Rating"),
                seeder.description(),
                seeder.owner(store),
                text(format!("{}-{number:06}", if seeder.spec.sandbox { "UAT" } else { "ERP" })),
                seeder.several(object, "Segments__c"),
                Sql::Integer(i64::from(!seeder.random.one_in(5))),
                text(&since.text()),
            ]
        })
    }

    fn contacts(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        const COLUMNS: [&str; 18] = [
            "AccountId",
            "LastName",
            "FirstName",
            "Salutation",
            "Name",
            "MailingStreet",
            "MailingCity",
            "MailingState",
            "MailingPostalCode",
            "MailingCountry",
            "Phone",
            "Email",
            "Title",
            "Department",
            "Birthdate",
            "OwnerId",
            "Legacy_Id__c",
            "Languages__c",
        ];
        const TITLES: [&str; 8] = [
            "Head of Purchasing",
            "Geschäftsführer",
            "CFO",
            "IT Manager",
            "Directrice générale",
            "課長",
            "Engineer",
            "Buyer",
        ];
        const DEPARTMENTS: [&str; 6] = ["Purchasing", "Finance", "IT", "Production", "Marketing", "Légal"];
        let object_ = object("Contact");
        self.table(store, object_, self.spec.contacts, &COLUMNS, |seeder, store, number| {
            let person = seeder.person();
            let account = seeder.random.below(seeder.spec.accounts) + 1;
            let [street, city, state, postal, country] = seeder.address(person.region);
            let email =
                format!("{}.{}@example.{}", person.first_ascii, person.last_ascii, person.region.domain);
            let birth = Day(BASE.day().0 - 7300 - seeder.random.below(16_000) as i64);
            let alone = seeder.random.one_in(50);
            vec![
                if alone { Sql::Null } else { text(&store.nth_id(object("Account"), account)) },
                text(&person.last),
                text(&person.first),
                seeder.choice(object_, "Salutation"),
                text(format!("{} {}", person.first, person.last)),
                street,
                city,
                state,
                postal,
                country,
                seeder.phone(person.region),
                if seeder.random.one_in(15) { Sql::Null } else { text(&email) },
                text(seeder.random.pick(&TITLES)),
                text(seeder.random.pick(&DEPARTMENTS)),
                if seeder.random.one_in(3) { text(&birth.text()) } else { Sql::Null },
                seeder.owner(store),
                text(format!("L-{:05}", number % LEGACY_NUMBERS)),
                seeder.several(object_, "Languages__c"),
            ]
        })
    }

    fn opportunities(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        const COLUMNS: [&str; 11] = [
            "AccountId",
            "Name",
            "StageName",
            "Amount",
            "Probability",
            "CloseDate",
            "Type",
            "NextStep",
            "IsClosed",
            "IsWon",
            "OwnerId",
        ];
        const THINGS: [&str; 5] = ["Renewal", "Pilot", "Rollout Phase 2", "Erweiterung", "更新契約"];
        let object_ = object("Opportunity");
        self.table(store, object_, self.spec.opportunities, &COLUMNS, |seeder, store, number| {
            let stages = &object_.field("StageName").map(|field| field.values.clone()).unwrap_or_default();
            let place = seeder.random.below(stages.len() as u64) as usize;
            let stage = stages[place].as_str();
            let (closed, won) = (stage.starts_with("Closed"), stage == "Closed Won");
            let probability = if won {
                100
            } else if closed {
                0
            } else {
                10 + 12 * place as i64
            };
            let close = Day(BASE.day().0 + seeder.random.below(400) as i64 - 200);
            vec![
                seeder.account(store),
                text(format!("{} #{number}", seeder.random.pick(&THINGS))),
                text(stage),
                Sql::Real((seeder.random.below(5_000_00) + 10_000) as f64 / 100.0 * 20.0),
                Sql::Real(probability as f64),
                text(&close.text()),
                seeder.choice(object_, "Type"),
                Sql::Null,
                Sql::Integer(closed.into()),
                Sql::Integer(won.into()),
                seeder.owner(store),
            ]
        })
    }

    fn leads(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        const COLUMNS: [&str; 10] = [
            "LastName",
            "FirstName",
            "Name",
            "Company",
            "City",
            "Country",
            "Phone",
            "Email",
            "Status",
            "OwnerId",
        ];
        let object_ = object("Lead");
        self.table(store, object_, self.spec.leads, &COLUMNS, |seeder, store, _| {
            let person = seeder.person();
            let region = person.region;
            let company = split_name(seeder.random.pick(&region.company)).0;
            let company = format!("{company} {}", seeder.random.pick(&region.trade));
            let city = seeder.random.pick(&region.cities).split('|').next().unwrap_or_default();
            vec![
                text(&person.last),
                text(&person.first),
                text(format!("{} {}", person.first, person.last)),
                text(&company),
                text(city),
                text(&region.country),
                seeder.phone(region),
                text(format!("{}@{}.example.{}", person.first_ascii, person.last_ascii, region.domain)),
                seeder.choice(object_, "Status"),
                seeder.owner(store),
            ]
        })
    }

    fn cases(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        const COLUMNS: [&str; 8] =
            ["CaseNumber", "AccountId", "Subject", "Status", "Priority", "Origin", "IsClosed", "OwnerId"];
        const SUBJECTS: [&str; 6] = [
            "Invoice shows the wrong VAT",
            "Lieferung unvollständig",
            "Cannot log in to the portal",
            "Panne de la pompe n° 4",
            "納期について",
            "Password reset does not arrive",
        ];
        let object_ = object("Case");
        self.table(store, object_, self.spec.cases, &COLUMNS, |seeder, store, number| {
            let status = seeder.choice(object_, "Status");
            let closed = status == text("Closed");
            vec![
                text(format!("{:08}", 1000 + number)),
                seeder.account(store),
                text(seeder.random.pick(&SUBJECTS)),
                status,
                seeder.choice(object_, "Priority"),
                seeder.choice(object_, "Origin"),
                Sql::Integer(closed.into()),
                seeder.owner(store),
            ]
        })
    }

    fn invoices(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        const COLUMNS: [&str; 10] = [
            "Name",
            "Account__c",
            "External_Id__c",
            "Amount__c",
            "Currency__c",
            "Status__c",
            "Issued_On__c",
            "Due_On__c",
            "Paid__c",
            "OwnerId",
        ];
        let object_ = object("Invoice__c");
        self.table(store, object_, self.spec.invoices, &COLUMNS, |seeder, store, number| {
            let status = seeder.choice(object_, "Status__c");
            let paid = status == text("Paid");
            let issued = Day(BASE.day().0 - seeder.random.below(300) as i64);
            vec![
                text(format!("INV-{number:05}")),
                seeder.account(store),
                text(format!("2026-{number:06}")),
                Sql::Real(seeder.random.below(4_000_000) as f64 / 100.0),
                seeder.choice(object_, "Currency__c"),
                status,
                text(&issued.text()),
                text(&Day(issued.0 + 30).text()),
                Sql::Integer(paid.into()),
                seeder.owner(store),
            ]
        })
    }

    fn tasks(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        const COLUMNS: [&str; 8] =
            ["WhoId", "WhatId", "Subject", "ActivityDate", "Status", "Priority", "IsClosed", "OwnerId"];
        const SUBJECTS: [&str; 5] = ["Call", "Send letter", "Send quote", "Angebot nachfassen", "Rappeler"];
        let object_ = object("Task");
        self.table(store, object_, self.spec.tasks, &COLUMNS, |seeder, store, _| {
            let status = seeder.choice(object_, "Status");
            let closed = status == text("Completed");
            let due = Day(BASE.day().0 + seeder.random.below(90) as i64 - 30);
            let who = if seeder.random.one_in(2) {
                store.nth_id(object("Contact"), seeder.random.below(seeder.spec.contacts) + 1)
            } else {
                store.nth_id(object("Lead"), seeder.random.below(seeder.spec.leads) + 1)
            };
            let what = match seeder.random.below(3) {
                0 => store.nth_id(object("Opportunity"), seeder.random.below(seeder.spec.opportunities) + 1),
                1 => store.nth_id(object("Case"), seeder.random.below(seeder.spec.cases) + 1),
                _ => store.nth_id(object("Account"), seeder.random.below(seeder.spec.accounts) + 1),
            };
            vec![
                text(&who),
                text(&what),
                text(seeder.random.pick(&SUBJECTS)),
                text(&due.text()),
                status,
                seeder.choice(object_, "Priority"),
                Sql::Integer(closed.into()),
                seeder.owner(store),
            ]
        })
    }

    fn region(&mut self) -> &'static Region {
        self.random.pick(&REGIONS)
    }

    fn person(&mut self) -> Person {
        let region = self.region();
        let (first, first_ascii) = split_name(self.random.pick(&region.first));
        let (last, last_ascii) = split_name(self.random.pick(&region.last));
        Person { region, first, first_ascii, last, last_ascii }
    }

    /// Street, city, state, postal code, country.
    fn address(&mut self, region: &'static Region) -> [Sql; 5] {
        let word = split_name(self.random.pick(&region.last)).0;
        let number = (self.random.below(180) + 1).to_string();
        let street = region.street.replace("{word}", &word).replace("{n}", &number);
        let mut parts = self.random.pick(&region.cities).split('|').map(text);
        let mut part = || parts.next().unwrap_or(Sql::Null);
        [text(&street), part(), part(), part(), text(&region.country)]
    }

    fn phone(&mut self, region: &Region) -> Sql {
        let (area, number) = (self.random.below(900) + 100, self.random.below(9_000_000) + 1_000_000);
        text(format!("{}{area} {number}", region.phone))
    }

    fn owner(&mut self, store: &Store) -> Sql {
        let users = self.spec.users.len() as u64;
        let number = if self.random.one_in(4) { 1 } else { users + 1 + self.random.below(COLLEAGUES) };
        text(&store.nth_id(object("User"), number))
    }

    fn account(&mut self, store: &Store) -> Sql {
        text(&store.nth_id(object("Account"), self.random.below(self.spec.accounts) + 1))
    }

    /// A value of a picklist.
    fn choice(&mut self, object: &Object, field: &str) -> Sql {
        let values = object.field(field).map_or(&[][..], |field| &field.values);
        if values.is_empty() { Sql::Null } else { text(self.random.pick(values)) }
    }

    /// None, one or two values of a multi-select picklist.
    fn several(&mut self, object: &Object, field: &str) -> Sql {
        let Some(field) = object.field(field).filter(|field| field.kind == Kind::Multipicklist) else {
            return Sql::Null;
        };
        let first = self.random.below(field.values.len() as u64 + 1) as usize;
        let second = self.random.below(field.values.len() as u64) as usize;
        match (field.values.get(first), &field.values[second]) {
            (None, _) => Sql::Null,
            (Some(one), other) if first < second && second.is_multiple_of(2) => {
                text(format!("{one};{other}"))
            }
            (Some(one), _) => text(one),
        }
    }

    fn description(&mut self) -> Sql {
        const TEXTS: [&str; 4] = [
            "Key customer since the merger.\nVisit twice a year; ask for the <new> price list & terms.",
            "Zahlt pünktlich. Ansprechpartner wechselt häufig.",
            "Ouvre un 2ᵉ entrepôt à l’été 🙂",
            "Needs 24/7 support: see the \"gold\" contract.",
        ];
        if self.random.one_in(4) { text(self.random.pick(&TEXTS)) } else { Sql::Null }
    }
}

struct Person {
    region: &'static Region,
    first: String,
    first_ascii: String,
    last: String,
    last_ascii: String,
}

/// `Müller/mueller` as both; a name without a slash is its own address in lower case.
fn split_name(entry: impl AsRef<str>) -> (String, String) {
    let entry = entry.as_ref();
    match entry.rsplit_once('/') {
        Some((name, ascii)) => (name.to_owned(), ascii.to_owned()),
        None => (entry.to_owned(), entry.to_ascii_lowercase()),
    }
}

fn apex_classes(store: &mut Store) -> rusqlite::Result<()> {
    const CLASSES: [(&str, &str); 3] = [
        (
            "AccountService",
            "@RestResource(urlMapping='/AccountService/*')\nglobal with sharing class AccountService {\n  // GET lists accounts, POST creates one\n}\n",
        ),
        ("InvoiceReminder", "public with sharing class InvoiceReminder implements Schedulable {\n}\n"),
        ("AccountServiceTest", "@IsTest\nprivate class AccountServiceTest {\n}\n"),
    ];
    let object = object("ApexClass");
    for (name, body) in CLASSES {
        let user = store.nth_id(self::object("User"), 1);
        let mut record = stamped(store, object, &user, Moment(BASE.0 - 90 * DAY_MILLIS));
        record.extend(
            [("Name", name), ("Status", "Active"), ("Body", body)]
                .map(|(name, value)| (name.to_owned(), text(value))),
        );
        record.push(("ApiVersion".to_owned(), Sql::Real(64.0)));
        record.push(("LengthWithoutComments".to_owned(), Sql::Integer(body.len() as i64)));
        store.insert(object, &record)?;
    }
    Ok(())
}

fn object(name: &str) -> &'static Object {
    SCHEMA.object(name).expect("an object of the schema, checked by a test that makes every org")
}

fn text(value: impl AsRef<str>) -> Sql {
    Sql::Text(value.as_ref().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orgs_are_made_and_always_alike() {
        for spec in OrgSpec::all() {
            let (one, two) = (store(&spec).unwrap(), store(&spec).unwrap());
            assert_eq!(one.count(object("Account")).unwrap(), spec.accounts);
            assert_eq!(one.count(object("Contact")).unwrap(), spec.contacts);
            let last = one.nth_id(object("Contact"), spec.contacts);
            let email = |store: &Store| store.field(object("Contact"), &last, "Name").unwrap();
            assert_eq!(email(&one), email(&two));
        }
    }

    #[test]
    fn users_of_the_file_have_the_ids_that_tokens_name() {
        let spec = &OrgSpec::all()[0];
        let store = store(spec).unwrap();
        let (user, id) = spec.user("KENJI@nordlicht.example").unwrap();
        assert_eq!(store.field(object("User"), &id, "Username").unwrap(), Some(text(&user.username)));
    }

    #[test]
    fn texts_fit_their_fields() {
        let store = store(&OrgSpec::all()[1]).unwrap();
        for object in &SCHEMA.objects {
            for field in object.columns().filter(|field| field.kind.is_text()) {
                let sql =
                    format!(r#"SELECT COALESCE(MAX(length("{}")), 0) FROM "{}""#, field.name, object.name);
                let longest: u32 = store.db().query_row(&sql, [], |row| row.get(0)).unwrap();
                assert!(longest as usize <= field.length, "{}.{}: {longest}", object.name, field.name);
            }
        }
    }
}
