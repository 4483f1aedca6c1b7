//! The records that each org starts with: the same ones each time, from names in several scripts.
//!
//! May know the schema, the store and `assets/demo/names.toml`. May not know HTTP or SOQL.

mod business;
mod people;
mod setup;

use rusqlite::types::Value as Sql;

use super::clock::Moment;
use super::orgs::OrgSpec;
use super::schema::{Kind, Object, SCHEMA};
use super::standing::Standing;
use super::store::Store;
use super::world::Login;
use people::{Person, REGIONS, Random, Region, split_name};

/// 2026-02-02T09:00:00Z: the day on which the records were made, a Monday.
pub(super) const BASE: Moment = Moment(1_770_022_800_000);

/// Colleagues who own records but never log in.
const COLLEAGUES: u64 = 12;

/// The store of an org, filled.
pub(super) fn store(spec: &OrgSpec) -> rusqlite::Result<Store> {
    let mut store = Store::empty(&spec.pod)?;
    store.db().execute_batch("BEGIN")?;
    let mut seeder = Seeder { random: Random(spec.newest_version.into()), spec };
    seeder.organization(&mut store)?;
    seeder.profiles(&mut store)?;
    seeder.users(&mut store)?;
    // Who is added above changes no record below.
    seeder.random = Random(spec.newest_version.into());
    seeder.accounts(&mut store)?;
    seeder.contacts(&mut store)?;
    seeder.opportunities(&mut store)?;
    seeder.leads(&mut store)?;
    seeder.cases(&mut store)?;
    seeder.invoices(&mut store)?;
    seeder.tasks(&mut store)?;
    setup::apex_classes(&mut store)?;
    setup::validation_rules(&mut store)?;
    setup::user_logins(&mut store, spec)?;
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

/// Brings the `UserLogin` rows, and who is active, in line with how users stand.
pub(super) fn tell_standings(store: &Store, standings: &[(String, Standing)]) -> rusqlite::Result<()> {
    let db = store.db();
    let mut login = db.prepare_cached(
        r#"UPDATE "UserLogin" SET "IsFrozen" = ?2, "IsPasswordLocked" = ?3 WHERE "UserId" = ?1"#,
    )?;
    let mut user = db.prepare_cached(r#"UPDATE "User" SET "IsActive" = ?2 WHERE "Id" = ?1"#)?;
    for (user_id, standing) in standings {
        login.execute((user_id, standing.frozen, standing.locked))?;
        user.execute((user_id, standing.active))?;
    }
    Ok(())
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
        text(store.nth_id(object("User"), number))
    }

    fn account(&mut self, store: &Store) -> Sql {
        text(store.nth_id(object("Account"), self.random.below(self.spec.accounts) + 1))
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
