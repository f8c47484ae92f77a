use super::*;
use crate::pleo::endpoint::ValueType;
use crate::pleo::model::{Field, Meaning, Model, Models};

const ID: &str = "5e3c1f0a-1b2c-4d3e-8f90-a1b2c3d4e5f6";

/// A record of a model, in which every id is there.
struct Whole<'a> {
    model: &'a Model,
}

impl Whole<'_> {
    fn record(&self, name: &str) -> Option<String> {
        self.model.field(name).map(|_| ID.to_owned())
    }

    fn beside(&self, path: &[&str], name: &str) -> Option<String> {
        let dotted = [&path[..path.len() - 1], &[name]].concat().join(".");
        let kind = if name.ends_with("Type") { "EMPLOYEE" } else { ID };
        self.model.field(&dotted).map(|_| kind.to_owned())
    }

    fn place<'p>(
        path: &'p [&'p str],
        endpoint: &'p Endpoint,
        beside: &'p dyn Fn(&str) -> Option<String>,
        record: &'p dyn Fn(&str) -> Option<String>,
    ) -> Place<'p> {
        Place { path, value: ID, beside, record, endpoint, asked: &endpoint.path }
    }

    fn leads(&self, path: &str, endpoint: &Endpoint) -> Result<Draft, NoWay> {
        let path: Vec<&str> = path.split('.').collect();
        let (beside, record) = (|name: &str| self.beside(&path, name), |name: &str| self.record(name));
        leads(&Self::place(&path, endpoint, &beside, &record), Catalogue::embedded())
    }

    fn related(&self, endpoint: &Endpoint) -> Vec<Related> {
        let record = |name: &str| self.record(name);
        related(&Self::place(&["id"], endpoint, &record, &record), Catalogue::embedded())
    }
}

/// The dotted names of what looks like an id.
fn ids(before: &str, fields: &[Field]) -> Vec<String> {
    let mut found = Vec::new();
    for field in fields {
        let name = format!("{before}{}", field.name);
        let named = field.name == "id" || words::stem(&field.name).is_some() || field.name.ends_with("By");
        if field.value_type == ValueType::Uuid || named || field.means == Some(Meaning::Urn) {
            found.push(name);
        } else {
            found.extend(ids(&format!("{name}."), &field.fields));
        }
    }
    found
}

/// The first read whose records are of the model, and that shows several of them when there is one.
fn source(model: &Model) -> Option<&'static Endpoint> {
    let of_model = Catalogue::embedded().endpoints().iter().filter(|endpoint| {
        let shape = endpoint.answer.as_deref().and_then(|answer| Models::embedded().of_answer(answer));
        shape.is_some_and(|shape| shape.model.name == model.name)
    });
    of_model.min_by_key(|endpoint| (endpoint.writes, endpoint.deprecated, !lists(endpoint)))
}

#[test]
fn where_every_id_of_every_model_leads() {
    let mut table = Vec::new();
    for model in Models::embedded().all() {
        let Some(endpoint) = source(model) else { continue };
        for name in ids("", &model.fields) {
            let to = match (Whole { model }).leads(&name, endpoint) {
                Ok(draft) => draft.endpoint.operation.clone(),
                Err(NoWay::NoOperation(_)) => "-".to_owned(),
                Err(NoWay::NotAnId(_)) => "no id".to_owned(),
                Err(other) => format!("({other})"),
            };
            table.push(format!("{}.{name} {to}", model.name));
        }
    }
    assert_eq!(table.join("\n"), WHERE.trim());
}

