//! What the sandbox knows: records by kind, generated when first asked for, changed by writes.

pub mod books;
pub mod exports;
pub mod imports;
pub mod people;
pub mod random;
pub mod spend;
pub mod tags;
pub mod words;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::oauth::Grants;
use crate::pleo::environment::Environment;

/// One thing: its members as Pleo names them, and members of our own whose names begin with `_` and never leave.
pub type Record = Map<String, Value>;

/// What "I don't know" looks like where an account or tag is chosen.
pub const ZERO_ID: &str = "00000000-0000-0000-0000-000000000000";

/// A currency's number of decimals (ISO 4217), of the currencies used here.
pub fn exponent(currency: &str) -> u32 {
    match currency {
        "JPY" | "ISK" | "KRW" => 0,
        "KWD" | "BHD" | "TND" => 3,
        _ => 2,
    }
}

/// The kinds of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Kind {
    Company,
    Employee,
    Team,
    Entry,
    Receipt,
    ExportJob,
    ExportItem,
    TagGroup,
    Dimension,
    Tag,
    TagValue,
    TaxCode,
    Account,
    AccountGroup,
    Vendor,
    ImportJob,
    ImportError,
    Subscription,
    Activity,
}

const KINDS: usize = Kind::Activity as usize + 1;

/// The records of one kind, in order of their making.
#[derive(Default)]
pub struct Store {
    records: Vec<Record>,
    made: u64,
}

impl Store {
    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Record> {
        self.records.iter()
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Record> {
        self.records.iter_mut()
    }

    /// The one at this place.
    pub fn at(&self, place: usize) -> Option<&Record> {
        self.records.get(place)
    }

    /// The one with this id.
    pub fn get(&self, id: &str) -> Option<&Record> {
        self.records.iter().find(|record| text(record, "id") == id)
    }

    /// The one with this id, to be changed.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Record> {
        self.records.iter_mut().find(|record| text(record, "id") == id)
    }

    /// Adds one; its place in the order is kept beside it.
    pub fn push(&mut self, mut record: Record) {
        record.insert("_n".to_owned(), Value::from(self.made));
        self.made += 1;
        self.records.push(record);
    }

    /// Keeps those for which this is true.
    pub fn retain(&mut self, keep: impl FnMut(&Record) -> bool) {
        self.records.retain(keep);
    }
}

/// How much data there is.
#[derive(Clone, Copy)]
pub struct Size {
    /// Employees.
    pub employees: u64,
    /// Accounting entries.
    pub entries: u64,
}

/// One environment's data.
pub struct World {
    /// Which environment.
    pub environment: Environment,
    /// How much of it.
    pub size: Size,
    /// Demo credentials that were revoked.
    pub revoked: HashSet<&'static str>,
    /// What the authorisation server remembers.
    pub grants: Grants,
    /// Installations by holder; `None` once deleted.
    pub installations: HashMap<&'static str, Option<Record>>,
    stores: [OnceCell<Store>; KINDS],
    /// What `write` would give if a store could be missing after it was read, which it cannot.
    nothing: Store,
    minted: u64,
    /// The places of records that answer a question, in order, until something is written.
    orders: RefCell<HashMap<String, Arc<Vec<usize>>>>,
}

/// Questions whose answers are remembered.
const QUESTIONS: usize = 16;

impl World {
    /// An environment as it is when the sandbox starts; nothing is generated yet.
    pub fn new(environment: Environment, size: Size) -> Self {
        Self {
            environment,
            size,
            revoked: HashSet::new(),
            grants: Grants::default(),
            installations: HashMap::new(),
            stores: std::array::from_fn(|_| OnceCell::new()),
            nothing: Store::default(),
            minted: 0,
            orders: RefCell::default(),
        }
    }

    /// The records of a kind.
    pub fn read(&self, kind: Kind) -> &Store {
        self.stores[kind as usize].get_or_init(|| {
            let mut store = Store::default();
            self.generate(kind).into_iter().for_each(|record| store.push(record));
            store
        })
    }

