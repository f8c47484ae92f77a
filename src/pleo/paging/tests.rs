use serde_json::json;

use super::*;
use crate::pleo::endpoint::{Method, Surface};
use crate::pleo::environment::{Environment, Environments};
use crate::pleo::preflight::Situation;
use crate::pleo::prepared::prepare;
use crate::pleo::request::Draft;

fn request_to(method: Method, path: &str, surface: Option<Surface>) -> Prepared {
    let environments = Environments::pleo();
    let draft = Draft::from_path(method, path, surface, Environment::Staging, &environments).expect("a draft");
    prepare(&draft, &Situation::new(Environment::Staging, &environments, None)).expect("a request")
}

fn pager(path: &str) -> Pager {
    Pager::new(&request_to(Method::Get, path, None), MOST_PAGES).expect("pages")
}

fn page(records: u64, has_next: bool, cursor: &str) -> PageInfo {
    let info = json!({"data": [], "pagination": {"hasNextPage": has_next, "endCursor": cursor, "total": 1000}});
    PageInfo::read(&info, records)
}

fn target(next: Next) -> String {
    match next {
        Next::Request(request) => {
            let url = request.url();
            format!("{}?{}", url.path(), url.query().unwrap_or_default())
        }
        other => panic!("no request: {other:?}"),
    }
}

#[test]
fn the_next_request_is_the_same_but_for_the_cursor_and_the_size() {
    let mut follow = pager("/v2/employees?companyId=2b3a6d0c-3c1c-4b3e-9f0e-0a8a8f3c1d11&who=me%20too");
    let kept = "/v2/employees?companyId=2b3a6d0c-3c1c-4b3e-9f0e-0a8a8f3c1d11&who=me%20too";
    assert_eq!(target(follow.next(&page(20, true, "MY==~A="))), format!("{kept}&after=MY%3D%3D%7EA%3D&limit=100"));
    assert_eq!(follow.resume(), Some(("after", "MY==~A=")));
    assert_eq!(target(follow.next(&page(100, true, "B"))), format!("{kept}&after=B&limit=100"));
    assert_eq!(follow.next(&page(3, false, "C")), Next::End);
    assert_eq!((follow.pages(), follow.records(), follow.resume()), (3, 123, None));
}

