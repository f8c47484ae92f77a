use super::*;
use crate::pleo::endpoint::{BodyField, Paging, ParamPlace, ScopeSource, ValueType};

const DOCUMENT: &str = r##"
openapi: 3.1.0
servers: [{url: "https://evil.example/v7/"}, {url: "http://other.example/v7"}]
paths:
  /things/{thingId}:
    parameters:
      - {name: thingId, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: x-trace, in: header, schema: {type: string}}
    get:
      operationId: getThingById
      summary: "Read  one\n thing\u202e"
      tags: [Things, Others]
      parameters:
        - {name: kinds, in: query, description: which, schema: {type: array, items: {type: string, enum: [A, B]}}}
        - {name: most, in: query, schema: {type: integer, minimum: 1, maximum: 9, default: 3}}
        - $ref: "#/components/parameters/After"
        - {name: limit, in: query, schema: {type: integer}}
      security: [{oauth: ["things:read"]}, {key: []}]
      responses: {200: {$ref: "#/components/responses/Page"}, 4XX: {}, 404: {}, default: {}}
    put:
      requestBody:
        required: true
        content:
          text/plain: {}
          application/json;charset=UTF-8:
            schema: {$ref: "#/components/schemas/Thing"}
      responses: {204: {}}
    options: {}
  "/bad path": {get: {}}
  /elsewhere: {get: {parameters: [{$ref: "other.yaml#/x"}]}}
  /circle: {$ref: "#/paths/~1circle"}
  /two/{a}{b}: {get: {}}
components:
  parameters:
    After: {name: after, in: query, schema: {type: string}}
  responses:
    Page: {content: {application/json: {schema: {$ref: "#/components/schemas/Employees"}}}}
  schemas:
    Employees:
      properties:
        data: {type: array, items: {$ref: "#/components/schemas/Employee"}}
        pagination: {type: object}
    Employee: {type: object}
    Thing:
      required: [name, parent]
      allOf:
        - properties:
            name: {type: [string, "null"], maxLength: 9, description: how it is called}
            id: {type: string, readOnly: true}
        - type: object
          properties:
            parent: {$ref: "#/components/schemas/Thing"}
            when: {anyOf: [{type: string, format: date-time}, {type: "null"}]}
            many: {type: array, maxItems: 5, items: {type: object, properties: {n: {type: number}}}}
            odd: {type: string, format: never-heard-of}
"##;

fn found() -> Found {
    read(DOCUMENT).expect("a document")
}

fn endpoint(method: Method) -> Endpoint {
    let found = found();
    found.endpoints.into_iter().find(|endpoint| endpoint.method == method).expect("an operation")
}

fn member<'e>(fields: &'e [BodyField], name: &str) -> &'e BodyField {
    fields.iter().find(|field| field.name == name).expect("a member")
}

#[test]
fn a_read_is_told_in_the_catalogues_words() {
    let get = endpoint(Method::Get);
    assert_eq!((get.operation.as_str(), get.path.as_str()), ("get-thing-by-id", "/v7/things/{thingId}"));
    assert_eq!((get.group.as_str(), get.purpose.as_str()), ("Things", "Read one thing"));
    let params: Vec<(&str, ParamPlace, ValueType, bool)> =
        get.params.iter().map(|param| (param.name.as_str(), param.place, param.value_type, param.list)).collect();
    assert_eq!(
        params,
        [
            ("thingId", ParamPlace::Path, ValueType::Uuid, false),
            ("kinds", ParamPlace::Query, ValueType::String, true),
            ("most", ParamPlace::Query, ValueType::Integer, false),
            ("after", ParamPlace::Query, ValueType::String, false),
            ("limit", ParamPlace::Query, ValueType::Integer, false),
        ]
    );
    assert!(get.params[0].required && get.params[1].choices == ["A", "B"]);
    assert_eq!(get.params[1].hint.as_deref(), Some("which"));
    assert_eq!((get.params[2].min, get.params[2].max, get.params[2].default), (Some(1), Some(9), Some(3)));
    assert_eq!((get.scopes, get.scope_source), (vec!["things:read".to_owned()], ScopeSource::Documented));
    assert_eq!((get.success, get.errors, get.paging), (vec![200], vec![404], Some(Paging::Cursor)));
    assert_eq!(get.answer.as_deref(), Some("Page<Employee>"));
    assert!(!get.writes);
}

