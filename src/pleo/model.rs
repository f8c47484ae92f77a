//! What Pleo's answers are made of: the models behind the names in [`Endpoint::answer`](super::endpoint::Endpoint), read
//! from `assets/catalogue/models.json` when one is first asked for.
//!
//! A member that a model does not require may be absent or null; one that it requires may be neither.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::endpoint::ValueType;

static MODELS: &str = include_str!("../../assets/catalogue/models.json");

/// What a value stands for beyond its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// Money in the smallest unit of the `currency` beside it: 6580 GBP are 65.80, 1500 ISK are 1500.
    MinorUnits,
    /// Money in hundredths, whatever the `currency` beside it.
    Hundredths,
    /// A part of one: 0.20 is 20 %.
    Rate,
    /// The UUID of zeros says that the person did not know.
    Zero,
    /// A signed link to a file: good for 24 hours and for whoever has it.
    SignedLink,
    /// A day without a time, `YYYY-MM-DD`.
    Date,
    /// A span in seconds.
    Seconds,
    /// A name such as `urn:pleo:company:` and a UUID.
    Urn,
}

/// One member of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The member's name.
    pub name: String,
    /// What one value looks like.
    pub value_type: ValueType,
    /// An array of such values.
    pub list: bool,
    /// An object whose members have names of their own and each such a value.
    pub map: bool,
    /// Whether every answer has it, and not as null.
    pub required: bool,
    /// The only values known, when not empty.
    pub choices: Vec<String>,
    /// Members of an object; none for an object that holds what it wants.
    pub fields: Vec<Field>,
    /// Whether such an object has more members than are known here.
    pub open: bool,
    /// Whether it tells who a person is or how to reach them or pay them.
    pub personal: bool,
    /// On its way out.
    pub deprecated: bool,
    /// What it stands for.
    pub means: Option<Meaning>,
}

impl Field {
    /// A record of that model, or several, that every answer has.
    fn object(name: &str, list: bool, model: &Model) -> Self {
        Self {
            name: name.to_owned(),
            value_type: ValueType::Object,
            list,
            map: false,
            required: true,
            choices: Vec::new(),
            fields: model.fields.clone(),
            open: model.open,
            personal: false,
            deprecated: false,
            means: None,
        }
    }
}

/// One kind of record.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name, as in the catalogue's answers.
    pub name: String,
    /// Whether it has more members than are known here.
    pub open: bool,
    /// The members, in the order in which a person reads them: the most telling first, ids and dates of upkeep last.
    pub fields: Vec<Field>,
}

impl Model {
    /// Dotted names of what a table of such records shows, in reading order: single values, those of nested objects
    /// (`transactionValue.currency`), and arrays and maps as one column each.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut columns = Vec::new();
        flatten("", &self.fields, &mut columns);
        columns
    }

    /// The member of that dotted name; arrays and maps on the way are entered.
    #[must_use]
    pub fn field(&self, dotted: &str) -> Option<&Field> {
        let mut fields = &self.fields;
        let mut found = None;
        for name in dotted.split('.') {
            let field = fields.iter().find(|field| field.name == name)?;
            (found, fields) = (Some(field), &field.fields);
        }
        found
    }
}

fn flatten(before: &str, fields: &[Field], columns: &mut Vec<String>) {
    for field in fields {
        let name = format!("{before}{}", field.name);
        if field.list || field.map || field.fields.is_empty() {
            columns.push(name);
        } else {
            flatten(&format!("{name}."), &field.fields, columns);
        }
    }
}

/// What a whole answer is.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// What one record of it is.
    pub model: Model,
    /// Names from the answer's top to the record, or to the array of records; none where the answer is the record.
    pub path: Vec<String>,
    /// Whether there is an array of records there.
    pub many: bool,
    /// The members of the answer itself.
    pub whole: Model,
}

/// The models of this build.
#[derive(Debug)]
pub struct Models {
    models: HashMap<String, Model>,
}