    /// The records of a kind, to be changed.
    pub fn write(&mut self, kind: Kind) -> &mut Store {
        self.read(kind);
        self.orders.get_mut().clear();
        self.stores[kind as usize].get_mut().unwrap_or(&mut self.nothing)
    }

    /// The places of the records that answer a question: those that were found for it before, or those found now.
    pub fn order<E>(&self, question: &str, find: impl FnOnce() -> Result<Vec<usize>, E>) -> Result<Arc<Vec<usize>>, E> {
        if let Some(known) = self.orders.borrow().get(question) {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(find()?);
        let mut orders = self.orders.borrow_mut();
        if orders.len() >= QUESTIONS {
            orders.clear();
        }
        orders.insert(question.to_owned(), Arc::clone(&found));
        Ok(found)
    }

    /// The id of the `number`th thing of a kind.
    pub fn id(&self, kind: &str, number: usize) -> String {
        random::uuid(self.environment, kind, number as u64)
    }

    /// An id for something new.
    pub fn new_id(&mut self) -> String {
        self.minted += 1;
        random::uuid(self.environment, "new", self.minted)
    }

    /// The id of the organisation.
    pub fn organization(&self) -> String {
        self.id("organization", 0)
    }

    /// The company or the organisation that a credential belongs to.
    pub fn subject(&self, one_company: bool) -> String {
        if one_company {
            format!("urn:pleo:company:{}", self.id("company", 0))
        } else {
            format!("urn:pleo:organisation:{}", self.organization())
        }
    }

    /// A random series for a thing.
    pub fn random(&self, topic: &str, number: usize) -> random::Random {
        random::Random::new(self.environment, topic, number as u64)
    }

    /// Voids what a holder has: a demo credential, or all tokens of a client.
    pub fn revoke(&mut self, holder: &'static str) {
        self.revoked.insert(holder);
        self.grants.revoke(holder);
    }

    fn generate(&self, kind: Kind) -> Vec<Record> {
        match kind {
            Kind::Company => people::companies(self),
            Kind::Employee => people::employees(self),
            Kind::Team => people::teams(self),
            Kind::Entry => spend::entries(self),
            Kind::Receipt => spend::receipts(self),
            Kind::ExportJob => exports::jobs(self),
            Kind::ExportItem => exports::items(self),
            Kind::TagGroup => tags::groups(self),
            Kind::Dimension => tags::dimensions(self),
            Kind::Tag => tags::tags(self),
            Kind::TagValue => tags::values(self),
            Kind::TaxCode => books::tax_codes(self),
            Kind::Account => books::accounts(self),
            Kind::AccountGroup => books::account_groups(self),
            Kind::Vendor => books::vendors(self),
            Kind::ImportJob => imports::jobs(self),
            Kind::ImportError => imports::errors(self),
            Kind::Subscription => imports::subscriptions(self),
            Kind::Activity => imports::activities(self),
        }
    }
}

/// A text member, empty when there is none.
pub fn text<'a>(record: &'a Record, name: &str) -> &'a str {
    record.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A true-or-false member, false when there is none.
pub fn flag(record: &Record, name: &str) -> bool {
    record.get(name).and_then(Value::as_bool).unwrap_or_default()
}

/// A whole-number member, 0 when there is none.
pub fn number(record: &Record, name: &str) -> i64 {
    record.get(name).and_then(Value::as_i64).unwrap_or_default()
}

/// A JSON object as a record.
pub fn record(value: Value) -> Record {
    match value {
        Value::Object(record) => record,
        _ => Record::new(),
    }
}

/// A record as it is sent: without our own members.
pub fn shown(record: &Record) -> Record {
    record.iter().filter(|(name, _)| !name.starts_with('_')).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// Sets a member, or takes it away when there is nothing to set.
pub fn put(record: &mut Record, name: &str, value: Option<impl Into<Value>>) {
    match value {
        Some(value) => {
            record.insert(name.to_owned(), value.into());
        }
        None => {
            record.shift_remove(name);
        }
    }
}

/// An amount of money as most of the API writes it.
pub fn money(currency: &str, minors: i64) -> Value {
    json!({"currency": currency, "minors": minors})
}
