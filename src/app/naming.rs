//! Names of variants as the configuration writes them.

/// `SwitchEnvironment` as `switch_environment`, `Focus(Request)` as `focus_request`.
#[must_use]
pub fn snake(variant: &str) -> String {
    let mut name = String::new();
    for c in variant.chars().filter(|c| c.is_alphanumeric()) {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}