impl Models {
    /// Reads the embedded models on first use. A test checks that they can be read; were they damaged all the same,
    /// there would be none, and answers would still be shown.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static READ: OnceLock<Models> = OnceLock::new();
        READ.get_or_init(|| Self::read(MODELS).unwrap_or_else(|_| Self { models: HashMap::new() }))
    }

    fn read(text: &str) -> Result<Self, serde_json::Error> {
        let written: Vec<WrittenModel> = serde_json::from_str(text)?;
        let by_name: HashMap<&str, &WrittenModel> = written.iter().map(|model| (model.name.as_str(), model)).collect();
        let model = |written: &WrittenModel| Model {
            name: written.name.clone(),
            open: written.open,
            fields: resolve(&written.fields, &by_name, 0),
        };
        Ok(Self { models: written.iter().map(|written| (written.name.clone(), model(written))).collect() })
    }

    /// The model of that name.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.get(name)
    }

    /// Every model, by name.
    #[must_use]
    pub fn all(&self) -> Vec<&Model> {
        let mut all: Vec<&Model> = self.models.values().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// The shape behind a word of the catalogue: `Page<Employee>`, `Data<Employee>`, `DataList<Tag>` or a model's name.
    /// `None` for a model that is not known.
    #[must_use]
    pub fn of_answer(&self, answer: &str) -> Option<Shape> {
        let Some((envelope, name)) = answer.strip_suffix('>').and_then(|answer| answer.split_once('<')) else {
            return self.model(answer).map(bare);
        };
        let model = self.model(name)?.clone();
        let many = match envelope {
            "Page" | "DataList" => true,
            "Data" => false,
            _ => return None,
        };
        let mut fields = vec![Field::object("data", many, &model)];
        if envelope == "Page" {
            fields.push(Field::object("pagination", false, self.model("CursorPageInfo")?));
        }
        let whole = Model { name: answer.to_owned(), open: false, fields };
        Some(Shape { model, path: vec!["data".to_owned()], many, whole })
    }
}

/// A model without Pleo's usual envelope: where it holds one array of records, as the legacy pages do, they are what it
/// is about.
fn bare(model: &Model) -> Shape {
    let whole = model.clone();
    let mut arrays = model.fields.iter().filter(|field| field.list && !field.fields.is_empty());
    match (arrays.next(), arrays.next()) {
        (Some(records), None) => Shape {
            model: Model { name: singular(&model.name), open: false, fields: records.fields.clone() },
            path: vec![records.name.clone()],
            many: true,
            whole,
        },
        _ => Shape { model: whole.clone(), path: Vec::new(), many: false, whole },
    }
}

/// The record in the name of a page of them: `LegacyEmployeesPage` holds `LegacyEmployee`.
fn singular(page: &str) -> String {
    page.strip_suffix("sPage").unwrap_or(page).to_owned()
}

/// The depth down to which models hold models; theirs is three.
const DEEPEST: usize = 8;

fn resolve(written: &[WrittenField], models: &HashMap<&str, &WrittenModel>, depth: usize) -> Vec<Field> {
    let fields = written.iter().map(|field| {
        let of = field.of.as_ref().and_then(|name| models.get(name.as_str()));
        let own = of.map_or(&field.fields, |model| &model.fields);
        Field {
            name: field.name.clone(),
            value_type: field.value_type,
            list: field.list,
            map: field.map,
            required: field.required,
            choices: field.choices.clone(),
            fields: if depth < DEEPEST { resolve(own, models, depth + 1) } else { Vec::new() },
            open: of.map_or(own.is_empty(), |model| model.open),
            personal: field.personal,
            deprecated: field.deprecated,
            means: field.means,
        }
    });
    fields.collect()
}

/// A model as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenModel {
    name: String,
    #[serde(default)]
    open: bool,
    fields: Vec<WrittenField>,
}