/// `-`: no operation of the catalogue reads it.
const WHERE: &str = "
Account.externalId -
Account.taxCodeExternalId -
Account.companyId get-company
Account.id get-account
AccountBatch.created.externalId -
AccountBatch.created.taxCodeExternalId -
AccountBatch.created.companyId get-company
AccountBatch.created.id -
AccountingEntryCoreV6.employeeId get-employee
AccountingEntryCoreV6.teamId -
AccountingEntryCoreV6.accountId get-account
AccountingEntryCoreV6.taxCodeId get-tax-code
AccountingEntryCoreV6.externalAccountId -
AccountingEntryCoreV6.reconciliationId -
AccountingEntryCoreV6.spendTransactionIds -
AccountingEntryCoreV6.receiptIds get-receipt
AccountingEntryCoreV6.supplier.externalSupplierId -
AccountingEntryCoreV6.foreignExtensionId -
AccountingEntryCoreV6.companyId get-company
AccountingEntryCoreV6.id get-accounting-entry-core
AccountingEntryV1.employeeId get-employee
AccountingEntryV1.teamId -
AccountingEntryV1.accountId get-account
AccountingEntryV1.taxCodeId get-tax-code
AccountingEntryV1.tags.tagGroupId get-tag-group
AccountingEntryV1.tags.tagId get-tag
AccountingEntryV1.splitItems.accountId get-account
AccountingEntryV1.splitItems.taxCodeId get-tax-code
AccountingEntryV1.splitItems.tags.tagGroupId get-tag-group
AccountingEntryV1.splitItems.tags.tagId get-tag
AccountingEntryV1.splitItems.id -
AccountingEntryV1.attendees.attendableId get-employee
AccountingEntryV1.attendees.id -
AccountingEntryV1.receiptIds get-receipt
AccountingEntryV1.supplier.externalSupplierId -
AccountingEntryV1.foreignExtensionId -
AccountingEntryV1.companyId get-company
AccountingEntryV1.id get-accounting-entry
AggregatedTag.group.id get-tag-group
AggregatedTag.dimensions.id get-tag-dimension
AggregatedTag.companyId get-company
AggregatedTag.id get-tag
AggregatedTagGroup.dimensions.groupId get-tag-group
AggregatedTagGroup.dimensions.id get-dimension
AggregatedTagGroup.companyId get-company
AggregatedTagGroup.id get-tag-group
Company.organizationId -
Company.id get-company
CsvImportJob.companyId get-company
CsvImportJob.id get-vendor-import
CsvRowImportError.csvImportJobId get-vendor-import
CsvRowImportError.id -
Employee.companyId get-company
Employee.id get-employee
ExportItemV0.accountingEntryId get-accounting-entry
ExportItemV0.companyId get-company
ExportItemV1.accountingEntryId get-accounting-entry
ExportItemV1.companyId get-company
ExportItemV2.accountingEntryId get-accounting-entry
ExportItemV2.companyId get-company
ExportItemV3.user.id get-employee
ExportItemV3.team.id -
ExportItemV3.vendor.externalId -
ExportItemV3.vendor.id get-vendor
ExportItemV3.contraAccount.id -
ExportItemV3.accountingEntryLines.accountingEntryLineId -
ExportItemV3.accountingEntryLines.account.id get-account
ExportItemV3.accountingEntryLines.tags.id get-tag
ExportItemV3.accountingEntryLines.tax.id get-tax-code
ExportItemV3.additionalInformation.reconciliationId -
ExportItemV3.accountingEntryId get-accounting-entry
ExportItemV3.companyId get-company
ExportItemsUpdated.data.accountingEntryId get-accounting-entry
ExportItemsUpdated.data.externalId -
ExportItemsUpdated.data.exportJobId get-export-job-v2
ExportItemsUpdated.errors.accountingEntryId get-accounting-entry
ExportJob.createdBy get-employee
ExportJob.companyId get-company
ExportJob.id get-export-job-v2
ExportJobItem.accountingEntryId get-accounting-entry
ExportJobItem.externalId -
ExportJobItem.exportJobId get-export-job-v2
ExternalClient.clientId -
ExternalClient.subjectURN no id
Installation.resource no id
Installation.applicationId -
Installation.id (id is the id of what is shown here)
Receipt.accountingEntryId get-accounting-entry
Receipt.ocrDocumentId -
Receipt.id get-receipt
Subscription.id get-subscription
Subscription.deletedBy get-employee
SubscriptionActivity.actorUrn no id
SubscriptionActivity.subscriptionId get-subscription
SubscriptionActivity.id -
Tag.groupId get-tag-group
Tag.id get-tag
TagDimensionValue.tagId get-tag
TagDimensionValue.dimensionId get-tag-dimension
TagGroup.companyId get-company
TagGroup.id get-tag-group
TagGroupDimension.groupId get-tag-group
TagGroupDimension.id get-dimension
TagUsages.usages.id -
TaxCode.companyId get-company
TaxCode.id get-tax-code
Vendor.externalId -
Vendor.companyId get-company
Vendor.id get-vendor
";

fn about(name: &str, operation: &str) -> Vec<Related> {
    let model = Models::embedded().model(name).expect("a model");
    (Whole { model }).related(operation_of(operation))
}

fn operation_of(name: &str) -> &'static Endpoint {
    Catalogue::embedded().operation(name).expect("an operation")
}

fn operations(related: &[Related]) -> Vec<&str> {
    related.iter().map(|one| one.draft.endpoint.operation.as_str()).collect()
}

#[test]
fn from_an_employee_to_their_spend() {
    let found = about("Employee", "list-employees");
    assert_eq!(operations(&found), ["search-accounting-entries", "search-receipts"]);
    let body: serde_json::Value = serde_json::from_str(&found[0].draft.body).expect("a body");
    assert_eq!(body, serde_json::json!({"includeDeleted": false, "employeeIds": [ID]}));
    assert_eq!(found[0].draft.query(), [("company_id", ID)]);
    assert!(found[0].title.ends_with("· employeeIds"), "{}", found[0].title);
}

#[test]
fn what_else_can_be_asked_about_records() {
    let table: Vec<String> =
        ABOUT.iter().map(|(name, from, _)| format!("{name}: {}", operations(&about(name, from)).join(" "))).collect();
    let wanted: Vec<String> = ABOUT.iter().map(|(name, _, to)| format!("{name}: {to}")).collect();
    assert_eq!(table.join("\n"), wanted.join("\n"));
}

