//! The org itself, its profiles, users and Apex classes.

use rusqlite::types::Value as Sql;

use super::{BASE, COLLEAGUES, Seeder, object, stamped, text};
use crate::demo_org::clock::Moment;
use crate::demo_org::store::Store;

impl Seeder<'_> {
    pub(super) fn organization(&mut self, store: &mut Store) -> rusqlite::Result<()> {
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

    pub(super) fn profiles(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        const NAMES: [&str; 3] =
            ["System Administrator", "Standard User", "Minimum Access - API Only Integrations"];
        self.table(store, object("Profile"), NAMES.len() as u64, &["Name", "UserType"], |_, _, number| {
            vec![text(NAMES[number as usize - 1]), text("Standard")]
        })
    }

    pub(super) fn users(&mut self, store: &mut Store) -> rusqlite::Result<()> {
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
                text(store.nth_id(object("Profile"), profile)),
                text("Europe/Berlin"),
                text("de_DE"),
                text("en_US"),
            ]
        })
    }
}

/// How long before the base date the classes were written, in milliseconds.
const AGE: i64 = 90 * 86_400_000;

pub(super) fn apex_classes(store: &mut Store) -> rusqlite::Result<()> {
    const CLASSES: [(&str, &str); 3] = [
        (
            "AccountService",
            "@RestResource(urlMapping='/AccountService/*')\nglobal with sharing class AccountService {\n  // GET lists accounts, POST creates one\n}\n",
        ),
        ("InvoiceReminder", "public with sharing class InvoiceReminder implements Schedulable {\n}\n"),
        ("AccountServiceTest", "@IsTest\nprivate class AccountServiceTest {\n}\n"),
    ];
    let class = object("ApexClass");
    for (name, body) in CLASSES {
        let user = store.nth_id(object("User"), 1);
        let mut record = stamped(store, class, &user, Moment(BASE.0 - AGE));
        record.extend(
            [("Name", name), ("Status", "Active"), ("Body", body)]
                .map(|(name, value)| (name.to_owned(), text(value))),
        );
        record.push(("ApiVersion".to_owned(), Sql::Real(64.0)));
        record.push(("LengthWithoutComments".to_owned(), Sql::Integer(body.len() as i64)));
        store.insert(class, &record)?;
    }
    Ok(())
}
