//! The org itself, its profiles, users, Apex classes and validation rules.

use rusqlite::types::Value as Sql;

use super::{BASE, COLLEAGUES, Seeder, object, stamped, text};
use crate::demo_org::clock::Moment;
use crate::demo_org::orgs::OrgSpec;
use crate::demo_org::schema::SCHEMA;
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
        let profiles = &self.spec.profiles;
        self.table(store, object("Profile"), profiles.len() as u64, &["Name", "UserType"], |_, _, number| {
            vec![text(&profiles[number as usize - 1].name), text("Standard")]
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
        let users = &self.spec.users;
        let profiles = &self.spec.profiles;
        let profile =
            |name: &str| profiles.iter().position(|one| one.name == name).map_or(1, |at| at as u64 + 1);
        let count = users.len() as u64 + COLLEAGUES;
        self.table(store, object("User"), count, &COLUMNS, |seeder, store, number| {
            let (username, first, last, title, active, profile) = match users.get(number as usize - 1) {
                Some(user) => (
                    user.username.clone(),
                    user.first_name.clone(),
                    user.last_name.clone(),
                    user.title.clone(),
                    user.active,
                    profile(&user.profile),
                ),
                None => {
                    let person = seeder.person();
                    let username =
                        format!("{}.{}.{number}@nordlicht.example", person.first_ascii, person.last_ascii);
                    (
                        username,
                        person.first,
                        person.last,
                        "Account Executive".to_owned(),
                        true,
                        profile("Standard User"),
                    )
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

/// The rules that the schema has, for the Tooling API.
pub(super) fn validation_rules(store: &mut Store) -> rusqlite::Result<()> {
    let rule = object("ValidationRule");
    for (entity, one) in
        SCHEMA.objects.iter().flat_map(|object| object.rules.iter().map(move |one| (object, one)))
    {
        let user = store.nth_id(object("User"), 1);
        let mut record = stamped(store, rule, &user, Moment(BASE.0 - AGE));
        record.extend(
            [
                ("ValidationName", &one.name),
                ("EntityDefinitionId", &entity.name),
                ("ErrorDisplayField", &one.field),
                ("ErrorMessage", &one.message),
            ]
            .map(|(name, value)| (name.to_owned(), text(value))),
        );
        record.push(("Active".to_owned(), Sql::Integer(1)));
        store.insert(rule, &record)?;
    }
    Ok(())
}

/// A row of `UserLogin` for everyone who logs in; what it says is kept up to date later.
pub(super) fn user_logins(store: &mut Store, spec: &OrgSpec) -> rusqlite::Result<()> {
    let user_login = object("UserLogin");
    for place in 0..spec.users.len() {
        let user_id = spec.user_id(place);
        let mut record = stamped(store, user_login, &user_id, Moment(BASE.0 - AGE));
        record.push(("UserId".to_owned(), text(&user_id)));
        store.insert(user_login, &record)?;
    }
    Ok(())
}