const ABOUT: [(&str, &str, &str); 9] = [
    (
        "TagGroup",
        "list-tag-groups",
        "list-tag-groups-with-dimensions list-dimensions get-tag-group-usage search-tags-with-dimensions list-tags search-tags",
    ),
    ("Tag", "list-tags", "search-tags-with-dimensions list-tag-dimensions"),
    ("AccountingEntryV1", "search-accounting-entries", "get-accounting-entry-core search-receipts list-receipts"),
    ("ExportJob", "list-export-jobs", "list-export-items list-export-job-items"),
    ("Vendor", "search-vendors", ""),
    ("Account", "search-accounts", "search-accounting-entries"),
    ("TaxCode", "search-tax-codes", "search-accounting-entries"),
    (
        "Company",
        "list-companies",
        "list-employees search-accounting-entries search-receipts list-export-jobs list-tag-groups-with-dimensions list-tag-groups search-tags-with-dimensions search-tags search-tax-codes search-accounts search-accounts-beta search-vendors search-vendor-imports",
    ),
    ("Subscription", "list-subscriptions", "list-subscription-activities get-subscription-secret"),
];

/// A value beside nothing else.
fn lone(path: &[&str], value: &str, endpoint: &Endpoint, asked: &str) -> Result<Draft, NoWay> {
    let none = |_: &str| None;
    leads(&Place { path, value, beside: &none, record: &none, endpoint, asked }, Catalogue::embedded())
}

#[test]
fn an_id_fills_the_path_of_what_reads_it() {
    let draft = lone(&["companyId"], ID, operation_of("list-employees"), "/v2/employees").expect("a company");
    assert_eq!(draft.target(), format!("/v1/companies/{ID}"));
    assert!(draft.extra.is_empty() && draft.body.is_empty());
}

#[test]
fn what_leads_nowhere_says_why() {
    let entries = operation_of("search-accounting-entries");
    let why = |path: &[&str], value: &str| lone(path, value, entries, &entries.path).expect_err("nowhere").to_string();
    assert_eq!(why(&["teamId"], ID), "no operation of the catalogue reads what teamId names");
    assert_eq!(why(&["note"], ID), "note is not an id: put the cursor on one, such as companyId");
    assert!(why(&["accountId"], ZERO).starts_with("accountId is the UUID of zeros"));
    assert_eq!(why(&["accountId"], ""), "accountId holds nothing that leads on");
    assert_eq!(
        why(&["receiptIds"], ID),
        "get-receipt would read it, but needs accountingEntryId, which this record does not have"
    );
    let one = operation_of("get-employee");
    let here = lone(&["id"], ID, one, &format!("/v2/employees/{ID}"));
    assert_eq!(here, Err(NoWay::Here("id".to_owned())));
}

#[test]
fn what_the_path_asked_for_is_known() {
    let endpoint = operation_of("list-receipts");
    let draft = lone(&["id"], "r1", endpoint, "/v1/accounting-entries/e%201/receipts").expect("a receipt");
    assert_eq!(draft.target(), "/v1/accounting-entries/e%201/receipts/r1");
}

#[test]
fn a_urn_names_what_it_is() {
    let endpoint = operation_of("get-installation");
    let draft = lone(&["resource"], &format!("urn:pleo:company:{ID}"), endpoint, &endpoint.path).expect("a company");
    assert_eq!(draft.target(), format!("/v1/companies/{ID}"));
    let none = lone(&["resource"], &format!("urn:pleo:organisation:{ID}"), endpoint, &endpoint.path);
    assert_eq!(none, Err(NoWay::NoOperation("resource".to_owned())));
}

#[test]
fn an_answer_leads_on_in_its_own_version_and_surface() {
    let to = |path: &[&str], from: &str| {
        let endpoint = operation_of(from);
        lone(path, ID, endpoint, &endpoint.path).map(|draft| draft.endpoint.operation.clone())
    };
    for (from, wanted) in [
        ("list-export-job-items-v0", "get-export-job-v0"),
        ("list-export-job-items-v1", "get-export-job-v1"),
        ("list-export-job-items", "get-export-job"),
    ] {
        assert_eq!(to(&["exportJobId"], from).as_deref(), Ok(wanted));
    }
    assert_eq!(to(&["id"], "search-accounts-beta").as_deref(), Ok("get-account-beta"));
    assert_eq!(to(&["accountId"], "search-accounting-entries").as_deref(), Ok("get-account"));
    assert_eq!(to(&["id"], "legacy-list-employees").as_deref(), Ok("legacy-get-employee"));
    assert_eq!(to(&["teamId"], "legacy-list-employees").as_deref(), Ok("legacy-get-team"));
    assert_eq!(to(&["accountCategoryId"], "legacy-list-accounts").as_deref(), Ok("legacy-get-account-category"));
    assert_eq!(to(&["taxCodeId"], "legacy-list-expenses").as_deref(), Ok("legacy-get-tax-code"));
    assert_eq!(to(&["companyId"], "legacy-list-expenses"), Err(NoWay::NoOperation("companyId".to_owned())));
}