#[test]
fn a_write_has_its_body_put_together_and_cut_where_it_repeats_itself() {
    let put = endpoint(Method::Put);
    assert!(put.writes);
    assert_eq!(put.operation, "put-v7-things-thing-id");
    let body = put.body.expect("a body");
    assert_eq!((body.content_type.as_str(), body.required, body.list), ("application/json;charset=UTF-8", true, false));
    let names: Vec<&str> = body.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["name", "parent", "when", "many", "odd"], "what the server alone writes is left out");
    let name = member(&body.fields, "name");
    assert!(name.nullable && name.max == Some(9) && name.hint.as_deref() == Some("how it is called"));
    let when = member(&body.fields, "when");
    assert!(when.nullable && when.value_type == ValueType::DateTime);
    let many = member(&body.fields, "many");
    assert!(many.list && many.value_type == ValueType::Object && many.fields[0].value_type == ValueType::Number);
    assert_eq!(member(&body.fields, "odd").value_type, ValueType::String);
    let mut depth = 0;
    let mut fields = &body.fields;
    while let Some(parent) = fields.iter().find(|field| field.name == "parent") {
        (fields, depth) = (&parent.fields, depth + 1);
    }
    assert!((2..8).contains(&depth), "{depth}");
}

#[test]
fn what_cannot_be_offered_is_left_out_with_a_reason() {
    let skipped: Vec<String> = found().skipped.iter().map(|one| format!("{}: {}", one.what, one.why)).collect();
    let wanted = [
        "OPTIONS /v7/things/{thingId}: this method is not sent from here",
        "GET /v7/bad path: its path is not one that can be asked for: it must begin with / and hold no blanks, ? or #",
        "GET /v7/elsewhere: it refers to another document (other.yaml#/x)",
        "/circle: its references go round in a circle",
        "GET /v7/two/{a}{b}: its path has a parameter that is not alone in its segment, or stands twice",
    ];
    assert_eq!(skipped, wanted);
}

#[test]
fn documents_of_other_kinds_are_refused_with_their_place() {
    let why = |text: &str| read(text).expect_err("a refusal").to_string();
    assert!(why("swagger: '2.0'\npaths: {}").contains("at \"/swagger\" of the document: this is Swagger 2.0"));
    assert!(why("openapi: 3.2.0\npaths: {}").contains("version 3.2.0 is not read here"));
    assert!(why("openapi: 4\npaths: {}").contains("at \"/openapi\""));
    assert!(why("paths: {}").contains("the version is missing"));
    assert!(why("openapi: 3.0.3").contains("at \"/paths\""));
    assert!(why("openapi: 3.0.3\npaths: {}").contains("there is no operation in it"));
    assert!(why("- 1").contains("it is not an object"));
    assert!(why("openapi: 3.0\npaths: {x-more: {get: {}}}").contains("there is no operation"), "3.0 is a version");
}

#[test]
fn schemas_that_repeat_each_other_without_end_are_left_out() {
    let ten = |name: &str| vec![format!("{{$ref: '#/components/schemas/{name}'}}"); 10].join(",");
    let mut text = String::from(
        "openapi: 3.0.0\npaths:\n  /a: {post: {requestBody: {content: {application/json: {schema: {allOf: [",
    );
    text.push_str(&ten("S0"));
    text.push_str("]}}}}}}\ncomponents:\n  schemas:\n");
    for level in 0..9 {
        text.push_str(&format!("    S{level}: {{allOf: [{}]}}\n", ten(&format!("S{}", level + 1))));
    }
    text.push_str("    S9: {type: object}\n");
    let found = read(&text).expect("a document");
    assert_eq!(found.skipped[0].why, "its schemas repeat each other too often");
}

#[test]
fn a_written_operation_is_checked_before_it_is_offered() {
    let mut odd = Endpoint::free(Method::Get, "/v1/a/{id}");
    assert!(is_sound(&odd).is_err(), "its parameter is not described");
    odd.path = "/v1/a".to_owned();
    assert_eq!(is_sound(&odd), Ok(()));
    odd.purpose = "a\u{1b}[2J".to_owned();
    assert!(is_sound(&odd).is_err());
    let mut odd = Endpoint::free(Method::Post, "/v1/a");
    odd.body.as_mut().expect("a body").content_type = "text/plain\r\nX: y".to_owned();
    assert!(is_sound(&odd).is_err());
}
