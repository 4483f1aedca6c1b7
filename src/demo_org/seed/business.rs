//! Customers and what is done with them: accounts, contacts, opportunities, leads, cases, invoices, tasks.

use rusqlite::types::Value as Sql;

use super::people::split_name;
use super::{BASE, Seeder, object, text};
use crate::demo_org::clock::Day;
use crate::demo_org::store::Store;

/// Each so many records, one contact in the old systems had the same number.
const LEGACY_NUMBERS: u64 = 4_000;

impl Seeder<'_> {
    pub(super) fn accounts(&mut self, store: &mut Store) -> rusqlite::Result<()> {
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
                parent.map_or(Sql::Null, |number| text(store.nth_id(object, number))),
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
                text(since.text()),
            ]
        })
    }

    pub(super) fn contacts(&mut self, store: &mut Store) -> rusqlite::Result<()> {
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
                if alone { Sql::Null } else { text(store.nth_id(object("Account"), account)) },
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
                if seeder.random.one_in(3) { text(birth.text()) } else { Sql::Null },
                seeder.owner(store),
                text(format!("L-{:05}", number % LEGACY_NUMBERS)),
                seeder.several(object_, "Languages__c"),
            ]
        })
    }

    pub(super) fn opportunities(&mut self, store: &mut Store) -> rusqlite::Result<()> {
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
                Sql::Real((seeder.random.below(500_000) + 10_000) as f64 / 100.0 * 20.0),
                Sql::Real(probability as f64),
                text(close.text()),
                seeder.choice(object_, "Type"),
                Sql::Null,
                Sql::Integer(closed.into()),
                Sql::Integer(won.into()),
                seeder.owner(store),
            ]
        })
    }

    pub(super) fn leads(&mut self, store: &mut Store) -> rusqlite::Result<()> {
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

    pub(super) fn cases(&mut self, store: &mut Store) -> rusqlite::Result<()> {
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

    pub(super) fn invoices(&mut self, store: &mut Store) -> rusqlite::Result<()> {
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
                text(issued.text()),
                text(Day(issued.0 + 30).text()),
                Sql::Integer(paid.into()),
                seeder.owner(store),
            ]
        })
    }

    pub(super) fn tasks(&mut self, store: &mut Store) -> rusqlite::Result<()> {
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
                text(due.text()),
                status,
                seeder.choice(object_, "Priority"),
                Sql::Integer(closed.into()),
                seeder.owner(store),
            ]
        })
    }
}