/// A member as the file has it: an object's own members are there, or in the model that `of` names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenField {
    name: String,
    #[serde(rename = "type", default = "object")]
    value_type: ValueType,
    #[serde(default)]
    of: Option<String>,
    #[serde(default)]
    list: bool,
    #[serde(default)]
    map: bool,
    #[serde(default)]
    required: bool,
    #[serde(default, rename = "enum")]
    choices: Vec<String>,
    #[serde(default)]
    fields: Vec<WrittenField>,
    #[serde(default)]
    personal: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    means: Option<Meaning>,
}

fn object() -> ValueType {
    ValueType::Object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pleo::catalogue::Catalogue;

    #[test]
    fn the_embedded_models_can_be_read_and_name_only_each_other() {
        let written: Vec<WrittenModel> = serde_json::from_str(MODELS).expect("models.json");
        let names: Vec<&str> = written.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(Models::embedded().all().len(), names.len(), "a name twice");
        for of in written.iter().flat_map(|model| &model.fields).filter_map(|field| field.of.as_deref()) {
            assert!(names.contains(&of), "{of}");
        }
    }

    #[test]
    fn every_answer_of_the_catalogue_has_a_shape() {
        let answers = Catalogue::embedded().endpoints().iter().filter_map(|endpoint| endpoint.answer.as_deref());
        let unknown: Vec<&str> = answers.filter(|answer| Models::embedded().of_answer(answer).is_none()).collect();
        assert_eq!(unknown, [""; 0]);
    }

    #[test]
    fn envelopes_say_where_the_records_are() {
        let models = Models::embedded();
        let page = models.of_answer("Page<Employee>").expect("a page");
        assert_eq!((page.path, page.many, page.model.name.as_str()), (vec!["data".to_owned()], true, "Employee"));
        let names: Vec<&str> = page.whole.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["data", "pagination"]);
        let one = models.of_answer("Data<Employee>").expect("one");
        assert!(!one.many);
        let bare = models.of_answer("Installation").expect("bare");
        assert_eq!((bare.path.len(), bare.many), (0, false));
        let legacy = models.of_answer("LegacyEmployeesPage").expect("legacy");
        assert_eq!((legacy.path, legacy.many), (vec!["employees".to_owned()], true));
        assert_eq!(legacy.model.name, "LegacyEmployee");
        assert!(models.of_answer("Page<Unheard>").is_none() && models.of_answer("Odd<Employee>").is_none());
    }

    #[test]
    fn a_table_begins_with_what_tells_most_and_flattens_objects() {
        let columns = |name: &str| Models::embedded().model(name).expect("a model").columns();
        assert_eq!(
            columns("Employee"),
            ["firstName", "lastName", "email", "jobTitle", "code", "phone", "companyId", "id"]
        );
        let entry = columns("AccountingEntryV1");
        assert_eq!(entry[..3], ["performedAt", "transactionValue.currency", "transactionValue.minors"]);
        assert!(entry.contains(&"tags".to_owned()) && entry.contains(&"supplier.cif".to_owned()));
        for model in Models::embedded().all() {
            let columns = model.columns();
            let mut unique = columns.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), columns.len(), "{}", model.name);
            assert!(columns.iter().all(|column| model.field(column).is_some()), "{}", model.name);
        }
    }

    #[test]
    fn what_tells_who_a_person_is_is_marked() {
        let model = Models::embedded().model("Employee").expect("the employee");
        let personal: Vec<&str> =
            model.fields.iter().filter(|field| field.personal).map(|field| field.name.as_str()).collect();
        assert_eq!(personal, ["firstName", "lastName", "email", "code", "phone"]);
        let item = Models::embedded().model("ExportItemV3").expect("an item");
        assert!(item.field("user.name").is_some_and(|field| field.personal));
        assert!(item.field("additionalInformation.invoiceInformation.supplierBankAccount").is_some_and(|f| f.personal));
    }
}
