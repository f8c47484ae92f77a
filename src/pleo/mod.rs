//! What Pleo offers: environments and hosts, credentials, the catalogue, requests and the rules before sending.

pub mod catalogue;
pub mod credential;
pub mod curl;
pub mod endpoint;
pub mod environment;
pub mod explain;
pub mod guard;
pub mod handing;
pub mod headers;
pub mod history;
pub mod identity;
pub mod links;
pub mod model;
pub mod money;
pub mod oauth;
pub mod openapi;
pub mod own;
pub mod paging;
pub mod preflight;
pub mod prepared;
pub mod privacy;
pub mod request;
pub mod retry;
pub mod timing;
pub mod transcript;
pub mod values;