#[test]
fn a_size_and_a_place_that_were_given_are_kept_or_replaced() {
    let mut follow = pager("/v2/employees?after=A&limit=7");
    assert!(!follow.is_from_start());
    assert_eq!(target(follow.next(&page(7, true, "B"))), "/v2/employees?limit=7&after=B");
    let search =
        request_to(Method::Post, "/v1/accounting-entries:search?company_id=2b3a6d0c-3c1c-4b3e-9f0e-0a8a8f3c1d11", None);
    let mut follow = Pager::new(&search, 9).expect("a search reads");
    match follow.next(&page(20, true, "B")) {
        Next::Request(next) => {
            assert_eq!((next.body(), next.headers()), (search.body(), search.headers()));
            assert!(next.url().query().is_some_and(|query| query.ends_with("&after=B&limit=100")));
            assert_eq!(next.url().origin(), search.url().origin());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn whoever_wants_all_of_it_begins_with_a_large_page() {
    let large =
        |path: &str, surface| in_large_pages(&request_to(Method::Get, path, surface)).url().query().map(str::to_owned);
    assert_eq!(large("/v2/employees?email=a@b", None).as_deref(), Some("email=a@b&limit=100"));
    assert_eq!(large("/v2/employees?limit=7", None).as_deref(), Some("limit=7"));
    assert_eq!(large("/v1/employees", Some(Surface::Legacy)), None);
    assert_eq!(large("/v9/things", None), None);
}

#[test]
fn offsets_count_the_records_that_came() {
    let mut follow = pager("/v2/employees?offset=40&limit=20");
    assert_eq!(target(follow.next(&page(20, true, "A"))), "/v2/employees?limit=20&offset=60");
    let untold = PageInfo { has_next: None, total: Some(75), ..page(15, true, "") };
    assert_eq!(follow.next(&untold), Next::End);
    let mut follow = pager("/v2/employees?offset=0");
    assert_eq!(target(follow.next(&page(20, true, ""))), "/v2/employees?offset=20&limit=100");
    assert_eq!(follow.next(&page(0, true, "")), Next::Stop(Stop::Empty(2)));
}

#[test]
fn the_legacy_api_says_where_its_next_page_begins() {
    let begin =
        |path: &str| Pager::new(&request_to(Method::Get, path, Some(Surface::Legacy)), MOST_PAGES).expect("pages");
    let told = |records: u64, next: Option<u64>| {
        let mut info = json!({"pageSize": 20.0, "totalCount": 45});
        if let Some(next) = next {
            info["nextPageOffset"] = json!(next);
        }
        PageInfo::read(&json!({"metadata": {"pageInfo": info}}), records)
    };
    let mut follow = begin("/v1/employees");
    assert_eq!(target(follow.next(&told(20, Some(20)))), "/v1/employees?pageOffset=20&pageSize=100");
    assert_eq!(follow.next(&told(25, None)), Next::End);
    let mut follow = begin("/v1/employees");
    assert_eq!(
        target(follow.next(&told(20, Some(1)))),
        "/v1/employees?pageOffset=1",
        "it counts pages: their size stays"
    );
    assert_eq!(follow.next(&told(20, None)), Next::Stop(Stop::NoCursor(2)), "five are missing");
    let mut follow = begin("/v1/employees?pageOffset=20");
    assert_eq!(follow.next(&told(20, Some(20))), Next::Stop(Stop::Repeated(1)));
    assert_eq!(PageInfo::read(&json!({"metadata": {"pageInfo": {"totalCount": 20.0}}}), 1).total, Some(20));
}

#[test]
fn circles_and_holes_stop_with_a_sentence() {
    let stop = |path: &str, pages: &[PageInfo]| {
        let mut follow = Pager::new(&request_to(Method::Get, path, None), 4).expect("pages");
        let mut last = Next::End;
        for page in pages {
            last = follow.next(page);
        }
        match last {
            Next::Stop(stop) => {
                assert!(stop.to_string().ends_with('.') && stop.to_string().len() > 30, "{stop}");
                (stop, follow.resume().map(|(_, place)| place.to_owned()))
            }
            other => panic!("{other:?}"),
        }
    };
    let list = "/v2/employees";
    let a = || page(20, true, "A");
    assert_eq!(stop(list, &[page(20, true, "")]), (Stop::NoCursor(1), None));
    assert_eq!(stop(list, &[a(), page(20, true, "B"), a()]), (Stop::Repeated(3), None));
    assert_eq!(stop("/v2/employees?after=A", &[a()]), (Stop::Repeated(1), None));
    assert_eq!(stop(list, &[a(), page(0, true, "B")]), (Stop::Empty(2), Some("B".to_owned())));
    assert_eq!(stop(list, &[a(), PageInfo::read(&json!({"data": []}), 5)]), (Stop::Untold(2), None));
    assert_eq!(stop(list, &[PageInfo::read(&json!({"data": []}), 5)]), (Stop::Untold(1), None));
    assert_eq!(stop(list, &[page(1, true, &"A".repeat(5000))]), (Stop::LongCursor(1), None));
    let many: Vec<PageInfo> = ["A", "B", "C", "D"].into_iter().map(|cursor| page(20, true, cursor)).collect();
    assert_eq!(stop(list, &many), (Stop::Cap(4), Some("D".to_owned())));
}

#[test]
fn what_has_no_pages_is_whole_or_refused() {
    let mut plain = pager("/v0/tag-groups?company_id=2b3a6d0c-3c1c-4b3e-9f0e-0a8a8f3c1d11");
    assert_eq!(plain.next(&PageInfo::read(&json!({"data": []}), 5)), Next::End);
    let refused = |method, path| Pager::new(&request_to(method, path, None), 9).expect_err("refused");
    assert_eq!(refused(Method::Get, "/v2/employees?before=A"), Unpaged::Backward);
    assert_eq!(refused(Method::Post, "/v3/export-jobs?x=1"), Unpaged::Writes);
}

#[test]
fn hostile_page_information_is_none() {
    for info in [json!(null), json!([1]), json!("x"), json!({"endCursor": 7, "hasNextPage": "yes", "total": -1})] {
        let read = PageInfo::read(&json!({"pagination": info}), 2);
        assert_eq!((read.end_cursor, read.has_next, read.total, read.records), (None, None, None, 2));
    }
}
